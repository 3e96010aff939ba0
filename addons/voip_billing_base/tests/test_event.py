"""Usage events: kept once, counted or in error, summed by day."""

import xmlrpc.client
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import VoipBillingCommon


class EventCommon(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._create_account(code="events-1", tz="Asia/Kolkata")
        cls.Event = cls.env["voip.usage.event"]
        cls.at = cls.env.cr.now().replace(
            hour=20, minute=0, second=0, microsecond=0
        ) - timedelta(days=3)

    def _event(self, number, **changes):
        return {
            "event_id": f"e-{number}",
            "account": "events-1",
            "source": "smsc",
            "event_type": "sms_outbound",
            "units": 1,
            "occurred_at": f"{self.at.isoformat()}Z",
            **changes,
        }

    def _count(self):
        self.env.flush_all()
        while self.Event.sudo()._count_waiting(self.env.company.id):
            pass
        self.env.invalidate_all()

    def _days(self):
        """[(type, source, day from the first, events, units)]."""
        days = self.env["voip.usage.event.day"].search(
            [("account_id", "=", self.account.id)], order="type_id, source, local_day"
        )
        first = self.at.date()
        return [
            (d.type_id.code, d.source, (d.local_day - first).days, d.events, d.units)
            for d in days
        ]


@tagged("post_install", "-at_install")
class TestEvents(EventCommon):
    def test_events_are_counted_on_the_local_day_by_type_and_source(self):
        early = f"{(self.at - timedelta(hours=2)).isoformat()}Z"
        answer = self.Event.record(
            [
                self._event(1),
                self._event(2, units=2),
                # 20:00 UTC is the next day in India, 18:00 is not.
                self._event(3, occurred_at=early),
                self._event(4, event_type="ai_tokens", units=1500),
                self._event(5, source="other"),
            ]
        )
        self.assertEqual(
            answer, {"received": 5, "accepted": 5, "duplicates": 0, "errors": []}
        )
        self._count()
        self.assertEqual(
            sorted(self._days()),
            [
                ("ai_tokens", "smsc", 1, 1, 1500),
                ("sms_outbound", "other", 1, 1, 1),
                ("sms_outbound", "smsc", 0, 1, 1),
                ("sms_outbound", "smsc", 1, 2, 3),
            ],
        )
        self.Event.record([self._event(6)])
        self._count()
        self.assertIn(("sms_outbound", "smsc", 1, 3, 4), self._days())
        self.assertWhole()

    def test_sent_again_it_is_a_duplicate_and_with_other_content_a_conflict(self):
        self.Event.record([self._event(1)])
        answer = self.Event.record(
            [
                self._event(1),
                self._event(2),
                self._event(2),
                self._event(1, units=2),
                self._event(2, units=2),
            ]
        )
        self.assertEqual(answer["accepted"], 1)
        self.assertEqual(answer["duplicates"], 2)
        self.assertEqual(
            [(e["index"], e["event_id"], e["code"]) for e in answer["errors"]],
            [(3, "e-1", "conflict"), (4, "e-2", "conflict")],
        )
        self._count()
        self.assertEqual(self._days(), [("sms_outbound", "smsc", 1, 2, 2)])
        answer = self.Event.record([self._event(1), self._event(1, source="x")])
        self.assertEqual((answer["accepted"], answer["duplicates"]), (1, 1))

    def test_a_bad_event_spoils_no_other(self):
        answer = self.Event.record(
            [self._event(1, units=-1), "x", self._event(2), {"event_id": "e-3"}]
        )
        self.assertEqual(answer["accepted"], 1)
        self.assertEqual(
            [(e["index"], e["event_id"], e["code"]) for e in answer["errors"]],
            [
                (0, "e-1", "bad_units"),
                (1, "", "bad_value"),
                (3, "e-3", "missing_field"),
            ],
        )
        # The same answer goes to clients of XML-RPC, which has no null.
        self.assertIn("bad_units", xmlrpc.client.dumps((answer,)))

    def test_a_call_that_makes_no_sense_is_refused(self):
        for given, words in (
            (None, "must be a list"),
            ({}, "must be a list"),
            ([{}] * 10_001, "At most 10000"),
        ):
            with self.assertRefused(UserError, words):
                self.Event.record(given)

    def test_what_has_no_account_or_type_is_an_error_that_staff_mend(self):
        closed = self._create_account(code="events-closed")
        closed._set_state("closed", "Gone")
        self.env["voip.usage.event.type"].create(
            {"name": "Old", "code": "old", "unit": "piece", "active": False}
        )
        self.Event.record(
            [
                self._event(1, account="nobody"),
                self._event(2, account="events-closed"),
                self._event(3, event_type="fax"),
                self._event(4, event_type="old"),
                self._event(5),
            ]
        )
        self._count()
        events = self.Event.search([("source", "=", "smsc")], order="id")
        self.assertEqual(
            events.mapped("error"),
            [
                "no_account",
                "account_closed",
                "unknown_event_type",
                "unknown_event_type",
                False,
            ],
        )
        self.assertEqual(self._days(), [("sms_outbound", "smsc", 1, 1, 1)])
        told = ("code nobody", "events-closed is closed", "no event type fax")
        for event, words in zip(events[:3], told, strict=True):
            self.assertIn(words, event.message)
        self.assertWhole()
        self._mend(events)

    def _mend(self, events):
        groups = "voip_billing_base.group_voip_user"
        user = new_test_user(self.env, "clerk", groups=groups)
        mine = events.with_user(user)
        mine[:2].account_code = "events-1"
        with self.assertRefused(UserError, "has no error"):
            mine[4].account_code = "nobody"
        with self.assertRefused(AccessError, "kept by the program"):
            mine[0].units = 5
        told = mine[:3].action_again()["params"]["message"]
        self.assertEqual(told, "2 counted, 1 still in error.")
        self.assertEqual(events.mapped("state")[:3], ["counted", "counted", "error"])
        self.assertEqual(self._days(), [("sms_outbound", "smsc", 1, 3, 3)])
        # What was sent is still what a repetition is compared with.
        answer = self.Event.record([self._event(1, account="nobody")])
        self.assertEqual(answer["duplicates"], 1)
        self.assertWhole()

    def test_what_needs_no_price_is_dismissed_with_a_reason_and_may_come_back(self):
        self.Event.record([self._event(1, account="nobody"), self._event(2)])
        self._count()
        groups = "voip_billing_base.group_voip_user"
        user = new_test_user(self.env, "dismisses", groups=groups)
        events = self.Event.with_user(user).search([("source", "=", "smsc")])
        wrong = events.filtered("error")
        for blank in (False, "  "):
            wrong.sudo().note = blank
            with self.assertRefused(UserError, "why it is dismissed"):
                wrong.action_dismiss()
        wrong.note = "A test of the sender"
        wrong.action_dismiss()
        self.assertEqual((wrong.state, wrong.error), ("dismissed", "no_account"))
        self.assertFalse(self.Event.search([("state", "=", "error")]))
        audit = self.env["voip.audit"].search([("event", "=", "event_dismissed")])
        self.assertEqual(audit[:1].res_id, wrong.id)
        with self.assertRefused(UserError, "has no error"):
            (events - wrong).note = "x"
        self.assertWhole()
        self._create_account(code="nobody")
        wrong.action_again()
        self.assertEqual((wrong.state, wrong.note), ("counted", False))
        self.assertWhole()

    def test_a_new_type_is_one_record_and_a_companys_own_comes_first(self):
        types = self.env["voip.usage.event.type"]
        types.create({"name": "Faxes", "code": "fax", "unit": "page"})
        own = types.create(
            {
                "name": "Our messages",
                "code": "sms_outbound",
                "unit": "part",
                "company_id": self.env.company.id,
            }
        )
        there = self.setup_other_company(name="Elsewhere")["company"]
        types.create(
            {"name": "x", "code": "secret", "unit": "x", "company_id": there.id}
        )
        self.Event.record(
            [
                self._event(1, event_type="fax"),
                self._event(2),
                self._event(3, event_type="secret"),
            ]
        )
        self._count()
        self.assertEqual(
            self.Event.search([("type_id", "=", own.id)]).mapped("event_ref"), ["e-2"]
        )
        self.assertEqual(
            self.Event.search([("error", "!=", False)]).mapped("event_ref"), ["e-3"]
        )
        self.assertIn(("fax", "smsc", 1, 1, 1), self._days())

    def test_what_all_companies_share_is_changed_by_who_works_for_each(self):
        other = self.env["res.company"].create({"name": "Other"})
        manager = new_test_user(
            self.env,
            login="one_company",
            groups="voip_billing_base.group_voip_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        kind = self.env.ref("voip_billing_base.event_type_sms_outbound")
        profile = self.env["voip.billing.profile"].create({"name": "Monthly"})
        for shared in (kind, kind.service_id, profile):
            theirs = shared.with_user(manager)
            for name, change in (
                ("write", lambda one=theirs: one.write({"name": "Mine"})),
                ("archive", theirs.action_archive),
                ("delete", theirs.unlink),
            ):
                with self.subTest(model=shared._name, change=name):
                    with self.assertRefused(AccessError, "is for all companies"):
                        change()
        values = {"name": "Own", "code": "own_kind", "unit": "page"}
        own = kind.with_user(manager).create(values)
        copied = kind.service_id.with_user(manager).copy()
        self.assertEqual([own.company_id, copied.company_id], [other, other])
        with self.assertRefused(AccessError, "is for all companies"):
            own.company_id = False
        with self.assertRefused(AccessError, "is for all companies"):
            own.create({**values, "code": "for_all", "company_id": False})
        manager.company_ids = self.env["res.company"].search([])
        kind.with_user(manager).name = "Short messages"
        self.assertEqual(kind.name, "Short messages")

    @mute_logger("odoo.sql_db")
    def test_codes_of_types_are_unique_and_of_a_form(self):
        types = self.env["voip.usage.event.type"]
        for code in ("sms_outbound", "SMS", "a-b", "a b", ""):
            with self.assertRaises(Exception), self.env.cr.savepoint():  # noqa: B017
                types.create({"name": "x", "code": code, "unit": "x"})
                self.env.flush_all()

    def test_a_type_with_events_is_archived_and_moves_its_category(self):
        self.Event.record([self._event(1)])
        self._count()
        kind = self.env.ref("voip_billing_base.event_type_sms_outbound")
        kind.category = "other"
        self.env.flush_all()
        day = self.env["voip.usage.event.day"].search([("type_id", "=", kind.id)])
        self.assertEqual(day.category, "other")
        self.assertWhole()

    def test_a_sum_that_was_changed_is_found(self):
        self.Event.record([self._event(1)])
        self._count()
        self.env.cr.execute("UPDATE voip_usage_event_day SET units = units + 1")
        found = self.env["voip.check"].sudo().run()
        broken = [check["name"] for check in found if check["violations"]]
        self.assertEqual(broken, ["event_days"])

    def test_the_scheduled_action_counts_what_waits(self):
        self.Event.record([self._event(1)])
        cron = self.env.ref("voip_billing_base.ir_cron_count_events")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._days(), [("sms_outbound", "smsc", 1, 1, 1)])
        self.assertLessEqual(len(triggers), 1)


@tagged("post_install", "-at_install")
class TestEventRights(EventCommon):
    def test_keys_for_events_and_switches_send_and_read_nothing(self):
        for group in ("events", "switch"):
            key = new_test_user(
                self.env,
                f"key-{group}",
                groups=f"voip_billing_base.group_voip_{group}",
                company_id=self.env.company.id,
                company_ids=[(6, 0, self.env.company.ids)],
            )
            events = self.Event.with_user(key)
            self.assertEqual(events.record([self._event(group)])["accepted"], 1)
            own = self.Event.search([("event_ref", "=", f"e-{group}")])
            self.assertEqual(own.company_id, self.env.company)
            with self.assertRaises(AccessError):
                own.with_user(key).read(["units"])
            with self.assertRaises(AccessError):
                own.with_user(key).action_again()
        for group in ("base.group_user", "voip_billing_base.group_voip_viewer"):
            nobody = new_test_user(self.env, f"nobody-{group}", groups=group)
            with self.assertRefused(AccessError, "scope of events"):
                self.Event.with_user(nobody).record([self._event(9)])

    def test_an_event_finds_no_account_of_another_company(self):
        there = self.setup_other_company(name="Elsewhere")["company"]
        self.Event.with_company(there).record([self._event(1)])
        self.Event.record([self._event(1)])
        self.env.flush_all()
        self.Event.sudo()._count_waiting(there.id)
        self._count()
        events = self.Event.sudo().search([("event_ref", "=", "e-1")])
        self.assertEqual(
            {e.company_id: e.error for e in events},
            {there: "no_account", self.env.company: False},
        )
