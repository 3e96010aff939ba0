"""Batches that fail: tried again by themselves, or given up with a reason."""

from contextlib import nullcontext
from datetime import timedelta
from unittest.mock import patch

import psycopg2
from psycopg2 import errors

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.voip_rating.calls.read import BadFile

from .common import VoipRatingCommon

JOB = "odoo.addons.voip_billing_base.models.voip_job"
LOST = psycopg2.OperationalError("server closed the connection unexpectedly")
RAW = "could not serialize access due to concurrent update"


class Kept(nullcontext):
    """A savepoint that takes nothing back."""

    def rollback(self):
        """Keep it."""

    def close(self, rollback=False):
        """Keep it."""


@tagged("post_install", "-at_install")
class TestBatchJob(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(rates=[{"prefix": "44", "price_per_minute": "0.01"}])
        cls.account = cls._create_account(deck_id=deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch()
        cls.cron = cls.env.ref("voip_rating.ir_cron_rate")
        cls.Batch = cls.env["voip.cdr.batch"]
        cls.count = 0

    def _stored(self, switch=None):
        """A batch of one call that waits."""
        type(self).count += 1
        start = f"{self.env.cr.now().date().replace(day=1)}T00:00:00Z"
        answer = self.env["voip.cdr"].ingest(
            switch=(switch or self.switch).code,
            records=[
                {
                    "call_id": f"job-{self.count}",
                    "called": "442071234567",
                    "start": start,
                    "answer": start,
                    "duration": "60",
                    "trunk": self.trunk.code,
                }
            ],
        )
        return self.Batch.browse(answer["batch"])

    def _fail(self, batch, *causes):
        """Work the batch while each try meets one of the errors."""
        for cause in causes:
            with patch.object(type(batch), "_rate", side_effect=cause):
                batch._work()

    def _triggers(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])

    def _managers(self, count):
        return self.env["res.users"].union(
            *(
                new_test_user(
                    self.env,
                    f"manager{number}",
                    "voip_billing_base.group_voip_manager",
                    company_id=self.env.company.id,
                    company_ids=[(6, 0, self.env.company.ids)],
                )
                for number in range(count)
            )
        )

    def test_a_batch_that_a_temporary_error_met_waits_and_counts(self):
        for error in (
            errors.QueryCanceled("canceling statement due to statement timeout"),
            errors.LockNotAvailable("canceling statement due to lock timeout"),
            LOST,
            psycopg2.InterfaceError("connection already closed"),
            psycopg2.pool.PoolError("The Connection Pool Is Full"),
            MemoryError(),
            OSError(28, "No space left on device"),
        ):
            with self.subTest(error=repr(error)):
                batch = self._stored()
                self._fail(batch, error)
                self.assertEqual((batch.state, batch.try_count), ("waiting", 1))
                self.assertGreater(batch.retry_at, self.env.cr.now())
                self.assertTrue(batch.message)
                self.assertNotIn(str(error) or "MemoryError", batch.message)
                self.assertFalse(batch.activity_ids)
                batch.action_rate()
                self.assertEqual((batch.state, batch.message), ("done", False))
                self.assertFalse(batch.retry_at)
        self.assertWhole()

    @mute_logger(JOB)
    def test_a_batch_that_can_never_be_rated_fails_with_a_sentence(self):
        self._managers(1)
        for error, sentence in (
            (UserError("Deck A has no rates."), "Deck A has no rates."),
            (BadFile("line 5 cannot be read"), "calls.csv: line 5 cannot be read"),
            (
                errors.NumericValueOutOfRange("numeric field overflow"),
                "A value cannot be stored in the database: numeric field overflow.",
            ),
            (
                psycopg2.IntegrityError("duplicate key"),
                "A value cannot be stored in the database: duplicate key.",
            ),
            (ZeroDivisionError("by zero"), "does not know: ZeroDivisionError"),
            (KeyError("rate"), "server's log has its details"),
        ):
            # The driver's own errors have their code from the server only.
            coded = patch.object(type(error), "pgcode", "22003", create=True)
            with self.subTest(error=repr(error)):
                batch = self._stored()
                batch.sudo().file_name = "calls.csv"
                if isinstance(error, psycopg2.Error):
                    with coded:
                        self._fail(batch, error)
                else:
                    self._fail(batch, error)
                self.assertEqual((batch.state, batch.retry_at), ("failed", False))
                self.assertIn(sentence, batch.message)
                self.assertTrue(batch.activity_ids)
                batch.action_rate()
                self.assertEqual(batch.state, "done")
        self.assertWhole()

    def test_tries_come_at_growing_distances_with_a_trigger_each(self):
        batch, now = self._stored(), self.env.cr.now().replace(microsecond=0)
        for seconds in (5, 15, 60, 300, 900, 900):
            self._fail(batch, LOST)
            self.assertEqual(batch.retry_at, now + timedelta(seconds=seconds))
            self.assertIn(batch.retry_at, self._triggers().mapped("call_at"))
        self.assertEqual(batch.try_count, 6)

    def test_managers_of_the_company_have_one_activity_until_it_is_rated(self):
        managers = self._managers(2)
        foreign = new_test_user(
            self.env,
            "foreign",
            "voip_billing_base.group_voip_manager",
            company_id=self.env["res.company"].create({"name": "Other"}).id,
        )
        batch = self._stored()
        self._fail(batch, UserError("first"), UserError("second"))
        told = batch.activity_ids.user_id
        self.assertLessEqual(managers, told)
        self.assertNotIn(foreign, told)
        self.assertEqual(len(batch.activity_ids), len(told))
        batch.action_rate()
        self.assertFalse(batch.activity_ids)

    def test_a_manager_marks_the_activity_done(self):
        manager = self._managers(1)
        batch = self._stored()
        self._fail(batch, UserError("broken"))
        activity = batch.activity_ids.filtered(lambda one: one.user_id == manager)
        activity.with_user(manager).action_feedback(feedback="Deck mended")
        self.assertNotIn(manager, batch.activity_ids.user_id)
        batch.with_user(manager).action_rate()
        self.assertEqual(batch.state, "done")

    def test_neighbours_of_a_batch_that_is_put_off_are_rated(self):
        batches = self._stored() | self._stored() | self._stored()
        rate = type(batches)._rate

        def broken(self):
            if batches[1] in self:
                raise errors.LockNotAvailable("lock timeout")
            return rate(self)

        with patch.object(type(batches), "_rate", broken):
            batches._work()
        self.assertEqual(batches.mapped("state"), ["done", "waiting", "done"])
        self.assertEqual(batches.mapped("try_count"), [0, 1, 0])
        self.assertWhole()

    def test_a_batch_rated_by_a_commit_whose_answer_was_lost_is_no_failure(self):
        batch = self._stored()
        rate = type(batch)._rate

        def lost(self):
            rate(self)
            self.env.flush_all()
            raise LOST

        with (
            patch.object(type(batch), "_rate", lost),
            # What was committed stays, whatever is raised after it.
            patch.object(
                type(self.env.cr), "savepoint", lambda cr, flush=True: Kept()
            ),
        ):
            batch._work()
        self.assertEqual((batch.state, batch.try_count), ("done", 0))
        self.assertWhole()

    def test_fresh_batches_do_not_wait_for_those_tried_again_nor_these_for_them(self):
        # Switches alternate, so that each batch is a group.
        others = [self.switch, self._create_switch()]
        put_off = self.Batch.union(*(self._stored() for _count in range(4)))
        for batch in put_off:
            self._fail(batch, LOST)
        fresh = [self._stored(others[number % 2]) for number in range(3)]
        self.assertEqual(self.Batch._next_steps(), [[batch] for batch in fresh])
        past = self.env.cr.now().replace(microsecond=0) - timedelta(seconds=1)
        put_off.sudo().write({"retry_at": past})
        self.assertEqual(
            self.Batch._next_steps(),
            [list(step) for step in zip(fresh, put_off[:3], strict=True)],
        )
        self.Batch.union(*fresh)._work()
        self.assertEqual(self.Batch._next_steps(), [[put_off[0]]])

    def test_the_scheduled_action_rates_what_came_while_it_worked(self):
        first, late = self._stored(), []
        work = type(first)._work

        def slow(batches):
            work(batches)
            if not late:
                late.append(self._stored())

        with (
            patch.object(type(first), "_work", slow),
            self.enter_registry_test_mode(),
        ):
            self.cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(late[0].state, "done")

    def test_each_stored_batch_leaves_a_trigger_of_its_own(self):
        self._triggers().unlink()
        self._stored()
        self._stored()
        self.assertEqual(len(self._triggers()), 2)
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.assertFalse(self._triggers())

    def test_a_rated_batch_says_when_to_the_millisecond(self):
        batch = self._stored()
        self.assertFalse(batch.done_at)
        batch._work()
        self.env.cr.execute(
            "SELECT done_at = date_trunc('milliseconds', done_at),"
            " done_at > create_date FROM voip_cdr_batch WHERE id = %s",
            [batch.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (True, True))
