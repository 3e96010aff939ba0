"""What rental follows from, changed behind the product's back."""

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.voip_rating.tests.tamper_common import TamperCommon

from .common import NumbersCommon

DAY = "2026-11-29 12:00:00"


@tagged("post_install", "-at_install")
class TestTamperTerms(TamperCommon, NumbersCommon):
    def setUp(self):
        super().setUp()
        self.did = self._did("4930555009")
        with freeze_time(DAY):
            self.held = self._assign(self.did, "2026-10-01")
            self._charge()
        self.assertEqual(len(self._charges(self.held)), 2)
        self.assertEqual(self._violated(full=True), set())

    def assertSeenOf(self, name, record, change):
        with self.subTest(change):
            statement = f"UPDATE {record._table} SET {change} WHERE id = {record.id}"
            self.assertSeen(name, statement)

    def test_no_month_is_skipped_and_no_look_is_put_off(self):
        for change in (
            "settled_until = '2026-12-31'",
            "settled_until = '2026-12-31', due_on = '2027-01-01'",
            "due_on = '2027-02-01'",
            "due_on = 'infinity'",
        ):
            self.assertSeenOf("did_settled", self.held, change)

    def test_a_month_after_the_last_day_is_given_back(self):
        day = "'2026-10-31'"
        end = f"date_end = {day}, settled_until = {day}, due_on = '2027-01-01'"
        self.assertSeenOf("did_after", self.held, end)

    def test_months_that_cost_nothing_are_settled_without_a_charge(self):
        with freeze_time(DAY):
            free = {"fee": "monthly", "price": 0.0, "effective_from": "2026-12-01"}
            self.plan.price_ids = [(0, 0, free)]
        with freeze_time("2027-02-10 12:00:00"):
            self._charge()
        self.assertEqual(str(self.held.settled_until), "2027-01-31")
        self.assertEqual(len(self._charges(self.held)), 2)
        self.assertEqual(self._violated(full=True), set())

    def test_suspended_months_are_settled_without_a_charge(self):
        with freeze_time(DAY):
            self.did._suspend("Asked for.")
        with freeze_time("2027-02-10 12:00:00"):
            self._charge()
            self.assertEqual(self._violated(full=True), set())
            self.did._resume()
        self.assertEqual(self._violated(full=True), set())
        self.assertSeenOf("did_settled", self.held, "settled_until = '2027-03-31'")

    def test_the_database_refuses_changes_of_what_numbers_were_charged_and_cost(self):
        for table in ("charge", "charge_kept", "cost", "caller"):
            statement = f"ALTER TABLE voip_did_{table} DISABLE TRIGGER voip_no_change"
            self.assertSeen("did_refuses", statement)

    def test_an_assignment_ends_when_the_audit_trail_says(self):
        for end in ("2026-11-20", "2026-12-20"):
            self.assertSeenOf("did_ends", self.held, f"date_end = '{end}'")
        with freeze_time(DAY):
            self.held.date_end = "2026-10-20"
            self.assertEqual(self._violated(full=True), set())
            self._charge()
        self.assertEqual(self._violated(full=True), set())
        self.assertSeenOf("did_ends", self.held, "date_end = NULL")
        with freeze_time(DAY):
            self.held.date_end = False
            self.assertEqual(self._violated(full=True), set())

    def test_a_number_is_suspended_for_rental_that_is_unpaid(self):
        with freeze_time(DAY):
            self.held.sudo().unpaid_since = "2026-11-20"
            self.held.sudo()._suspend("unpaid", "The rental is not paid.")
        self.assertEqual(self._violated(full=True), set())
        for value in ("NULL", "'2026-11-30'"):
            self.assertSeenOf("did_unpaid", self.held, f"unpaid_since = {value}")

    def test_terms_that_nobody_changed_are_those_of_the_new_plan(self):
        for change in ("advance = 'arrears'", "gives_back = false", "release_days = 1"):
            self.assertSeenOf("did_terms", self.plan, change)

    def test_terms_that_were_changed_are_those_of_the_audit_trail(self):
        self.plan.write({"advance": "arrears", "charges_suspended": True})
        self.plan.write({"gives_back": False, "prorate": "whole", "grace_days": 5})
        self.did.write({"cost_monthly": 0.4, "cost_setup": 1.0})
        self.did.write({"cost_setup": 0, "kind": "national"})
        self.assertEqual(self._violated(full=True), set())
        for change in (
            "advance = 'advance'",
            "charges_suspended = false",
            "gives_back = true",
            "prorate = 'day'",
            "grace_days = 300",
        ):
            self.assertSeenOf("did_terms", self.plan, change)
        for change in ("cost_monthly = 0.2", "cost_setup = 2", "kind = 'mobile'"):
            self.assertSeenOf("did_terms", self.did, change)
