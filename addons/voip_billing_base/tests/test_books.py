"""Whatever is done with receivables, wallets and books say the same."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .books_common import DAY, LATER, BooksCommon


class BooksCases:
    """The cases; run with every kind of books."""

    allow_inherited_tests_method = True

    # === Whose wallet === #

    def test_a_payment_pays_the_account_of_what_it_pays(self):
        one, two = self._account(), self._account()
        invoice = self._invoice(100, account=two)
        self.assertWallets((one, 0), (two, -100))
        payment = self._pay(invoice)
        self.assertEqual(payment.voip_account_id, two)
        self.assertWallets((one, 0), (two, 0))

    def test_a_loose_payment_is_the_main_accounts_and_its_rest_stays_there(self):
        one, two = self._account(), self._account()
        self.assertTrue(one.is_main)
        invoice = self._invoice(100, account=two)
        payment = self._loose(150)
        self.assertWallets((one, 150), (two, -100))
        self._reconcile(invoice, payment)
        self.assertWallets((one, 50), (two, 0))
        self.assertEqual(self._kinds(one), [("payment", 150.0), ("transfer", -100.0)])
        self.assertEqual(self._kinds(two), [("invoice", -100.0), ("transfer", 100.0)])
        self._release(payment)
        self.assertWallets((one, 150), (two, -100))
        self.assertEqual(self._kinds(one)[2:], [("transfer", 100.0)])

    def test_what_is_paid_at_once_says_whose_the_rest_is(self):
        one, two = self._account(), self._account()
        invoice = self._invoice(100, account=two)
        self._pay(invoice, amount=150)
        self.assertWallets((one, 0), (two, 50))

    def test_an_account_that_is_named_keeps_what_is_left(self):
        one, two = self._account(), self._account()
        invoice = self._invoice(100, account=one)
        payment = self._loose(150, account=two)
        self._reconcile(invoice, payment)
        self.assertWallets((one, 0), (two, 50))
        self.assertIn(("transfer", -100.0), self._kinds(two))
        self.assertIn(("transfer", 100.0), self._kinds(one))

    def test_one_payment_over_invoices_of_several_accounts(self):
        one, two = self._account(), self._account()
        invoices = self._invoice(100, account=one) | self._invoice(60, account=two)
        self._pay(invoices)
        self.assertWallets((one, 0), (two, 0))

    def test_the_account_of_a_posted_payment_is_changed(self):
        one, two = self._account(), self._account()
        payment = self._loose(80, account=one)
        payment.voip_account_id = two
        self.assertWallets((one, 0), (two, 80))
        payment.voip_account_id = False
        self.assertWallets((one, 80), (two, 0))

    def test_the_account_of_a_journal_item_is_chosen(self):
        one, two = self._account(), self._account()
        payment = self._loose(80)
        line = self._open_lines(payment)
        line.voip_account_id = two
        self.assertWallets((one, 0), (two, 80))
        stranger = self._account(partner=self.other)
        with self.assertRaises(ValidationError):
            line.voip_account_id = stranger
        line.invalidate_recordset()
        line.voip_account_id = False
        self.assertWallets((one, 80), (two, 0))

    def test_the_main_account_is_another_one(self):
        one, two = self._account(), self._account()
        two.is_main = True
        self.assertFalse(one.is_main)
        self._loose(10)
        self.assertWallets((one, 0), (two, 10))
        event = self.env["voip.audit"].search(
            [("event", "=", "account_terms")], order="id desc", limit=1
        )
        self.assertIn("is_main", event.data)

    def test_the_only_account_in_the_currency_comes_before_the_main_one(self):
        one, two = self._account(), self._account(self.eur)
        self._invoice(80, self.eur)
        self._loose(50)
        self.assertWallets((one, 50), (two, -80))

    def test_a_sub_account_that_its_parent_pays(self):
        parent = self._account()
        child = self._account(parent_id=parent.id, pay_by_parent=True)
        self._invoice(100, account=child)
        self.assertWallets((parent, -100), (child, 0))
        self._loose(100, account=child)
        self.assertWallets((parent, 0), (child, 0))

    # === Moved to another customer === #

    def test_documents_move_to_another_customer_through_draft(self):
        one = self._account()
        two = self._account(partner=self.other)
        invoice, payment = self._invoice(100, account=one), self._loose(70, account=one)
        entry = self._entry(
            (self.receivable, -30, self.customer),
            (self.company_data["default_account_revenue"], 30),
        )
        self.assertWallets((one, 0), (two, 0))
        for record, left in ((invoice, (100, -100)), (payment, (30, -30))):
            if not self._draft(record):
                return
            record.partner_id = self.other
            record.action_post()
            self.assertWallets((one, left[0]), (two, left[1]))
        self._draft(entry)
        self._open_lines(entry).partner_id = self.other
        entry.action_post()
        self.assertWallets((one, 0), (two, 0))

    def _draft(self, record):
        """Reset to draft; False where Odoo refuses because the entry is hashed."""
        move = record if record._name == "account.move" else record.move_id
        draft = record.button_draft if record == move else record.action_draft
        if move.inalterable_hash:
            with self.assertRaises(UserError):
                draft()
            return False
        draft()
        return True

    def test_partners_are_merged(self):
        one = self._account()
        two = self._account(partner=self.other)
        invoice = self._invoice(100)
        self._loose(40, partner=self.other)
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge([self.other.id, self.customer.id], self.customer)
        self.assertEqual(two.partner_id, self.customer)
        self.assertWallets((one, -100), (two, 40))
        self._pay(invoice)
        self.assertWallets((one, 0), (two, 40))

    def test_a_contact_with_money_stays_with_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.customer.id}
        )
        one = self._account()
        two = self._account(partner=contact)
        self._invoice(100, account=two)
        self.assertWallets((one, 0), (two, -100))
        with self.assertRaises(UserError):
            contact.parent_id = False
        self.assertWallets((one, 0), (two, -100))

    def test_the_partner_is_set_later(self):
        one = self._account()
        entry = self._entry(
            (self.receivable, -30),
            (self.company_data["default_account_revenue"], 30),
        )
        self.assertWallets((one, 0))
        if not entry.inalterable_hash:
            self._open_lines(entry).partner_id = self.customer
            self.assertWallets((one, 30))

    # === Currencies === #

    def test_an_account_is_paid_in_another_currency(self):
        # account, document and payment currencies; what is left after 100 of each
        for account_currency, paid, left in (
            (self.eur, self.own, 0),
            (self.own, self.eur, 0),
            (self.eur, self.gbp, 0),
            (self.own, self.own, 0),
        ):
            with self.subTest(account=account_currency.name, paid=paid.name):
                partner = self.env["res.partner"].create({"name": "Pair"})
                account = self._account(account_currency, partner)
                invoice = self._invoice(100, account_currency, partner=partner)
                self.assertWallets((account, -100))
                payment = self._pay(invoice, currency_id=paid.id)
                self.assertEqual(payment.currency_id, paid)
                self.assertWallets((account, left))
                self._release(payment)
                self.assertWallets((account, account.wallet_id.ledger_balance))

    def test_a_document_in_another_currency_than_its_accounts(self):
        account = self._account(self.eur)
        invoice = self._invoice(100, account=account)
        self.assertWallets((account, -80))
        part = self._pay(invoice, amount=25)
        self.assertWallets((account, -60))
        self._pay(invoice)
        self.assertWallets((account, 0))
        self._release(part)
        self.assertWallets((account, 0))

    def test_a_third_currency_counts_at_its_booked_rate(self):
        account = self._account(self.eur)
        invoice = self._invoice(40, self.gbp, account=account)
        self.assertWallets((account, -80))
        payment = self._pay(invoice, payment_date=LATER, currency_id=self.eur.id)
        self.assertEqual(payment.currency_id, self.eur)
        self.assertWallets((account, 0))

    def test_an_exchange_difference_is_named(self):
        account = self._account()
        invoice = self._invoice(80, self.eur, account=account)
        self.assertWallets((account, -100))
        self._pay(invoice, payment_date=LATER, currency_id=self.eur.id)
        self.assertWallets((account, 0))
        self.assertEqual(
            self._kinds(account),
            [("invoice", -100.0), ("payment", 160.0), ("exchange", -60.0)],
        )

    def test_a_rate_is_changed_and_the_entry_posted_again(self):
        account = self._account(self.eur)
        invoice = self._invoice(40, self.gbp, account=account)
        self.assertWallets((account, -80))
        if not self._draft(invoice):
            return
        self.eur.rate_ids.filtered(lambda r: r.name < DAY).rate = 0.6
        invoice.action_post()
        self.assertWallets((account, -60))

    def test_a_customer_with_accounts_in_two_currencies(self):
        own, eur = self._account(), self._account(self.eur)
        self._invoice(100)
        self._invoice(80, self.eur)
        self.assertWallets((own, -100), (eur, -80))
        self._reconcile(self._loose(100), self._loose(80, self.eur))
        self.assertWallets((own, 0), (eur, 0))

    # === Closing of other kinds === #

    def test_a_top_up_bounces(self):
        account, two = self._account(), self._account()
        payment = self._topup(two, 50)
        self.assertEqual(self._kinds(two), [("topup", 50.0)])
        payment.action_reject()
        self.assertEqual(payment.state, "rejected")
        self.assertWallets((account, 0), (two, 0))

    def test_a_payment_is_cancelled(self):
        account = self._account()
        invoice = self._invoice(50)
        payment = self._pay(invoice)
        self.assertWallets((account, 0))
        if self._draft(payment):
            payment.action_cancel()
            self.assertWallets((account, -50))

    def test_bank_line_its_suspense_line_and_its_undoing(self):
        one, two = self._account(), self._account()
        invoice = self._invoice(100, account=two)
        bank_line = self._bank_line(100, self.customer)
        self.assertWallets((one, 0), (two, -100))
        line = self._to_receivable(bank_line)
        self.assertWallets((one, 100), (two, -100))
        (line | self._open_lines(invoice)).reconcile()
        self.assertWallets((one, 0), (two, 0))
        bank_line.action_undo_reconciliation()
        self.assertWallets((one, 0), (two, -100))

    def test_a_write_off_and_a_discount_are_named(self):
        account = self._account()
        expense = self.company_data["default_account_expense"]
        invoice = self._invoice(100)
        self._pay(
            invoice,
            amount=95,
            payment_difference_handling="reconcile",
            writeoff_account_id=expense.id,
        )
        self.assertWallets((account, 0))
        self.assertEqual(
            self._kinds(account),
            [("invoice", -100.0), ("payment", 95.0), ("write_off", 5.0)],
        )
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [Command.create({"value": "percent", "nb_days": 30})],
            }
        )
        self._pay(self._invoice(100, invoice_payment_term_id=term.id))
        self.assertWallets((account, 0))
        self.assertEqual(
            self._kinds(account)[3:],
            [("invoice", -100.0), ("payment", 98.0), ("discount", 2.0)],
        )

    def test_a_write_off_by_entry_and_instalments(self):
        account = self._account()
        term = self.env["account.payment.term"].create(
            {
                "name": "Two parts",
                "line_ids": [
                    Command.create({"value_amount": 30, "nb_days": 0}),
                    Command.create({"value_amount": 70, "nb_days": 30}),
                ],
            }
        )
        invoice = self._invoice(100, invoice_payment_term_id=term.id)
        self._pay(invoice, amount=30)
        self.assertWallets((account, -70))
        entry = self._entry(
            (self.receivable, -70, self.customer),
            (self.company_data["default_account_expense"], 70),
        )
        self.assertWallets((account, 0))
        self.assertEqual(self._kinds(account)[-1], ("write_off", 70.0))
        self._reconcile(invoice, entry)
        self.assertWallets((account, 0))
        self.assertEqual(len(self._kinds(account)), 3)

    def test_a_credit_note_belongs_to_the_account_of_its_invoice(self):
        one, two = self._account(), self._account()
        invoice = self._invoice(100, account=two)
        refund = invoice._reverse_moves([{"invoice_date": DAY, "date": DAY}])
        refund.action_post()
        self.assertEqual(refund.voip_account_id, two)
        self.assertWallets((one, 0), (two, 0))
        self._release(invoice)
        self.assertWallets((one, 0), (two, 0))

    def test_items_of_two_customers_are_reconciled(self):
        one, two = self._account(), self._account(partner=self.other)
        invoice = self._invoice(100)
        payment = self._loose(100, partner=self.other)
        self.assertWallets((one, -100), (two, 100))
        self._reconcile(invoice, payment)
        self.assertWallets((one, 0), (two, 0))
        self.assertIn(("transfer", 100.0), self._kinds(one))
        self._release(invoice)
        self.assertWallets((one, -100), (two, 100))

    # === Accounts and time === #

    def test_an_account_is_opened_with_open_receivables(self):
        self._invoice(100)
        paid = self._invoice(40)
        self._pay(paid)
        account = self._account()
        self.assertWallets((account, -100))
        self.assertEqual(self._kinds(account), [("opening", -100.0)])

    def test_a_second_account_is_opened_between_invoice_and_payment(self):
        one = self._account()
        invoice = self._invoice(100)
        two = self._account()
        self._pay(invoice)
        self.assertWallets((one, 0), (two, 0))

    def test_a_raw_change_of_a_residual_is_kept_for_the_wallet(self):
        account = self._account()
        line = self._open_lines(self._invoice(100))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET voip_ledger_amount = 7 WHERE id = %s",
            [line.id],
        )
        self.assertWallets((account, -100))

    def test_what_is_done_and_undone_leaves_no_trace(self):
        account = self._account()
        invoice, payment = self._invoice(100), self._loose(100)
        before = self._kinds(account)
        self._reconcile(invoice, payment)
        self._release(invoice)
        self.assertEqual(self._kinds(account), before)
        self.assertWallets((account, 0))


@tagged("post_install", "-at_install")
class TestBooks(BooksCases, BooksCommon):
    """Books as they come."""
