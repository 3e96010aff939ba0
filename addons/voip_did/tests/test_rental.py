"""Rental from assignment to invoice."""

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import NumbersCommon


@tagged("post_install", "-at_install")
class TestRental(NumbersCommon):
    @freeze_time("2026-03-10 12:00:00")
    def test_the_first_month_is_charged_from_its_day_and_once(self):
        one = self._assign(self._did(), "2026-03-10")
        self.assertEqual(self._charge(), {"USD": "2.20000000"})
        self.assertEqual(self._charge(), {})
        self.assertEqual(self._charges(one), [("2026-03-01", "monthly", 1, 22, 2.2)])
        self.assertEqual(self.account.wallet_id.unbilled, 2.2)
        self.assertWhole()

    def test_a_run_after_three_months_makes_good_what_was_left(self):
        with freeze_time("2026-03-10 12:00:00"):
            one = self._assign(self._did(), "2026-03-10")
        with freeze_time("2026-06-02 12:00:00"):
            self._charge()
            self.assertEqual(self._charge(), {})
        months = [(first, days) for first, _f, _t, days, _a in self._charges(one)]
        self.assertEqual(
            months,
            [
                ("2026-03-01", 22),
                ("2026-04-01", 30),
                ("2026-05-01", 31),
                ("2026-06-01", 30),
            ],
        )
        self.assertWhole()

    def test_days_that_are_not_used_are_given_back(self):
        with freeze_time("2026-04-01 12:00:00"):
            one = self._assign(self._did(), "2026-04-01", plan=self._plan("p", 3.0))
            self._charge()
        with freeze_time("2026-04-10 12:00:00"):
            one.date_end = "2026-04-10"
            self.assertEqual(one._charge_now(), {"USD": 2})
        self.assertEqual(
            self._charges(one),
            [
                ("2026-04-01", "monthly", 1, 30, 3.0),
                ("2026-04-01", "monthly", 2, 10, -2.0),
            ],
        )
        self.assertWhole()

    def test_a_plan_that_gives_nothing_back_keeps_the_month(self):
        plan = self._plan("keeps", 3.0, gives_back=False)
        with freeze_time("2026-04-01 12:00:00"):
            one = self._assign(self._did(), "2026-04-01", plan=plan)
            self._charge()
        with freeze_time("2026-04-10 12:00:00"):
            one.date_end = "2026-04-10"
            self.assertEqual(one._charge_now(), {})
        with freeze_time("2026-05-03 12:00:00"):
            self.assertEqual(self._charge(), {})
        self.assertEqual(len(self._charges(one)), 1)
        self.assertWhole()

    def test_in_arrears_a_month_is_charged_when_it_is_over(self):
        plan = self._plan("arrears", 3.0, advance="arrears")
        with freeze_time("2026-04-11 12:00:00"):
            one = self._assign(self._did(), "2026-04-11", plan=plan)
            self.assertEqual(self._charge(), {})
        with freeze_time("2026-05-01 12:00:00"):
            self.assertEqual(self._charge(), {"USD": "2.00000000"})
        with freeze_time("2026-05-05 12:00:00"):
            one.date_end = "2026-05-04"
            self.assertEqual(self._charge(), {"USD": "0.38709677"})
        self.assertWhole()

    def test_another_price_counts_from_its_day(self):
        with freeze_time("2026-04-01 12:00:00"):
            one = self._assign(self._did(), "2026-04-01", plan=self._plan("p", 3.0))
            self._charge()
        with freeze_time("2026-04-15 12:00:00"):
            one.plan_id.write(
                {"price_ids": [(0, 0, {"price": 6.0, "effective_from": "2026-04-21"})]}
            )
            self.assertEqual(self._charge(), {"USD": "1.00000000"})
            with self.assertRefused(ValidationError, "charged already"):
                one.plan_id.write(
                    {
                        "price_ids": [
                            (0, 0, {"price": 9, "effective_from": "2026-04-02"})
                        ]
                    }
                )
        self.assertWhole()

    def test_a_number_moves_in_the_middle_of_a_month(self):
        other = self._create_account(code="numbers-2", cycle="monthly")
        did, plan = self._did(), self._plan("p", 3.0, quarantine_days=0)
        with freeze_time("2026-04-01 12:00:00"):
            one = self._assign(did, "2026-04-01", plan=plan)
            self._charge()
        with freeze_time("2026-04-20 12:00:00"):
            one.date_end = "2026-04-20"
            two = self._assign(did, "2026-04-21", account=other, plan=plan)
            self._charge()
        with freeze_time("2026-04-21 12:00:00"):
            self._charge(other)
        self.assertEqual(sum(row[-1] for row in self._charges(one)), 2.0)
        self.assertEqual(sum(row[-1] for row in self._charges(two)), 1.0)
        self.assertWhole()

    @freeze_time("2026-04-01 12:00:00")
    def test_setup_is_charged_once_and_tiers_count_the_numbers(self):
        plan = self._plan("tiers", 3.0, setup=5.0)
        plan.write(
            {
                "price_ids": [
                    (
                        0,
                        0,
                        {
                            "price": 1.5,
                            "min_numbers": 3,
                            "effective_from": "2025-01-01",
                        },
                    )
                ]
            }
        )
        held = [
            self._assign(self._did(f"493055500{n}"), "2026-04-01", plan=plan)
            for n in range(3)
        ]
        self.assertEqual(self._charge(), {"USD": "19.50000000"})
        with freeze_time("2026-05-01 12:00:00"):
            held[0].date_end = "2026-04-30"
            self.assertEqual(self._charge(), {"USD": "6.00000000"})
        self.assertWhole()

    def test_another_invoice_day_charges_no_day_twice(self):
        plan = self._plan("p", 3.0, quarantine_days=0)
        with freeze_time("2026-04-10 12:00:00"):
            one = self._assign(self._did(), "2026-04-10", plan=plan)
            self._charge()
        changes = [
            {"invoice_day": 15},
            {"cycle": "weekly"},
            {"cycle": "anniversary", "start_date": "2026-01-31"},
        ]
        for month, values in enumerate(changes, 5):
            with freeze_time(f"2026-{month:02}-20 12:00:00"):
                self.account.write(values)
                self._charge()
                self.assertEqual(self._charge(), {})
                self.assertWhole()
        with freeze_time("2026-08-15 12:00:00"):
            one.date_end = "2026-08-15"
            self._charge()
        by_month = {}
        for first, _fee, _turn, _days, amount in self._charges(one):
            by_month[first] = round(by_month.get(first, 0) + amount, 8)
        self.assertEqual(
            by_month,
            {
                "2026-04-01": 2.1,
                "2026-05-01": 3.0,
                "2026-06-01": 3.0,
                "2026-07-01": 3.0,
                "2026-08-01": 1.4516129,
            },
        )
        with freeze_time("2026-08-16 12:00:00"):
            # A new assignment has the months that the account has now.
            two = self._assign(one.did_id, "2026-08-16", plan=plan)
            self._charge()
            self.assertEqual(self._charges(two)[0][0], "2026-07-31")
            self.assertWhole()

    def test_advance_is_on_the_invoice_of_the_month_before(self):
        plan = self._plan("p", 3.0)
        with freeze_time("2026-04-01 12:00:00"):
            self._assign(self._did(), "2026-04-01", plan=plan)
            self._assign(self._did("4930555001"), "2026-04-01", plan=plan)
        with freeze_time("2026-05-02 12:00:00"):
            run = self.env["voip.billing.run"].create(
                {"account_ids": [(6, 0, self.account.ids)]}
            )
            run.action_run()
            move = run.line_ids.move_id
            self.assertEqual(move.amount_untaxed, 12.0)
            self.assertEqual(
                sorted(move.invoice_line_ids.mapped("price_subtotal")), [6.0, 6.0]
            )
            again = self.env["voip.billing.run"].create(
                {"account_ids": [(6, 0, self.account.ids)]}
            )
            again.action_run()
            self.assertFalse(again.line_ids.move_id)
        self.assertWhole()

    @freeze_time("2026-04-05 12:00:00")
    def test_a_number_without_a_price_is_not_given_away(self):
        plan = self._plan("bare", 3.0)
        plan.price_ids.country_id = self.env.ref("base.fr")
        with self.assertRefused(ValidationError, "no price"):
            self._assign(self._did(), "2026-04-05", plan=plan)
        self.assertEqual(fields.Date.today().day, 5)
