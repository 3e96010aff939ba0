"""Credit notes of usage: every scope, outcome and settlement, to the last cent."""

from datetime import date, datetime
from itertools import product

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.turns import one_by_one

from .credit_common import CreditNoteCommon, credit_rates

SCOPES = {
    "whole": {},
    "lines": {"lines": 1},
    "calls": {"calls": 1},
    "percent": {"percentage": 33.3},
    "amount": {"amount": 1.01},
}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditNote(CreditNoteCommon):
    def _values(self, invoice, scope):
        values = {"scope": scope, **SCOPES[scope]}
        if values.pop("lines", 0):
            values["line_ids"] = [(6, 0, invoice.invoice_line_ids[0].ids)]
        if values.pop("calls", 0):
            values["usage_ids"] = self._usage(invoice)[:2].ids
        return values

    def _check_credit(self, invoice, scope, outcome, settlement):
        account = invoice.voip_account_id
        before = account.wallet_id.balance
        paid = invoice.amount_residual == 0
        credit = self._credit(
            invoice,
            outcome=outcome,
            settlement=settlement,
            **self._values(invoice, scope),
        )
        note = credit.note_id
        self.assertEqual((credit.state, note.state), ("done", "posted"))
        self.assertEqual(note.move_type, "out_refund")
        self.assertEqual(note.reversed_entry_id, invoice)
        self.assertEqual(note.voip_span_end, date(2026, 10, 31))
        self._check_lines(invoice, note)
        if settlement == "receivable" and not paid:
            left = invoice.amount_total - note.amount_total
            self.assertAlmostEqual(invoice.amount_residual, left, 6)
        elif outcome == "credited":
            self.assertEqual(note.amount_residual, note.amount_total)
        if outcome == "credited":
            self.assertAlmostEqual(
                account.wallet_id.balance, before + note.amount_total, 6
            )
        if outcome == "now" and scope in ("whole", "lines"):
            # The same calls at the same price come to the same.
            self.assertEqual(credit.again_id.amount_total, note.amount_total)
            self.assertEqual(credit.again_id.state, "posted")
            self.assertAlmostEqual(account.wallet_id.balance, before, 6)
        self.assertBooks(account)
        return credit

    def _check_lines(self, invoice, note):
        lines = note.invoice_line_ids
        self.assertTrue(lines.voip_credited_line_id <= invoice.invoice_line_ids)
        for line in lines:
            credited = line.voip_credited_line_id
            self.assertGreater(line.voip_counted, 0)
            self.assertEqual(line.voip_rate, credited.voip_rate)
            self.assertEqual(line.tax_ids, credited.tax_ids)
            calls = self.env["voip.usage"].search(
                line.with_user(self.accountant).action_voip_view_usage()["domain"]
            )
            self.assertEqual(len(calls), line.voip_counted)

    def test_each_scope_outcome_and_settlement_keeps_the_books(self):
        # Each scope with each outcome; the rest takes turns, others in each run.
        turns = one_by_one(product(("receivable", "wallet"), ("postpaid", "prepaid")))
        for scope, outcome in product(SCOPES, ("credited", "next", "now")):
            if scope in ("percent", "amount") and outcome != "credited":
                continue
            settlement, mode = next(turns)
            with self.subTest(
                scope=scope, outcome=outcome, settlement=settlement, mode=mode
            ):
                invoice = self._invoiced(self.tax, mode=mode)
                if mode == "prepaid":
                    self._topup(invoice.voip_account_id, 100)
                    self.env["voip.billing.document"]._settle_prepaid(invoice)
                    self.assertEqual(invoice.amount_residual, 0)
                self._check_credit(invoice, scope, outcome, settlement)

    def test_taxes_in_the_price_and_foreign_currencies_keep_the_books(self):
        included = self._included_tax()
        foreign = self.setup_other_currency("EUR")
        for taxes, currency, scope, outcome in (
            (included, self.env.company.currency_id, "percent", "credited"),
            (included, self.env.company.currency_id, "whole", "now"),
            (self.tax, foreign, "amount", "credited"),
            (self.tax, foreign, "calls", "now"),
            (included, foreign, "whole", "now"),
        ):
            with self.subTest(tax=taxes.name, currency=currency.name, scope=scope):
                values = {"currency_id": currency.id, "mode": "postpaid"}
                invoice = self._invoiced(taxes, **values)
                self.assertEqual(invoice.currency_id, currency)
                self._check_credit(invoice, scope, outcome, "receivable")

    def test_parts_never_come_to_more_than_the_line(self):
        invoice = self._invoiced()
        german, british = invoice.invoice_line_ids.sorted("name")
        self.assertEqual((german.price_unit, british.price_unit), (2.22, 1.01))
        line = [(6, 0, british.ids)]
        self._credit(invoice, scope="amount", amount=0.5, line_ids=line)
        self._credit(invoice, scope="percent", percentage=50, line_ids=line)
        for values in (
            {"scope": "amount", "amount": 0.01, "line_ids": line},
            {"scope": "amount", "amount": 2.23},
            {"scope": "percent", "percentage": 1, "line_ids": line},
            {"scope": "lines", "line_ids": line},
            {"scope": "calls", "usage_ids": self._usage(invoice)[:1].ids},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._credit(invoice, **values)
        self.assertEqual(self._plan(invoice), {"DE": 2.22})
        self._credit(invoice)
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            self._credit(invoice)
        self.assertBooks(invoice.voip_account_id)

    def test_calls_are_credited_once_and_their_cents_never_pass_the_line(self):
        invoice = self._invoiced()
        calls = self._usage(invoice).filtered(lambda x: x.label == "UK")
        notes = [
            self._credit(invoice, scope="calls", usage_ids=call.ids).note_id
            for call in calls
        ]
        # 0.335 each: 0.34, 0.34 and what is left of 1.01.
        self.assertEqual([note.amount_total for note in notes], [0.34, 0.34, 0.33])
        with self.assertRaisesRegex(UserError, "already"):
            self._credit(invoice, scope="calls", usage_ids=calls[:1].ids)
        other = self._usage(self._invoiced())[:1]
        with self.assertRaisesRegex(UserError, "only calls"):
            self._credit(invoice, scope="calls", usage_ids=other.ids)
        shown = notes[0].with_user(self.accountant).action_voip_view_usage()
        self.assertEqual(self.env["voip.usage"].search(shown["domain"]), calls[:1])
        self.assertBooks(invoice.voip_account_id)

    def test_taxes_of_parts_never_come_to_more_than_the_invoice(self):
        for tax in (self._included_tax(), self.tax):
            invoice = self._invoiced(tax, calls=((1, "44"), (1, "49")))
            total = 0.0
            while invoice.voip_credit_count < 40:
                left = sum(self._plan(invoice).values())
                self._credit(invoice, scope="amount", amount=min(left, 0.13))
                invoice.invalidate_recordset()
                total = sum(invoice.reversal_move_ids.mapped("amount_total"))
                self.assertLessEqual(round(total, 2), invoice.amount_total)
                if left <= 0.13:
                    break
            self.assertAlmostEqual(total, invoice.amount_total, 6)
            self.assertBooks(invoice.voip_account_id)

    def _credit_in_parts(self, invoice, amount):
        """Credit twelve times an amount of one line, then the rest as planned."""
        british = invoice.invoice_line_ids.sorted("name")[-1:]
        values = {"amount": amount, "line_ids": [(6, 0, british.ids)]}
        for _number in range(12):
            self._credit(invoice, scope="amount", **values)
        wizard = self._wizard(invoice)
        planned = (wizard.planned_net, wizard.planned_tax, wizard.planned)
        wizard.action_credit()
        note = wizard.credit_id.sudo().note_id
        said = (note.amount_untaxed, note.amount_tax, note.amount_total)
        self.assertEqual(planned, said)

    def test_each_of_several_taxes_is_credited_to_the_cent(self):
        taxes = self.tax | self.tax.copy({"name": "5 %", "amount": 5})
        invoice = self._invoiced(taxes)
        self._credit_in_parts(invoice, 0.03)
        for tax in taxes:
            lines = (invoice | invoice.reversal_move_ids).line_ids
            lines = lines.filtered(lambda x, t=tax: x.tax_line_id == t)
            self.assertAlmostEqual(sum(lines.mapped("amount_currency")), 0, 6)
        self.assertBooks(invoice.voip_account_id)

    def test_a_tax_in_the_price_is_credited_to_the_cent_however_small_the_parts(self):
        for method, amount in (
            ("round_per_line", 0.02),
            ("round_per_line", 0.05),
            ("round_globally", 0.02),
            ("round_globally", 0.05),
        ):
            with self.subTest(method=method, amount=amount):
                taxes = self._included_tax()
                taxes.name = f"in {method} {amount}"
                self.env.company.tax_calculation_rounding_method = method
                invoice = self._invoiced(taxes)
                self.assertEqual(invoice.amount_total, 3.23)
                self._credit_in_parts(invoice, amount)
                notes = invoice.reversal_move_ids
                for name in ("amount_untaxed", "amount_tax", "amount_total"):
                    total = sum(notes.mapped(name))
                    self.assertAlmostEqual(total, invoice[name], 6, name)
                self.assertBooks(invoice.voip_account_id)

    def test_calls_are_billed_again_at_another_price_in_one_step(self):
        invoice = self._invoiced(self.tax, mode="postpaid")
        cheap = self._create_deck(rates=credit_rates("0.1", "0.2"))
        values = {"outcome": "now", "deck_id": cheap.id}
        wizard = self._wizard(invoice, **values)
        moves = self.env["account.move"].search_count([])
        wizard.action_preview()
        self.assertIn("0.83", wizard.preview)  # (3 × 0.1 + 2 × 0.2) × 1.19
        self.assertIn("-", wizard.preview)
        self.assertEqual(self.env["account.move"].search_count([]), moves)
        wizard.scope = "lines"
        self.assertFalse(wizard.preview, "it was of other choices")
        wizard.scope = "whole"
        wizard.action_credit()
        credit = wizard.credit_id
        self.assertEqual(credit.again_id.amount_untaxed, 0.7)
        self.assertEqual(credit.again_id.invoice_line_ids.mapped("voip_calls"), [2, 3])
        self.assertEqual(credit.again_id.voip_span_end, date(2026, 10, 31))
        self.assertEqual(invoice.amount_residual, 0)
        account = invoice.voip_account_id
        self.assertAlmostEqual(account.wallet_id.balance, -0.83, 6)
        self.assertBooks(account)
        self._check_ways(invoice, credit)
        # What was billed again can be credited again.
        self._credit(credit.again_id, outcome="now", deck_id=self.deck.id)
        self.assertAlmostEqual(account.wallet_id.balance, -invoice.amount_total, 6)
        self.assertBooks(account)

    def _check_ways(self, invoice, credit):
        """From each of the three documents one click to the others, rightly named."""
        note, again = credit.note_id, credit.again_id
        for move, there in (
            (invoice, {"notes": note, "again": again}),
            (note, {"origin": invoice, "again": again}),
            (again, {"origin": invoice, "notes": note}),
        ):
            own = move.with_user(self.accountant)
            for way, count in (
                ("origin", own.voip_origin_count),
                ("notes", own.voip_note_count),
                ("again", own.voip_again_count),
            ):
                with self.subTest(move=move.name, way=way):
                    self.assertEqual(count, 1 if way in there else 0)
                    action = getattr(own, f"action_voip_view_{way}")()
                    if way in there:
                        self.assertEqual(action["res_id"], there[way].id)

    def test_a_line_says_its_rate_with_its_currency(self):
        foreign = self.setup_other_currency("EUR")
        invoice = self._invoiced(currency_id=foreign.id, mode="postpaid")
        own = self.env.company.currency_id.name
        rates = {"DE": f"1.1110 {own}", "UK": f"0.3350 {own}"}
        note = self._credit(invoice).note_id
        for move in (invoice, note):
            lines = move.invoice_line_ids
            self.assertEqual(lines.currency_id, foreign)
            self.assertEqual({x.name: x.voip_rate_text for x in lines}, rates)
        typed = self.init_invoice("out_invoice", amounts=[5], post=True)
        self.assertFalse(typed.invoice_line_ids.voip_rate_text)

    def test_released_calls_wait_for_the_next_invoice(self):
        invoice = self._invoiced()
        account = invoice.voip_account_id
        self._credit(invoice, outcome="next")
        self.assertAlmostEqual(account.wallet_id.unbilled, 3.227, 6)
        self.assertBooks(account)
        again = self._run(account, datetime(2026, 12, 5, 12))
        self.assertEqual(again.amount_total, invoice.amount_total)
        self.assertBooks(account)

    def test_what_was_credited_in_part_is_not_rated_again(self):
        invoice = self._invoiced()
        self._credit(invoice, scope="percent", percentage=10)
        for values in (
            {"scope": "whole"},
            {"scope": "percent", "percentage": 5},
            {"scope": "amount", "amount": 0.1},
            {"scope": "calls", "usage_ids": self._usage(invoice)[:1].ids},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._credit(invoice, outcome="now", **values)
        self.assertBooks(invoice.voip_account_id)

    def test_calls_that_find_no_price_any_more_stop_the_credit(self):
        invoice = self._invoiced()
        deck = self._create_deck(rates=credit_rates("0.1", "0.2")[:1])
        with self.assertRaisesRegex(UserError, "cannot be rated again: 2 .*no rate"):
            self._credit(invoice, outcome="now", deck_id=deck.id)
        self.assertFalse(invoice.reversal_move_ids)
        self.assertBooks(invoice.voip_account_id)

    def test_a_batch_is_undone_neither_before_nor_after_its_credit_twice(self):
        account = self._create_account(deck_id=self.deck.id)
        answer = self._calls(self._create_trunk(account), 2, "44")
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        invoice = self._run(account)
        with self.env.cr.savepoint() as savepoint:
            batch.action_undo()
            for outcome in ("credited", "now"):
                with self.assertRaises(UserError):
                    self._credit(invoice, outcome=outcome)
            savepoint.rollback()
        self.env.invalidate_all()
        self._credit(invoice, outcome="now")
        with self.assertRaisesRegex(UserError, "credited twice"):
            batch.action_undo()
        self.assertBooks(account)

    def test_calls_of_a_sealed_month_are_taken_back_beside_what_is_sealed(self):
        invoice = self._invoiced(self.tax)
        self.env["voip.seal"]._seal(self.env.company, date(2026, 10, 1))
        sealed = invoice.invoice_line_ids.voip_summary_ids
        self.assertTrue(all(sealed.mapped("seal_id")))
        credit = self._credit(invoice, outcome="now")
        self.assertEqual(sealed.move_id, invoice)
        self.assertFalse(any(credit.note_id.line_ids.voip_summary_ids.mapped("seal_id")))
        self.assertBooks(invoice.voip_account_id)
        self.env["voip.seal"]._seal(self.env.company, date(2026, 10, 1))
        self.assertBooks(invoice.voip_account_id)

    def test_a_record_that_staff_corrected_is_rated_again_as_corrected(self):
        account = self._create_account(deck_id=self.deck.id)
        trunk = self._create_trunk(account)
        record = {
            "call_id": "corrected",
            "called": "442071234567",
            "start": "2026-10-05T10:00:00Z",
            "duration": "60",
            "answered": True,
            "trunk": "nobody",
        }
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=[record], rate_now=True
        )
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        batch.error_ids.fix_trunk = trunk.code
        batch.error_ids.action_rate_again()
        self._calls(trunk, 1, "44")
        invoice = self._run(account)
        self.assertEqual(invoice.invoice_line_ids.voip_calls, 2)
        credit = self._credit(invoice, outcome="now")
        self.assertEqual(credit.again_id.amount_total, invoice.amount_total)
        self.assertBooks(account)

    def test_lines_of_a_sub_account_keep_their_section(self):
        account = self._create_account(deck_id=self.deck.id)
        child = self._create_account(
            partner_id=account.partner_id.id,
            parent_id=account.id,
            consolidated_billing=True,
            deck_id=self.deck.id,
        )
        self._calls(self._create_trunk(account), 1, "44")
        self._calls(self._create_trunk(child), 1, "49")
        invoice = self._run(account)
        lines = invoice.invoice_line_ids.filtered(lambda x: x.name == "DE")
        values = {"scope": "lines", "line_ids": [(6, 0, lines.ids)]}
        credit = self._credit(invoice, outcome="now", **values)
        names = [child.display_name, "DE"]
        self.assertEqual(credit.note_id.invoice_line_ids.mapped("name"), names)
        self.assertEqual(credit.again_id.invoice_line_ids.mapped("name"), ["DE"])
        self.assertBooks(account)
