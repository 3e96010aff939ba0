"""A run looks only at rental that is due or has changed."""

from datetime import date
from decimal import Decimal

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import NumbersCommon


@tagged("post_install", "-at_install")
class TestDue(NumbersCommon):
    def setUp(self):
        super().setUp()
        with freeze_time("2026-03-10 12:00:00"):
            self.terms = self._plan("due", 3.1, quarantine_days=0)
            self.did = self._did()
            self.one = self._assign(self.did, "2026-03-10", plan=self.terms)
            self.assertTrue(self._due())
            self._charge()

    def _due(self):
        assignments = self.env["voip.did.assignment"]
        return assignments._accounts_due(self.env.company) == self.account.ids

    def test_what_is_charged_is_looked_at_no_more_until_its_day(self):
        for moment, due in (
            ("2026-03-10 12:00:00", False),
            ("2026-03-31 23:00:00", False),
            ("2026-04-01 00:30:00", True),
        ):
            with freeze_time(moment):
                self.assertEqual(self._due(), due, moment)

    def test_a_last_day_in_a_month_that_is_over_gives_back_all_after_it(self):
        with freeze_time("2026-05-04 12:00:00"):
            self._charge()
            # 22 days of March, April and May by 3.10; 7 days of March are left.
            self.one.date_end = "2026-03-16"
            self.assertEqual(self._charge(), {"USD": "-7.70000000"})
            self.assertFalse(self._due())
            self.one.date_end = "2026-03-15"
            self.assertEqual(self._charge(), {"USD": "-0.10000000"})
            self.one.date_end = "2026-04-30"
            self.assertEqual(self._charge(), {"USD": "4.70000000"})
        self.assertWhole()

    def test_the_last_day_of_a_month_that_is_over_gives_back_what_follows(self):
        other = self._create_account(code="numbers-2", cycle="monthly")
        with freeze_time("2026-04-01 12:00:00"):
            self.assertEqual(self._charge(), {"USD": "3.10000000"})
            self.did._move(other, self.terms, date(2026, 4, 1))
            self.assertEqual(self._sum(self.one), 2.2)
            self.assertFalse(self._due())
        with freeze_time("2026-05-03 12:00:00"):
            self._charge(other)
            moved = self.did._current()
            moved.date_end = "2026-04-30"
            self.assertEqual(moved._charge_now(), {"USD": Decimal("3.1")})
            self.assertEqual(self._sum(moved), 3.1)
        self.assertWhole()

    def _sum(self, one):
        return round(sum(amount for *_rest, amount in self._charges(one)), 8)

    def test_the_day_is_that_of_the_account(self):
        with freeze_time("2026-03-11 12:00:00"):
            self.account.tz = "Pacific/Auckland"
            self._charge()
            self.assertFalse(self._due())
        with freeze_time("2026-03-31 12:00:00"):
            self.assertTrue(self._due())

    @freeze_time("2026-03-11 12:00:00")
    def test_whatever_changes_the_rental_has_it_looked_at(self):
        price = {"fee": "e911", "price": 1.0, "effective_from": "2026-03-20"}
        for what in (
            lambda: self.terms.write({"price_ids": [(0, 0, price)]}),
            lambda: self.terms.price_ids.filtered(lambda p: p.fee == "e911").unlink(),
            lambda: self.terms.write({"prorate": "whole"}),
            lambda: self.terms.write({"charges_suspended": True}),
            lambda: self.did.write({"channels": 5}),
            lambda: self.did.write({"kind": "mobile"}),
            lambda: self.did.write({"country_id": self.env.ref("base.fr").id}),
            lambda: self.account.write({"tz": "Europe/Berlin"}),
            lambda: self.one._suspend("staff", "Test."),
            lambda: self.one._resume(),
            lambda: self.one.write({"date_end": "2026-03-20"}),
        ):
            what()
            self.assertTrue(self._due())
            self._charge()
            self.assertFalse(self._due())
        self.assertWhole()

    @freeze_time("2026-03-11 12:00:00")
    def test_a_change_behind_the_program_is_seen(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE voip_did_assignment SET date_end = '2026-03-31' WHERE id = %s",
            [self.one.id],
        )
        self.assertTrue(self._due())

    @freeze_time("2026-03-11 12:00:00")
    def test_others_of_the_account_are_not_looked_at(self):
        self._assign(self._did("4930555001"), "2026-03-11", plan=self.terms)
        self.env.flush_all()
        looked = self.one.looked_for
        self.env.cr.execute(
            "UPDATE voip_did_assignment SET due_on = '2026-03-30' WHERE id = %s",
            [self.one.id],
        )
        self.assertEqual(self._charge(), {"USD": "2.10000000"})
        self.one.invalidate_recordset()
        self.assertEqual(str(self.one.due_on), "2026-03-30")
        self.assertEqual(self.one.looked_for, looked)

    @freeze_time("2026-03-11 12:00:00")
    def test_a_look_leaves_the_indexes_of_the_assignments_alone(self):
        """Thousands are looked at in a run: each is one write beside its old row."""
        self.env.flush_all()
        self.env.cr.execute(MORE_SQL, [self.did.id, self.one.id])
        self.env.invalidate_all()
        all_before, beside_before = self._updates()
        self._charge()
        all_now, beside_now = self._updates()
        self.assertEqual(all_now - all_before, 300)
        self.assertEqual(beside_now - beside_before, 300)

    def _updates(self):
        """(all, those within the page) of this transaction."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT pg_stat_get_xact_tuples_updated(c),"
            "       pg_stat_get_xact_tuples_hot_updated(c)"
            "  FROM CAST('voip_did_assignment'::regclass AS oid) c"
        )
        return self.env.cr.fetchone()

    def test_the_last_day_is_settled_on_the_next_and_never_looked_at_again(self):
        with freeze_time("2026-03-20 12:00:00"):
            self.one.date_end = "2026-03-22"
            self._charge()
            self.assertFalse(self._due())
        with freeze_time("2026-03-23 12:00:00"):
            self.assertTrue(self._due())
            self._charge()
            self.assertFalse(self._due())
        with freeze_time("2027-03-23 12:00:00"):
            self.assertFalse(self._due())

    def test_what_begins_later_is_looked_at_on_its_first_day(self):
        with freeze_time("2026-03-11 12:00:00"):
            self._assign(self._did("4930555001"), "2026-03-15", plan=self.terms)
            self._charge()
            self.assertFalse(self._due())
        with freeze_time("2026-03-15 12:00:00"):
            self.assertEqual(self._charge(), {"USD": "1.70000000"})

    @freeze_time("2026-03-10 15:00:00")
    def test_a_fee_that_the_plan_has_no_more_is_given_back(self):
        fee = {"fee": "cnam", "price": 3.1, "effective_from": "2026-03-10"}
        self.terms.write({"price_ids": [(0, 0, fee)]})
        self.assertEqual(self._charge(), {"USD": "2.20000000"})
        self.terms.price_ids.filtered(lambda p: p.fee == "cnam").unlink()
        self.assertEqual(self._charge(), {"USD": "-2.20000000"})
        self.assertWhole()

    @freeze_time("2026-03-11 12:00:00")
    def test_a_number_whose_price_is_gone_is_not_given_away(self):
        plan = self._plan("narrow", 3.1)
        plan.price_ids.write({"country_id": self.germany.id, "kind": "local"})
        did = self._did("4930555001")
        self._assign(did, "2026-03-11", plan=plan)
        company = self.env.company.id
        for name, other in (
            ("kind", "mobile"),
            ("country_id", self.env.ref("base.fr").id),
        ):
            before = did.kind if name == "kind" else did.country_id.id
            did.write({name: other})
            problems = self.one._charge_each(company, self.account.ids)
            self.assertIn("no price of the monthly rental", str(problems))
            self.assertEqual(self.account.rental_problem, problems[self.account.id])
            did.write({name: before})
            self.assertEqual(self.one._charge_each(company, self.account.ids), {})
            self.assertFalse(self.account.rental_problem)
        self.assertWhole()

    def test_in_arrears_a_deleted_price_does_not_make_the_month_free(self):
        plan = self._plan("later", 3.0, advance="arrears")
        with freeze_time("2026-03-11 12:00:00"):
            self._assign(self._did("4930555001"), "2026-03-11", plan=plan)
            self._charge()
            plan.price_ids.unlink()
        with freeze_time("2026-04-01 12:00:00"):
            company = self.env.company.id
            problems = self.one._charge_each(company, self.account.ids)
            self.assertIn("Later has no price", str(problems))

    def test_a_free_month_that_is_over_stays_free(self):
        free = {"fee": "monthly", "price": 0.0, "effective_from": "2026-04-01"}
        with freeze_time("2026-03-11 12:00:00"):
            self.terms.write({"price_ids": [(0, 0, free)]})
        for moment in "2026-04-01 12:00:00", "2026-05-01 12:00:00":
            with freeze_time(moment):
                self.assertEqual(self._charge(), {})
        with freeze_time("2026-05-10 12:00:00"):
            gone = self.terms.price_ids.filtered(lambda p: not p.price)
            with self.assertRefused(ValidationError, "charged already for"):
                gone.unlink()
            again = {**free, "price": 3.1, "effective_from": "2026-05-10"}
            self.terms.write({"price_ids": [(0, 0, again)]})
            self.assertEqual(self._charge(), {"USD": "2.20000000"})
        self.assertWhole()


# 300 more numbers at the account of an assignment.
MORE_SQL = """
WITH made AS (
    INSERT INTO voip_did (company_id, active, number, country_id, kind, two_way,
                          has_voice, channels, cost_setup, cost_monthly,
                          cost_currency_id, state)
    SELECT company_id, true, (4930777000 + n)::text, country_id, kind, true, true, 2,
           0, 0, cost_currency_id, state
      FROM voip_did CROSS JOIN generate_series(1, 300) n WHERE id = %s
    RETURNING id
)
INSERT INTO voip_did_assignment (did_id, company_id, account_id, plan_id, date_start)
SELECT made.id, company_id, account_id, plan_id, date_start
  FROM made CROSS JOIN voip_did_assignment s WHERE s.id = %s
"""
