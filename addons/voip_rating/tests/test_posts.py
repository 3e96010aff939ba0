"""Posted records: gathered into batches, none of them lost, doubled or out of order."""

from datetime import timedelta
from unittest.mock import patch

import psycopg2
from psycopg2 import errors

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.voip_billing_base.models import voip_job

from ..records import voip_cdr_post
from .common import VoipRatingCommon


class PostsCommon(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deck = cls._create_deck(
            rates=[{"prefix": "44", "price_per_minute": "0.01"}]
        )
        cls.account = cls._create_account(deck_id=cls.deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch()
        cls.Post = cls.env["voip.cdr.post"]
        cls.Batch = cls.env["voip.cdr.batch"]
        cls.cron = cls.env.ref("voip_rating.ir_cron_rate")
        cls.Post.sudo().search([]).unlink()

    def _record(self, call_id, **values):
        start = f"{self.env.cr.now().date().replace(day=1)}T00:00:00Z"
        return {
            "call_id": call_id,
            "called": "442071234567",
            "start": start,
            "answer": start,
            "duration": "60",
            "trunk": self.trunk.code,
            **values,
        }

    def _post(self, *call_ids, switch=None, format="generic", **values):
        records = [self._record(call_id, **values) for call_id in call_ids]
        answer = self.env["voip.cdr"]._post(switch or self.switch, records, format)
        self.assertEqual(answer["queued"], len(call_ids))

    def _gather(self):
        """The batches that the worker makes of what has come."""
        before = self.Batch.search([], order="id desc", limit=1).id or 0
        with patch.object(voip_cdr_post, "REST_SECONDS", 0):
            self.Post._gather()
        self.env.invalidate_all()
        return self.Batch.search([("id", ">", before)], order="id")

    def _calls(self, batch):
        calls = self.env["voip.cdr"].search([("batch_id", "=", batch.id)])
        return calls.sorted("position").mapped("call_id")


@tagged("post_install", "-at_install")
class TestPosts(PostsCommon):
    def test_posts_become_one_batch_in_their_order(self):
        for number in range(5):
            self._post(f"a{number}")
        self._post("b0", "b1")
        batch = self._gather()
        self.assertRecordValues(
            batch, [{"door": "post", "state": "waiting", "post_count": 7}]
        )
        batch._work()
        self.assertRecordValues(
            batch,
            [{"state": "done", "accepted": 7, "rated": 7, "post_count": 0}],
        )
        self.assertEqual(self._calls(batch), ["a0", "a1", "a2", "a3", "a4", "b0", "b1"])
        self.assertFalse(self.Post.search([]))
        self.assertWhole()

    def test_each_switch_and_format_has_a_batch_of_its_own(self):
        other = self._create_switch()
        self._post("a")
        self._post("b", switch=other)
        self._post("c", format="asterisk_csv")
        self._post("d")
        batches = self._gather()
        found = [(b.switch_id, b.format_id.code, b.post_count) for b in batches]
        self.assertEqual(
            found,
            [
                (self.switch, "generic", 2),
                (other, "generic", 1),
                (self.switch, "asterisk_csv", 1),
            ],
        )

    def test_a_batch_is_bounded_in_records_and_bytes(self):
        for limits, sizes in (
            ({"MOST": 3}, [3, 3, 1]),
            ({"MOST_BYTES": 1}, [1] * 7),
            ({"MOST_BYTES": 1_000}, None),
        ):
            with self.subTest(limits):
                self._post(*(f"{limits}-{number}" for number in range(7)))
                with patch.multiple(voip_cdr_post, **limits):
                    batches = self.Batch
                    while batch := self._gather():
                        batches |= batch
                found = batches.mapped("post_count")
                self.assertEqual(sum(found), 7)
                if sizes:
                    self.assertEqual(found, sizes)
                else:
                    self.assertTrue(1 < len(found) < 7, found)

    def test_what_has_just_come_rests_for_others_to_come(self):
        self._post("young")
        self.assertEqual(self.Post._gather(), (False, True))
        with patch.object(voip_cdr_post, "REST_SECONDS", 0):
            self.assertEqual(self.Post._gather(), (True, False))
            self.assertEqual(self.Post._gather(), (False, False))

    def test_the_worker_stays_until_what_rests_is_charged(self):
        self._post("resting")
        with (
            patch.object(voip_cdr_post, "REST_SECONDS", 0.3),
            self.enter_registry_test_mode(),
        ):
            self.cron.method_direct_trigger()
        self.env.invalidate_all()
        call = self.env["voip.cdr"].search([("call_id", "=", "resting")])
        self.assertEqual(call.batch_id.state, "done")
        self.assertEqual(call.batch_id.rated, 1)

    def test_whatever_json_says_is_kept(self):
        values = {"nul": "\0", "half": "\ud800", "deep": [{"a": [1.5]}]}
        records = [self._record("odd", **values)]
        self.env["voip.cdr"]._post(self.switch, records, "generic")
        batch = self._gather()
        batch._work()
        self.assertEqual((batch.state, batch.received), ("done", 1))
        self.assertEqual(batch.error_ids.code, "bad_metadata")
        self._post("fine", letter="é😀")
        batch = self._gather()
        batch._work()
        call = self.env["voip.cdr"].search([("batch_id", "=", batch.id)])
        self.env.cr.execute(
            "SELECT metadata ->> 'letter' FROM voip_cdr_row WHERE id = %s", [call.id]
        )
        self.assertEqual(self.env.cr.fetchone()[0], "é😀")

    def test_a_post_that_is_sent_again_is_a_duplicate(self):
        self._post("again")
        self._post("again")
        self._post("again", duration="61")
        batch = self._gather()
        batch._work()
        self.assertRecordValues(
            batch, [{"received": 3, "accepted": 1, "duplicates": 1, "conflicts": 1}]
        )

    def test_a_malformed_call_leaves_no_post(self):
        for records, layout in (
            ([5], "generic"),
            ("x", "generic"),
            ([{}], "none-such"),
            ([{}] * 10_001, "generic"),
        ):
            with self.subTest(layout), self.assertRaises(UserError):
                self.env["voip.cdr"]._post(self.switch, records, layout)
        self.assertFalse(self.Post.search([]))


@tagged("post_install", "-at_install")
class TestPostsThatFail(PostsCommon):
    def _fail(self, batch, error, **kept):
        with patch.object(type(batch), "_keep_counts", side_effect=error):
            batch._work()

    def test_a_passing_error_leaves_batch_and_posts_to_be_tried_again(self):
        self._post("a", "b")
        batch = self._gather()
        self._fail(batch, errors.DeadlockDetected("deadlock detected"))
        self.assertEqual((batch.state, batch.post_count), ("waiting", 2))
        self.assertTrue(batch.retry_at)
        self.assertFalse(self._gather(), "no other batch takes them")
        batch._work()
        self.assertEqual(self._calls(batch), ["a", "b"])

    def test_what_never_works_is_given_up_and_stays_readable(self):
        self._post("a", "b")
        batch = self._gather()
        self._fail(batch, UserError("The format is mad."))
        self.assertEqual((batch.state, batch.post_count), ("failed", 2))
        self.assertIn("The format is mad. Nothing of it was stored", batch.message)
        viewer = new_test_user(
            self.env, "post-viewer", "voip_billing_base.group_voip_viewer"
        )
        action = batch.with_user(viewer).action_view_posts()
        posts = self.Post.with_user(viewer).search(action["domain"])
        self.assertIn('"call_id":"a"', posts[0].record)
        self.assertEqual(self.switch.with_user(viewer).post_count, 2)
        batch.action_rate()
        self.assertEqual((batch.state, batch.rated), ("done", 2))
        self.assertFalse(self.switch.post_count)

    @mute_logger("odoo.addons.voip_billing_base.models.voip_job", "odoo.sql_db")
    def test_a_value_that_cannot_be_stored_is_given_up_alone(self):
        self._post("a", "b", "poison", "c", "d")
        batch = self._gather()
        cls = type(batch)
        keep = cls._keep_counts

        def poisoned(batch, store):
            keep(batch, store)
            if "poison" in self._calls(batch):
                self.env.cr.execute("SELECT 1 / 0")

        with patch.object(cls, "_keep_counts", poisoned):
            for _half in range(4):
                batch._work()
                batch = self.Batch.search(
                    [("switch_id", "=", self.switch.id), ("state", "=", "waiting")],
                    limit=1,
                )
        batches = self.Batch.search([("switch_id", "=", self.switch.id)])
        failed = batches.filtered(lambda one: one.state == "failed")
        self.assertEqual(failed.post_count, 1)
        self.assertIn("poison", self.Post.search([]).record)
        self.assertEqual(sum(batches.mapped("rated")), 4)
        self.assertWhole()

    def test_posts_of_an_undone_batch_no_longer_wait(self):
        self._post("a")
        batch = self._gather()
        self._fail(batch, UserError("No."))
        batch.action_undo()
        self.assertEqual((batch.state, batch.post_count), ("undone", 1))
        self.assertFalse(self.switch.post_count)

    def test_only_posts_that_are_stuck_stop_a_billing_run(self):
        run = self.env["voip.billing.run"].new({"company_id": self.env.company.id})

        def found():
            return [one.kind for one in run._unfinished()]

        before = found()
        self._post("a")
        self.assertEqual(found(), before)
        self._age()
        self.assertEqual(found(), [*before, "post"])
        self.assertIn(self.switch.name, run._unrated_sentence(run._unfinished()))
        batch = self._gather()
        self.assertEqual(found(), before)
        self._fail(batch, errors.DeadlockDetected("deadlock detected"))
        self.assertEqual(found(), [*before, "waiting"])

    def _age(self):
        self.env.cr.execute(
            "UPDATE voip_cdr_post SET received_at = received_at - interval '2 minutes'"
        )


@tagged("post_install", "-at_install")
class TestPostsWake(PostsCommon):
    def setUp(self):
        super().setUp()
        self._triggers().unlink()

    def _triggers(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])

    def test_many_posts_leave_one_trigger(self):
        for _post in range(3):
            self.Post._wake_once()
        self.assertEqual(len(self._triggers()), 1)

    def test_a_trigger_that_a_run_is_removing_is_no_plan(self):
        self.Post._wake_once()
        self.env.flush_all()
        # As the run's own transaction does: begun, not committed.
        with self.env.cr.savepoint(flush=False) as savepoint:
            self._triggers().unlink()
            self.env.flush_all()
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertEqual(len(self._triggers()), 1)
        self.Post._wake_once()
        self.assertEqual(len(self._triggers()), 2)

    def test_a_trigger_of_a_later_time_is_no_plan(self):
        self.Batch._wake_worker(self.env.cr.now() + timedelta(minutes=5))
        self.Post._wake_once()
        self.assertEqual(len(self._triggers()), 2)

    def test_a_lost_connection_costs_the_wake_up_only(self):
        lost = psycopg2.OperationalError("server closed the connection")
        with (
            patch.object(type(self.Batch), "_plan", side_effect=lost),
            self.assertLogs(voip_job.__name__, "WARNING"),
        ):
            self.Post._wake_once()


@tagged("post_install", "-at_install")
class TestPostsRights(PostsCommon):
    def test_nobody_but_the_program_writes_posts_and_a_switch_reads_none(self):
        self._post("a")
        post = self.Post.search([])
        self.switch.action_create_key()
        users = [self.switch.user_id]
        for level in ("viewer", "user", "manager", "admin"):
            users.append(
                new_test_user(
                    self.env, f"post-{level}", f"voip_billing_base.group_voip_{level}"
                )
            )
        for user in users:
            own = post.with_user(user)
            with self.subTest(user=user.login):
                for act in (
                    lambda own=own: own.write({"record": "{}"}),
                    lambda own=own: own.unlink(),
                    lambda own=own: own.create({"record": "{}"}),
                ):
                    with self.assertRaises(AccessError):
                        act()
        with self.assertRaises(AccessError):
            post.with_user(self.switch.user_id).read(["record"])
