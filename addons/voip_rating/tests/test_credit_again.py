"""Calls that are billed again at once: exactly those, paid by their credit first."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .credit_common import CreditNoteCommon, credit_rates


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditAgain(CreditNoteCommon):
    def _call(self, invoice, number=0):
        """Values that credit one call of UK."""
        calls = self._usage(invoice).filtered(
            lambda x: x.label == "UK" and x.amount > 0
        )
        return {"scope": "calls", "usage_ids": calls[number].ids}

    def test_a_call_that_is_promised_for_the_next_invoice_stays_there(self):
        invoice = self._invoiced()
        account = invoice.voip_account_id
        self._credit(invoice, outcome="next", **self._call(invoice, 0))
        credit = self._credit(invoice, outcome="now", **self._call(invoice, 1))
        self.assertEqual(credit.again_id.invoice_line_ids.voip_calls, 1)
        self.assertEqual(credit.again_id.amount_total, 0.34)
        self.assertAlmostEqual(account.wallet_id.unbilled, 0.335, 6)
        self.assertBooks(account)
        following = self._run(account, datetime(2026, 12, 5, 12))
        self.assertEqual(following.invoice_line_ids.voip_calls, 1)
        self.assertEqual(following.amount_total, 0.34)
        self.assertBooks(account)

    def test_late_calls_of_the_same_day_and_price_wait_for_their_invoice(self):
        invoice = self._invoiced(self.tax)
        account = invoice.voip_account_id
        trunk = self.env["voip.trunk"].search([("account_id", "=", account.id)])
        self._calls(trunk, 4, "44")
        credit = self._credit(invoice, outcome="now", **self._call(invoice))
        self.assertEqual(credit.again_id.invoice_line_ids.voip_calls, 1)
        self.assertEqual(credit.again_id.amount_untaxed, 0.34)
        self.assertAlmostEqual(account.wallet_id.unbilled, 1.34, 6)
        self._calls(trunk, 1, "44")
        following = self._run(account, datetime(2026, 12, 5, 12))
        self.assertEqual(following.invoice_line_ids.voip_calls, 5)
        self.assertBooks(account)

    def _family(self, parent_calls, child_calls):
        """(account, sub-account that it pays and is invoiced for, their invoice)."""
        account = self._create_account(deck_id=self.deck.id)
        child = self._create_account(
            partner_id=account.partner_id.id,
            parent_id=account.id,
            pay_by_parent=True,
            consolidated_billing=True,
            deck_id=self.deck.id,
        )
        trunk = self._create_trunk(account)
        if parent_calls:
            self._calls(trunk, parent_calls, "44")
        self._calls(self._create_trunk(child), child_calls, "44")
        return account, child, self._run(account)

    def _trunk_of(self, account):
        return self.env["voip.trunk"].search([("account_id", "=", account.id)])

    def test_what_another_account_is_charged_now_joins_its_own_next_invoice(self):
        account, child, invoice = self._family(2, 3)
        child.write({"pay_by_parent": False, "consolidated_billing": False})
        calls = self._usage(invoice).filtered(lambda x: x.account_id == child)
        first, second = ({"scope": "calls", "usage_ids": c.ids} for c in calls[:2])
        self._credit(invoice, outcome="next", **first)
        self.assertAlmostEqual(child.wallet_id.unbilled, 0.335, 6)
        credit = self._credit(invoice, outcome="now", **second)
        self.assertFalse(credit.again_id, "another account is charged")
        self.assertAlmostEqual(child.wallet_id.unbilled, 0.67, 6)
        self._calls(self._trunk_of(child), 1, "44")
        self.assertWhole()
        following = self._run(child, datetime(2026, 12, 5, 12))
        self.assertEqual(following.invoice_line_ids.voip_calls, 3)
        self.assertWhole()

    def test_calls_that_wait_for_the_account_that_is_charged_now_stay(self):
        account, child, invoice = self._family(0, 3)
        child.write({"pay_by_parent": False, "consolidated_billing": False})
        trunk = self._trunk_of(child)
        self._calls(self._trunk_of(account), 4, "44")
        trunk.account_id = account
        credit = self._credit(invoice, outcome="now")
        self.assertEqual(credit.again_id.invoice_line_ids.voip_calls, 3)
        self.assertEqual(credit.again_id.amount_total, credit.note_id.amount_total)
        self.assertAlmostEqual(account.wallet_id.unbilled, 1.34, 6)
        self.assertBooks(account)

    def test_calls_that_are_billed_again_one_by_one_never_pass_the_line(self):
        for outcome in ("next", "now"):
            with self.subTest(outcome):
                invoice = self._invoiced(self.tax)
                calls = self._usage(invoice).filtered(lambda x: x.label == "UK")
                notes = [
                    self._credit(
                        invoice, outcome=outcome, scope="calls", usage_ids=call.ids
                    ).note_id
                    for call in calls
                ]
                self.assertEqual(
                    [note.amount_untaxed for note in notes], [0.34, 0.34, 0.33]
                )
                self.assertBooks(invoice.voip_account_id)
                self._run(invoice.voip_account_id, datetime(2026, 12, 5, 12))
                self.assertBooks(invoice.voip_account_id)

    def test_attempts_that_nobody_answered_neither_cost_nor_make_lines(self):
        account = self._create_account(deck_id=self.deck.id)
        trunk = self._create_trunk(account)
        self._calls(trunk, 2, "44")
        attempt = {
            "call_id": "attempt",
            "called": "442071234567",
            "start": "2026-10-05T10:00:00Z",
            "duration": "0",
            "answered": False,
            "trunk": trunk.code,
        }
        ingest = self.env["voip.cdr"].ingest
        ingest(switch=self.switch.code, records=[attempt], rate_now=True)
        invoice = self._run(account)
        unanswered = self._usage(invoice).filtered(lambda x: not x.answered)
        self.assertEqual(len(unanswered), 1)
        with self.assertRaisesRegex(UserError, "Nothing is left to credit"):
            self._credit(invoice, scope="calls", usage_ids=unanswered.ids)
        late = {**attempt, "call_id": "late attempt"}
        ingest(switch=self.switch.code, records=[late], rate_now=True)
        credit = self._credit(invoice, outcome="now")
        self.assertEqual(credit.again_id.invoice_line_ids.voip_calls, 2)
        self.assertBooks(account)
        self.env["voip.seal"]._seal(self.env.company, date(2026, 10, 1))
        ingest(
            switch=self.switch.code,
            records=[{**attempt, "call_id": "later attempt"}],
            rate_now=True,
        )
        self.assertBooks(account)

    def test_the_credit_pays_the_new_invoice_before_an_old_top_up_does(self):
        invoice = self._invoiced(mode="prepaid")
        account = invoice.voip_account_id
        self._topup(account, 100)
        self.env["voip.billing.document"]._settle_prepaid(invoice)
        credit = self._credit(invoice, outcome="now", settlement="receivable")
        self.assertEqual(credit.note_id.amount_residual, 0)
        self.assertEqual(credit.again_id.amount_residual, 0)
        partials = credit.note_id.line_ids.matched_debit_ids
        self.assertEqual(partials.debit_move_id.move_id, credit.again_id)
        self.assertBooks(account)

    def test_a_credit_note_is_not_older_than_its_invoice(self):
        invoice = self._invoiced()
        wizard = self._wizard(invoice, date="2026-11-04")
        self.assertRegex(wizard.problem, "is before .* which it credits")
        with self.assertRaisesRegex(UserError, "is before"):
            wizard.action_credit()
        self.assertFalse(self._wizard(invoice, date="2026-11-05").problem)
        self.assertFalse(self._wizard(invoice, date="2026-11-10").ahead_text)
        ahead = self._wizard(invoice, date="2026-11-12")
        self.assertRegex(ahead.ahead_text, "2 days ahead")
        ahead.action_credit()
        self.assertBooks(invoice.voip_account_id)

    def test_the_last_credit_takes_the_tax_that_its_own_amount_rounds_away(self):
        tax = self.tax.copy({"name": "15 %", "amount": 15})
        deck = self._create_deck(rates=credit_rates("0.03", "0.03"))
        for settlement, outcome in (("receivable", "credited"), ("wallet", "now")):
            with self.subTest(outcome=outcome):
                invoice = self._invoiced(
                    tax, calls=((2, "44"),), deck_id=deck.id, mode="postpaid"
                )
                self.assertEqual(invoice.amount_total, 0.07)
                values = {"outcome": outcome, "settlement": settlement}
                self._credit(invoice, **values, **self._call(invoice))
                if outcome == "now":
                    values.update(self._call(invoice, 1))
                note = self._credit(invoice, **values).note_id
                self.assertEqual((note.amount_untaxed, note.amount_tax), (0.03, 0.01))
                line = note.line_ids.filtered("tax_repartition_line_id")
                self.assertEqual(line.tax_line_id, tax)
                if settlement == "receivable":
                    self.assertEqual(invoice.amount_residual, 0)
                self.assertBooks(invoice.voip_account_id)

    def test_a_percentage_that_comes_to_nothing_says_so(self):
        invoice = self._invoiced(calls=((1, "44"),))
        wizard = self._wizard(invoice, scope="percent", percentage=0.5)
        self.assertIn("comes to nothing", wizard.problem)

    def test_nothing_is_wrong_before_it_is_typed(self):
        invoice = self._invoiced()
        for scope in ("percent", "amount"):
            with self.subTest(scope):
                wizard = self._wizard(invoice, scope=scope)
                self.assertFalse(wizard.problem)
                with self.assertRaises(UserError):
                    wizard.action_credit()

    def test_the_preview_shows_what_is_rounded_for_cash(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "To 0.50",
                "rounding": 0.5,
                "rounding_method": "UP",
                "strategy": "add_invoice_line",
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
            }
        )
        self.env["ir.default"].set(
            "account.move", "invoice_cash_rounding_id", rounding.id
        )
        invoice = self._invoiced()
        self.assertEqual(invoice.amount_total, 3.5)
        wizard = self._wizard(invoice, outcome="now")
        wizard.action_preview()
        self.assertEqual(wizard.preview.count("To 0.50"), 2)
        self.assertIn("0.27", wizard.preview)

    def test_a_percentage_of_all_lines_takes_what_each_has_left(self):
        invoice = self._invoiced(self.tax, mode="postpaid")
        german, british = invoice.invoice_line_ids.sorted("name")
        values = {"scope": "lines", "line_ids": [(6, 0, british.ids)]}
        self._credit(invoice, **values)
        values = {"scope": "amount", "amount": 2.12, "line_ids": [(6, 0, german.ids)]}
        self._credit(invoice, **values)
        for percentage, less in (
            (4, r"^Less than 4 % is left of UK \(\$.0\.00\): of these"),
            (10, r"^Less than 10 % is left of DE \(\$.0\.10\), UK \(\$.0\.00\)"),
        ):
            with self.subTest(percentage):
                values = {"scope": "percent", "percentage": percentage}
                wizard = self._wizard(invoice, **values)
                self.assertFalse(wizard.problem)
                self.assertRegex(wizard.less_text, less)
                wizard.action_preview()
                self.assertIn("Less than", wizard.preview)
        values = {"scope": "percent", "percentage": 4}
        values["line_ids"] = [(6, 0, british.ids)]
        chosen = self._wizard(invoice, **values)
        self.assertRegex(chosen.problem, "^UK: .* is more than")
        self.assertFalse(self._wizard(invoice).less_text)
        note = wizard.action_credit() and wizard.credit_id.sudo().note_id
        self.assertEqual(note.invoice_line_ids.mapped("name"), ["Part of DE"])
        self.assertEqual(note.amount_untaxed, 0.1)
        self.assertEqual(invoice.amount_residual, 0)
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            self._credit(invoice, scope="percent", percentage=10)
        self.assertBooks(invoice.voip_account_id)
