"""Credits of usage with every kind of company and journal, and rounded for cash."""

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from .credit_common import CreditNoteCommon, credit_rates


class CreditCases:
    """The cases; run with every kind of books."""

    allow_inherited_tests_method = True

    def _large(self):
        # 30 × 0.335 and 20 × 1.111: no sum without decimals is exact.
        calls = ((30, "44"), (20, "49"))
        return self._invoiced(self.tax, calls=calls, mode="postpaid")

    def _check(self, credit, invoice):
        note, account = credit.note_id, invoice.voip_account_id
        self.assertEqual((credit.state, note.state), ("done", "posted"))
        self.assertEqual(note.company_id, invoice.company_id)
        self.assertBooks(account)
        return note

    def test_the_whole_invoice(self):
        invoice = self._large()
        note = self._check(self._credit(invoice), invoice)
        self.assertEqual(note.amount_total, invoice.amount_total)
        self.assertEqual(invoice.amount_residual, 0)

    def test_parts_until_nothing_is_left(self):
        invoice = self._large()
        german = invoice.invoice_line_ids.filtered(lambda x: x.name == "DE")
        for values in (
            {"scope": "percent", "percentage": 10},
            {"scope": "amount", "amount": 3},
            {"scope": "lines", "line_ids": [Command.set(german.ids)]},
            {"settlement": "wallet"},
        ):
            self._check(self._credit(invoice, **values), invoice)
        total = sum(invoice.reversal_move_ids.mapped("amount_total"))
        self.assertAlmostEqual(total, invoice.amount_total, 6)

    def test_calls_and_then_the_rest(self):
        invoice = self._large()
        calls = self._usage(invoice)[:12].ids
        self._check(self._credit(invoice, scope="calls", usage_ids=calls), invoice)
        self._check(self._credit(invoice), invoice)
        self.assertEqual(invoice.amount_residual, 0)

    def test_released_and_billed_again(self):
        invoice = self._large()
        dear = self._create_deck(rates=credit_rates("2", "3"))
        credit = self._credit(invoice, outcome="now", deck_id=dear.id)
        self._check(credit, invoice)
        again = credit.again_id
        self.assertEqual(again.amount_untaxed, 120)
        self.assertEqual(again.company_id, invoice.company_id)
        self._check(self._credit(again, outcome="next"), again)
        self._check(self._credit(self._large(), outcome="next"), invoice)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditForeign(CreditCases, CreditNoteCommon):
    """The company counts in yen: no decimals."""

    @classmethod
    def setUpCompany(cls):
        cls.env = cls.env(context={})
        yen = cls.env.ref("base.JPY")
        yen.active = True
        return cls.setup_other_company(name="Yen", currency_id=yen.id)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditBranch(CreditCases, CreditNoteCommon):
    """Journals, accounts and taxes are the parent's."""

    @classmethod
    def setUpCompany(cls):
        cls.env = cls.env(context={})
        branch = cls.env["res.company"].sudo().create(
            {"name": "Branch", "parent_id": cls.env.company.id}
        )
        # The chart of accounts is loaded when the branch is committed.
        cls.cr.precommit.run()
        return dict(cls.company_data, company=branch)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditHashed(CreditCases, CreditNoteCommon):
    @classmethod
    def setUpCompany(cls):
        journals = cls.env["account.journal"].search(
            [("company_id", "=", cls.env.company.id)]
        )
        journals.restrict_mode_hash_table = True

    def test_credit_notes_are_hashed(self):
        note = self._credit(self._large()).note_id
        self.assertTrue(note.inalterable_hash)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditStorno(CreditCases, CreditNoteCommon):
    """Credit notes are negative debits."""

    @classmethod
    def setUpCompany(cls):
        cls.env.company.account_storno = True

    def test_a_credit_note_is_a_storno(self):
        note = self._credit(self._large()).note_id
        self.assertTrue(note.is_storno)
        self.assertTrue(all(line.debit <= 0 for line in note.line_ids))


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCashRounding(CreditNoteCommon):
    """Usage invoices that are rounded for cash by a default of the company."""

    def _round(self, strategy, method="HALF-UP"):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "To 0.50",
                "rounding": 0.5,
                "rounding_method": method,
                "strategy": strategy,
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
            }
        )
        self.env["ir.default"].set(
            "account.move", "invoice_cash_rounding_id", rounding.id
        )

    def _each(self, check):
        """Call ``check`` with an invoice of 3.84 for each way to round it for cash."""
        for strategy in ("add_invoice_line", "biggest_tax"):
            for method, total in (("UP", 4.0), ("DOWN", 3.5)):
                with self.subTest(strategy=strategy, method=method):
                    self._round(strategy, method)
                    invoice = self._invoiced(self.tax, mode="postpaid")
                    self.assertEqual(invoice.amount_total, total)
                    self.assertBooks(invoice.voip_account_id)
                    check(invoice)
                    self.assertBooks(invoice.voip_account_id)

    def test_the_rounded_amount_is_what_is_paid(self):
        def check(invoice):
            wallet = invoice.voip_account_id.wallet_id
            self.assertEqual(wallet.ledger_balance, -invoice.amount_total)
            wizard = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            )
            payment = wizard.create({})._create_payments()
            self.assertEqual(payment.amount, invoice.amount_total)
            self.assertEqual(invoice.amount_residual, 0)
            wallet.invalidate_recordset()
            self.assertEqual(wallet.ledger_balance, 0)

        self._each(check)

    def test_the_credit_gives_back_what_was_rounded(self):
        def check(invoice):
            wizard = self._wizard(invoice)
            self.assertAlmostEqual(wizard.planned, invoice.amount_total, 6)
            note = self._credit(invoice).note_id
            self.assertEqual(note.amount_total, invoice.amount_total)
            self.assertEqual(invoice.amount_residual, 0)

        self._each(check)

    def test_the_last_part_gives_it_back(self):
        def check(invoice):
            self._credit(invoice, scope="percent", percentage=30)
            self._credit(invoice, scope="amount", amount=1)
            self._credit(invoice)
            total = sum(invoice.reversal_move_ids.mapped("amount_total"))
            self.assertAlmostEqual(total, invoice.amount_total, 6)

        self._each(check)

    def test_what_is_billed_again_is_rounded_anew(self):
        def check(invoice):
            credit = self._credit(invoice, outcome="now")
            self.assertEqual(credit.note_id.amount_total, invoice.amount_total)
            self.assertEqual(credit.again_id.amount_total, invoice.amount_total)

        self._each(check)
