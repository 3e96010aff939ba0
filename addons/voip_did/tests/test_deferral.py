"""Rental that is charged in advance becomes revenue day by day: worked out by hand."""

from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .deferral_common import DeferralCommon


@tagged("post_install", "-at_install")
class TestDeferral(DeferralCommon):
    def _revenue(self, move, since, until):
        """What the income accounts of an invoice earned from a day to another."""
        incomes = move.invoice_line_ids.account_id
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "in", incomes.ids),
                ("parent_state", "=", "posted"),
                ("date", ">=", since),
                ("date", "<=", until),
            ]
        )
        return round(-sum(lines.mapped("balance")), 2)

    # === By hand === #

    def test_the_month_to_come_waits_and_is_earned_in_it(self):
        """June is charged on May's invoice of May 31: at May's end it waits."""
        self._rented("2026-05-01")
        move = self._bill("2026-06-01", invoice_date="2026-05-31")
        self.assertEqual(move.amount_untaxed, 60.0)
        may = self._close("2026-05-31")
        self.assertEqual(self._sums(may), (0, 30, 0, 30))
        self.assertEqual(may.display_name, "Month-end 05/31/2026")
        self.assertEqual(self._balance(self.deferred), 30.0)
        self.assertEqual(self._revenue(move, "2026-05-01", "2026-05-31"), 30.0)
        june = self._close("2026-06-30")
        self.assertEqual(self._sums(june), (30, 0, 30, 0))
        self.assertEqual(self._balance(self.deferred), 0.0)
        self.assertEqual(self._revenue(move, "2026-06-01", "2026-06-30"), 30.0)
        self.assertEqual(june.move_id.state, "posted")
        self.assertWhole()

    def test_what_is_earned_in_the_month_of_its_invoice_is_never_deferred(self):
        arrears = self._plan("arrears", 30.0, advance="arrears")
        self._rented("2026-05-01", plan=arrears)
        self._bill("2026-06-01", invoice_date="2026-06-01")
        june = self._close("2026-06-30")
        self.assertEqual(self._sums(june), (0, 0, 0, 0))
        self.assertFalse(june.move_id)
        self.assertFalse(self.env["voip.did.deferral.line"].search([]))

    def _anniversary(self, **values):
        return self._create_account(
            code="anniversary", cycle="anniversary", invoice_day=16, **values
        )

    def test_a_month_that_crosses_the_month_end_is_parted_by_days(self):
        """June 16 to July 15 in advance, on the invoice of June 16: 15 of 30 days."""
        account = self._anniversary(start_date="2026-05-16")
        self._rented("2026-05-16", account)
        move = self._bill("2026-06-16", account)
        self.assertEqual(move.amount_untaxed, 60.0)
        june = self._close("2026-06-30")
        # The line of June 16 to July 15; that of the month before is earned.
        self.assertEqual(self._sums(june), (0, 30, 15, 15))
        self.assertEqual(self._sums(self._close("2026-07-31")), (15, 0, 15, 0))
        self.assertWhole()

    def test_a_leap_day_is_a_day(self):
        """February 16 to March 15, 2028 has 29 days, 15 of them in March."""
        account = self._anniversary(start_date="2028-01-16")
        self._rented("2028-01-16", account, plan=self._plan("leap", 29.0))
        self._bill("2028-02-16", account)
        february = self._close("2028-02-29")
        self.assertEqual(self._sums(february), (0, 29, 14, 15))
        self.assertWhole()

    def test_a_number_from_the_middle_of_a_month_is_earned_by_its_invoice(self):
        """It came on June 21: 25.00 for the days to July 15 and 30.00 for the month
        from July 16 are on the invoice of that day; 15 of 31 days are of August."""
        account = self._anniversary(start_date="2026-05-16")
        self._rented("2026-06-21", account)
        move = self._bill("2026-07-16", account)
        self.assertEqual(move.amount_untaxed, 55.0)
        self.assertEqual(
            self._sums(self._close("2026-07-31")), (0, 30, 15.48, 14.52)
        )
        self.assertWhole()

    def test_a_release_leaves_what_is_given_back_unearned_until_it_is_credited(self):
        account = self._anniversary(start_date="2026-05-16")
        one = self._rented("2026-05-16", account)
        move = self._bill("2026-06-16", account)
        self._released(one, "2026-06-20")
        june = self._close("2026-06-30")
        # 5 of 30 days are earned; 15.00 are of July, 10.00 are to be given back.
        self.assertEqual(june.closing, 25.0)
        self.assertEqual(self._revenue(move, "2026-06-17", "2026-06-30"), -25.0)
        kinds = june.env["voip.did.deferral.line"].search([]).sorted("id")
        self.assertEqual(
            [(x.kind, x.closing) for x in kinds], [("invoice", 15), ("owed", 10)]
        )
        note = self._bill("2026-07-16", account)
        self.assertEqual((note.move_type, note.amount_untaxed), ("out_refund", 25.0))
        july = self._close("2026-07-31")
        self.assertEqual(july.closing, 0.0)
        self.assertEqual(self._balance(self.deferred), 0.0)
        self.assertEqual(self._revenue(move, "2026-07-01", "2026-07-31"), 0.0)
        self.assertWhole()

    def test_a_price_that_changes_within_the_month(self):
        """30.00 become 60.00 from July 1: 15.00 more, on the next invoice."""
        account = self._anniversary(start_date="2026-05-16")
        self._rented("2026-05-16", account)
        self._bill("2026-06-16", account)
        with freeze_time("2026-06-20 12:00:00"):
            self.rent.write(
                {"price_ids": [(0, 0, {"price": 60, "effective_from": "2026-07-01"})]}
            )
            self.assertEqual(self._charge(account), {"USD": "15.00000000"})
        self.assertEqual(self._sums(self._close("2026-06-30")), (0, 30, 15, 15))
        # July 16 to August 15 at 60.00: 15 of 31 days wait; the 15.00 are earned.
        self._bill("2026-07-16", account)
        self.assertEqual(
            self._sums(self._close("2026-07-31")), (15, 60, 45.97, 29.03)
        )
        self.assertWhole()

    def test_a_credit_note_takes_back_the_days_to_come_too(self):
        account = self._anniversary(start_date="2026-05-16")
        self._rented("2026-05-16", account)
        move = self._bill("2026-06-16", account)
        with freeze_time("2026-06-20 12:00:00"):
            wizard = self.env["voip.credit.wizard"].create(
                {
                    "move_id": move.id,
                    "scope": "percent",
                    "percentage": 50.0,
                    "reason": "Out of order",
                    "settlement": "wallet",
                }
            )
            wizard.action_credit()
        self.assertEqual(move.reversal_move_ids.amount_untaxed, 30.0)
        self.assertEqual(self._sums(self._close("2026-06-30")), (0, 15, 7.5, 7.5))
        self.assertEqual(self._sums(self._close("2026-07-31")), (7.5, 0, 7.5, 0))
        self.assertWhole()

    def test_another_currency_stays_at_the_rate_of_its_invoice(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.unlink()
        for day, rate in (("2026-01-01", 0.8), ("2026-06-17", 0.5)):
            self.env["res.currency.rate"].create(
                {"currency_id": euro.id, "name": day, "rate": rate}
            )
        account = self._anniversary(start_date="2026-05-16", currency_id=euro.id)
        plan = self._plan("euro", 30.0, currency_id=euro.id)
        self._rented("2026-05-16", account, plan=plan)
        self._bill("2026-06-16", account)
        # 30.00 EUR at 0.8 are 37.50, half of them wait.
        self.assertEqual(
            self._sums(self._close("2026-06-30")), (0, 37.5, 18.75, 18.75)
        )
        self.assertEqual(self._sums(self._close("2026-07-31")), (18.75, 0, 18.75, 0))
        self.assertWhole()

    def test_taxes_in_prices_are_no_revenue(self):
        tax = self.env["account.tax"].create(
            {"name": "In", "amount": 20.0, "price_include_override": "tax_included"}
        )
        self.products.taxes_id = tax
        self._rented("2026-05-01")
        move = self._bill("2026-06-01", invoice_date="2026-05-31")
        self.assertEqual(move.amount_total, 60.0)
        self.assertEqual(self._sums(self._close("2026-05-31")), (0, 25, 0, 25))
        self.assertWhole()

    # === Runs === #

    def test_a_second_run_books_nothing(self):
        self._rented("2026-05-01")
        self._bill("2026-06-01", invoice_date="2026-05-31")
        self._close("2026-05-31")
        self._close("2026-05-31")
        self._close("2026-04-30")
        self.assertEqual(self.env["voip.did.deferral"].search_count([]), 1)
        self.assertEqual(self._balance(self.deferred), 30.0)

    def test_a_gap_of_three_months_is_made_good_month_by_month(self):
        self._rented("2026-05-01")
        self._bill("2026-06-01", invoice_date="2026-05-31")
        self._close("2026-05-31")
        for month in ("06-30", "07-31", "08-31"):
            self._bill(f"2026-{int(month[:2]) + 1:02}-01", invoice_date=f"2026-{month}")
        with freeze_time("2026-09-03 12:00:00"):
            deferrals = self.env["voip.did.deferral"]
            deferrals._run_company(self.company, 5)
            self.assertEqual(deferrals.search_count([]), 3)
            done = deferrals._run_company(self.company, 1)
        self.assertEqual([str(day) for day in done], ["2026-08-31"])
        found = deferrals.search([], order="date_end")
        self.assertEqual(
            [self._sums(one) for one in found],
            [(0, 30, 0, 30), (30, 30, 30, 30), (30, 30, 30, 30), (30, 30, 30, 30)],
        )
        self.assertEqual(
            [str(d) for d in found.move_id.sorted("date").mapped("date")],
            ["2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31"],
        )
        self.assertWhole()

    def test_an_invoice_that_comes_after_its_month_end_is_in_the_next_one(self):
        self._rented("2026-05-01")
        may = self._close("2026-05-31")
        self._bill("2026-06-01", invoice_date="2026-05-31")
        self.assertEqual(may.closing, 0.0)
        self.assertWhole()
        self._bill("2026-07-01", invoice_date="2026-06-30")
        self.assertEqual(self._sums(self._close("2026-06-30")), (0, 30, 0, 30))
        self.assertWhole()

    def test_the_schedule_waits_for_the_day_of_the_settings(self):
        self._rented("2026-05-01")
        self._bill("2026-06-01", invoice_date="2026-05-31")
        cron = self.env.ref("voip_did.ir_cron_close_month")
        deferrals = self.env["voip.did.deferral"]
        april, may = "2026-04-30", "2026-05-31"
        for day, done in ((4, [april]), (5, [april, may]), (6, [april, may])):
            with (
                freeze_time(f"2026-06-{day:02} 12:00:00"),
                self.enter_registry_test_mode(),
            ):
                cron.method_direct_trigger()
            found = deferrals.search([], order="date_end")
            self.assertEqual([str(one.date_end) for one in found], done)

    def _close_by_schedule(self, day):
        cron = self.env.ref("voip_did.ir_cron_close_month")
        with freeze_time(f"{day} 12:00:00"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        return self.company.partner_id.activity_ids

    @mute_logger("odoo.addons.voip_did.deferrals.month_end_failure")
    def test_billing_managers_are_told_once_of_a_month_end_that_fails(self):
        boss = new_test_user(
            self.env, "boss", "voip_billing_base.group_voip_manager",
            company_id=self.company.id,
        )  # fmt: skip
        self._rented("2026-05-01")
        self._bill("2026-06-01", invoice_date="2026-05-31")
        deferrals = type(self.env["voip.did.deferral"])
        for day, error, said in (
            (5, UserError("No journal."), "No journal."),
            (6, UserError("No journal."), "No journal."),
            (7, KeyError("x"), "does not know: KeyError"),
            # What passes by itself leaves what was said.
            (8, psycopg2.OperationalError("away"), "does not know: KeyError"),
        ):
            with patch.object(deferrals, "_header", side_effect=error):
                told = self._close_by_schedule(f"2026-06-{day:02}")
            told = told.filtered(lambda one: one.user_id == boss)
            self.assertEqual(len(told), 1)
            self.assertIn(said, told.note)
        self.assertFalse(self._close_by_schedule("2026-06-09"))
        self.assertEqual(self.env["voip.did.deferral"].search([])[:1].closing, 30.0)

    def test_a_locked_month_is_booked_on_the_first_open_day_and_says_so(self):
        self._rented("2026-05-01")
        self._bill("2026-06-01", invoice_date="2026-05-31")
        self.company.fiscalyear_lock_date = "2026-06-04"
        may = self._close("2026-05-31")
        self.assertEqual(str(may.move_id.date), "2026-06-05")
        self.assertEqual(str(may.date_posted), "2026-06-05")
        self.assertIn("locked", may.message)
        self.assertEqual((may.ledger, may.difference), (30.0, 0.0))
        self.assertWhole()

    def test_without_an_account_there_is_no_month_end_and_the_way_is_told(self):
        self.company.voip_deferral_account_id = False
        with self.assertRefused(UserError, "Choose the Deferred Revenue Account"):
            self.env["voip.did.deferral"].action_run()

    def test_another_account_takes_over_what_waits(self):
        self._rented("2026-05-01")
        self._bill("2026-06-01", invoice_date="2026-05-31")
        self._close("2026-05-31")
        self._bill("2026-07-01", invoice_date="2026-06-30")
        self.company.voip_deferral_account_id = other = self._liability("DEF2")
        june = self._close("2026-06-30")
        self.assertEqual(self._balance(self.deferred), 0.0)
        self.assertEqual(self._balance(other), 30.0)
        self.assertEqual(june.difference, 0.0)
        self.assertWhole()

    def test_a_failure_in_the_middle_leaves_nothing(self):
        self._rented("2026-05-01")
        self._bill("2026-06-01", invoice_date="2026-05-31")

        def fail(*_args):
            raise KeyError("in the middle")

        deferrals = self.env["voip.did.deferral"]
        self.patch(type(deferrals), "_write_month", fail)
        with self.assertRaises(KeyError), self.env.cr.savepoint():
            self._close("2026-05-31")
        self.assertEqual(self._balance(self.deferred), 0.0)
        self.assertFalse(deferrals.search([]))

    # === What stays === #

    def test_invoice_and_entry_are_not_reset_to_draft(self):
        self._rented("2026-05-01")
        move = self._bill("2026-06-01", invoice_date="2026-05-31")
        may = self._close("2026-05-31")
        with self.assertRefused(UserError, "stays as posted"):
            move.button_draft()
        for name in ("button_draft", "button_cancel"):
            with self.assertRefused(UserError, "entry of a month-end"):
                getattr(may.move_id, name)()
        with self.assertRefused(UserError, "never changed"):
            may.closing = 1.0
        with self.assertRefused(UserError, "never changed"):
            self.env["voip.did.deferral"].create({})

    # === Who === #

    def test_only_billing_managers_do_month_ends_of_their_company(self):
        user = new_test_user(
            self.env, "clerk", "voip_billing_base.group_voip_user",
            company_id=self.company.id,
        )  # fmt: skip
        deferrals = self.env["voip.did.deferral"].with_user(user)
        with self.assertRefused(AccessError, "billing manager"):
            deferrals.action_run()
        self._rented("2026-05-01")
        self._bill("2026-06-01", invoice_date="2026-05-31")
        may = self._close("2026-05-31")
        self.assertEqual(may.with_user(user).closing, 30.0)
        there = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env, "stranger", "voip_billing_base.group_voip_manager",
            company_id=there.id, company_ids=[(6, 0, there.ids)],
        )  # fmt: skip
        self.assertFalse(self.env["voip.did.deferral"].with_user(stranger).search([]))
        self.assertFalse(
            self.env["voip.did.deferral.line"].with_user(stranger).search([])
        )
