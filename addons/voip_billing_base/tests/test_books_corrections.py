"""Corrections of accountants: reset to draft, other customers, other accounts."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .books_common import BooksCommon


@tagged("post_install", "-at_install")
class TestBooksCorrections(BooksCommon):
    def test_first_accounts_that_are_made_at_once_have_one_main_account(self):
        partner = self.env["res.partner"].create({"name": "Both at once"})
        vals = {"partner_id": partner.id, "tz": "UTC"}
        accounts = self.env["voip.account"].create([dict(vals), dict(vals)])
        self.assertEqual(accounts.mapped("is_main"), [True, False])
        partner = self.env["res.partner"].create({"name": "Both, and one chosen"})
        vals["partner_id"] = partner.id
        accounts = self.env["voip.account"].create(
            [dict(vals), {**vals, "is_main": True}]
        )
        self.assertEqual(accounts.mapped("is_main"), [False, True])

    def test_a_paid_invoice_that_is_moved_leaves_the_money_with_who_paid(self):
        one, two = self._account(), self._account(partner=self.other)
        invoice = self._invoice(8)
        self._pay(invoice)
        invoice.button_draft()
        self.assertWallets((one, 8), (two, 0))
        invoice.partner_id = self.other
        invoice.action_post()
        self.assertWallets((one, 8), (two, -8))
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_paid_invoice_in_draft_gives_the_payment_back(self):
        account = self._account()
        invoice, payment = self._invoice(30), self._loose(30)
        self._reconcile(invoice, payment)
        invoice.button_draft()
        self.assertWallets((account, 30))
        self.assertEqual(self._kinds(account)[-1], ("reversal", 30.0))
        invoice.action_post()
        self.assertWallets((account, 0))

    def test_a_payment_in_draft_opens_what_it_paid(self):
        account = self._account()
        invoice = self._invoice(30)
        payment = self._pay(invoice)
        payment.action_draft()
        self.assertWallets((account, -30))
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(self._kinds(account)[-1], ("reversal", -30.0))

    def test_a_closed_main_account_hands_over(self):
        one, two, three = self._account(), self._account(), self._account()
        one._set_state("closed", "Merged into the second")
        self.assertEqual((one.is_main, two.is_main, three.is_main), (0, 1, 0))
        self._loose(25)
        self.assertWallets((one, 0), (two, 25), (three, 0))

    def test_money_that_comes_to_a_closed_account_is_moved_by_closing_it_again(self):
        one, two = self._account(), self._account()
        one._set_state("closed", "Left")
        self._loose(25, account=one)
        self.assertWallets((one, 25), (two, 0))
        wizard = self.env["voip.account.state.wizard"].create(
            {
                "account_ids": one.ids,
                "state": "closed",
                "reason": "Left",
                "money": "move",
                "target_id": two.id,
            }
        )
        wizard.action_apply()
        self.assertWallets((one, 0), (two, 25))
        with self.assertRaises(UserError):
            self._loose(5, account=one)
            one._set_state("closed", "Left")

    def test_an_account_that_becomes_a_receivable_or_is_none_any_more(self):
        account = self._account()
        plain = self.receivable.copy({"account_type": "asset_current"})
        revenue = self.company_data["default_account_revenue"]
        entry = self._entry((plain, 33, self.customer), (revenue, -33))
        self.assertWallets((account, 0))
        plain.account_type = "asset_receivable"
        self.assertWallets((account, -33))
        plain.account_type = "asset_current"
        self.assertFalse(entry.line_ids.voip_account_id)
        self.assertWallets((account, 0))

    def test_an_account_of_another_customer_is_not_named(self):
        self._account()
        stranger = self._account(partner=self.other)
        for make in (self._loose, self._invoice):
            with self.subTest(make.__name__), self.assertRaises(ValidationError):
                make(5, account=stranger)

    def test_a_set_off_with_what_is_owed_to_the_customer_is_named(self):
        account = self._account()
        payable = self.company_data["default_account_payable"]
        self._entry(
            (self.receivable, -40, self.customer), (payable, 40, self.customer)
        )
        self.assertWallets((account, 40))
        self.assertEqual(self._kinds(account), [("netting", 40.0)])

    def test_a_write_off_in_the_accounts_currency_is_told_to_the_cent(self):
        account = self._account(self.eur)
        invoice = self._invoice(70, self.eur)
        self._pay(
            invoice,
            amount=63,
            currency_id=self.eur.id,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertEqual(
            self._kinds(account),
            [("invoice", -70.0), ("payment", 63.0), ("write_off", 7.0)],
        )

    def test_who_pays_for_another_customer_shows_with_him(self):
        payer = self._account(partner=self.other)
        child = self._account(
            partner=self.customer, parent_id=payer.id, pay_by_parent=True
        )
        self._invoice(6, account=child)
        self._loose(5)
        self.assertWallets((payer, -1), (child, 0))
        self.env.flush_all()
        rows = self.env["voip.receivable"].search(
            [("partner_id", "=", self.customer.id), ("receivable", "!=", 0)]
        )
        self.assertEqual(rows.mapped("receivable"), [1.0])
        self.assertEqual(rows.account_id, payer)
