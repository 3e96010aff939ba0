"""What is refused at the door is listed as it was sent, corrected and taken."""

import json
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..events.voip_billing_run import ERRORS_SQL
from .test_event_price import EventPriceCommon


@tagged("post_install", "-at_install")
class TestEventRefused(EventPriceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Refused = cls.env["voip.usage.event.refused"]
        groups = "voip_billing_base.group_voip_user"
        cls.clerk = new_test_user(cls.env, "refusals", groups=groups)

    def _refused(self, *events):
        """What is listed of a call, as staff see it, in the order of the ids."""
        self.Event.record(list(events))
        self.env.invalidate_all()
        return self.Refused.with_user(self.clerk).search([], order="id")

    def test_a_refused_event_is_listed_as_it_was_sent_and_once(self):
        bad = self._event(1, units=-1, colour="red")
        listed = self._refused(bad, self._event(2), "x", {"event_id": "e-3"})
        self.assertEqual(
            sorted(listed.mapped(lambda r: (r.code, r.event_ref, r.source))),
            [
                ("bad_units", "e-1", "smsc"),
                ("bad_value", False, False),
                ("missing_field", "e-3", False),
            ],
        )
        one = listed.filtered(lambda r: r.code == "bad_units")
        self.assertEqual(json.loads(one.payload), bad)
        self.assertEqual(one.account_code, "events-1")
        self.assertEqual(one.occurred_at, self.at)
        self.assertIn("units: '-1' is no whole number", one.message)
        again = self._refused(bad, self._event(1, units=-2)) - listed
        self.assertEqual(json.loads(again.payload)["units"], -2)

    def test_corrected_it_is_an_event_and_sent_again_a_duplicate(self):
        self._price(0.5)
        bad = self._event(1, units="two")
        one = self._refused(bad)
        self.assertIn("Still refused", one.action_again()["params"]["message"])
        self.assertEqual(one.state, "open")
        one.fix = '{"units": 2}'
        told = one.action_again()["params"]["message"]
        self.assertEqual((told, one.state), ("1 taken, 0 still refused.", "taken"))
        self._count()
        self.assertEqual(self._sent(1).amount, 1.0)
        self.assertEqual(self.Event.record([self._event(1, units=2)])["duplicates"], 1)
        self.assertEqual(self._refused(bad), one)
        self.assertEqual(one.state, "taken")
        with self.assertRefused(UserError, "Only open"):
            one.fix = '{"units": 3}'
        audit = self.env["voip.audit"].search([("event", "=", "event_taken")], limit=1)
        self.assertEqual((audit.res_model, audit.res_id), (one._name, one.id))
        self.assertWhole()

    def test_a_conflict_is_another_event_or_none(self):
        self.Event.record([self._event(1)])
        first, second = self._refused(self._event(1, units=2), self._event(1, units=3))
        first.fix = '{"event_id": "e-1b"}'
        second.note = "The sender counts retries"
        (first | second).action_again()
        self.assertEqual((first + second).mapped("state"), ["taken", "open"])
        second.action_dismiss()
        self.assertEqual(second.state, "dismissed")
        self.assertEqual(self._sent("1b").units, 2)

    def test_a_correction_that_is_none_is_refused_in_words(self):
        one = self._refused(self._event(1, units=-1))
        for fix, words in (("{", "is not JSON"), ("[1]", "is no object")):
            one.fix = fix
            with self.assertRefused(UserError, f"correction of e-1 {words}"):
                one.action_again()
        with self.assertRefused(UserError, "why it is dismissed"):
            one.action_dismiss()

    def test_a_correction_and_a_note_are_no_longer_than_an_event(self):
        one = self._refused(self._event(1, units=-1))
        one.write({"fix": f'{{"units": 2}}{" " * 16_000}', "note": "x" * 1_000})
        for name, most in (("fix", "16,384"), ("note", "1,000")):
            with self.assertRefused(UserError, f"3,000,000 characters, at most {most}"):
                one.write({name: "x" * 3_000_000})

    def test_staff_edit_the_correction_only_and_nothing_vanishes(self):
        one = self._refused(self._event(1, units=-1))
        for values in ({"payload": "{}"}, {"state": "taken"}, {"code": "future"}):
            with self.assertRefused(AccessError, "kept by the program"):
                one.write(values)
        for attempt in (
            one.sudo().unlink,
            lambda: self.Refused.create({"payload": "{}"}),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_what_is_too_long_is_kept_in_part_and_never_taken_in_part(self):
        one = self._refused(self._event(1, metadata={"x": "y" * 20_000}))
        self.assertLess(len(one.payload), 17_000)
        self.assertIn("metadata: 20,", one.message)
        one.fix = '{"units": 1}'
        self.assertIn("too long to be kept", one.action_again()["params"]["message"])
        one.fix = '{"_sent": null}'
        one.action_again()
        self.assertEqual(self._sent(1).metadata, {})

    def test_poison_is_listed_and_spoils_nothing(self):
        deep = []
        for _level in range(900):
            deep = [deep]
        poison = (
            self._event(1, account="\0", source="\ud800"),
            self._event(2, units=float("nan")),
            self._event(3, units=10**300, occurred_at="9999-12-31T23:59:59-23:59"),
            self._event(4, metadata={"a": "\0", "b": deep}),
            self._event("é" * 200),
            {"event_id": {"a": 1}, "source": ["x"]},
            [],
            None,
            7,
        )
        listed = self._refused(*poison, self._event(9))
        self.assertEqual(len(listed), len(poison))
        self.assertTrue(self._sent(9))
        listed.action_again()
        self.assertEqual(set(listed.mapped("state")), {"open"})

    def test_it_stops_the_invoice_of_the_account_that_it_names(self):
        month = self.at.date().replace(day=1)
        bad = self._event(1, units=-1, occurred_at=f"{month}T00:00:00Z")
        self._refused(bad, self._event(2, units=-1, account="nobody"))
        self.env.cr.execute(
            ERRORS_SQL, [self.env.company.id, self.at + timedelta(days=9)]
        )
        rows = self.env.cr.fetchall()
        self.assertEqual([(r[0], r[2]) for r in rows], [(self.account.id, 1)])
        # The sentence leads to the list where they are.
        told = self.env["voip.billing.run"]._events_sentence(1)
        self.assertIn("Event Errors or Refused Events", told)

    def test_another_company_sees_nothing_of_it(self):
        there = self.setup_other_company(name="Elsewhere")["company"]
        self.Event.with_company(there).record([self._event(1, units=-1)])
        self.assertFalse(self._refused(self._event(2)))
