"""What comes from outside moves wallets like what is typed: online payments, files."""

from odoo import Command
from odoo.tests import tagged

from .books_common import BooksCommon


@tagged("post_install", "-at_install")
class TestBooksOutside(BooksCommon):
    def _pay_online(self, amount, invoices):
        """A transaction of a payment provider that was confirmed."""
        provider = self.env["payment.provider"].sudo().create(
            {
                "name": "Cards",
                "state": "test",
                "company_id": self.env.company.id,
                "journal_id": self.bank.id,
                "code": "none",
            }
        )
        method = self.env["payment.method"].sudo().search([], limit=1)
        method.active = True
        self.env["account.payment.method"].sudo().create(
            {"name": "Cards", "code": "none", "payment_type": "inbound"}
        )
        line = self.bank.inbound_payment_method_line_ids[:1]
        line.sudo().write({"payment_provider_id": provider.id})
        transaction = self.env["payment.transaction"].sudo().create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": "Order 7",
                "amount": amount,
                "currency_id": self.own.id,
                "partner_id": self.customer.id,
                "invoice_ids": [Command.set(invoices.ids)],
                "operation": "online_redirect",
            }
        )
        transaction._set_done()
        transaction._post_process()
        return transaction.payment_id

    def test_an_invoice_is_paid_online(self):
        one, two = self._account(), self._account()
        invoice = self._invoice(100, account=two)
        payment = self._pay_online(100, invoice)
        self.assertEqual(payment.move_id.state, "posted")
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(payment.voip_account_id, two)
        self.assertWallets((one, 0), (two, 0))

    def test_entries_are_imported_from_a_file(self):
        account = self._account()
        columns = [
            "journal_id/.id",
            "date",
            "ref",
            "line_ids/account_id/.id",
            "line_ids/partner_id/.id",
            "line_ids/debit",
            "line_ids/credit",
        ]
        journal = str(self.company_data["default_journal_misc"].id)
        revenue = str(self.company_data["default_account_revenue"].id)
        receivable, customer = str(self.receivable.id), str(self.customer.id)
        rows = [
            [journal, "2026-03-10", "Opening", receivable, customer, "70", "0"],
            ["", "", "", revenue, "", "0", "70"],
        ]
        result = self.env["account.move"].load(columns, rows)
        self.assertTrue(result["ids"], result["messages"])
        self.env["account.move"].browse(result["ids"]).action_post()
        self.assertWallets((account, -70))

    def test_a_document_comes_by_the_api_and_is_moved_by_it(self):
        one, two = self._account(), self._account()
        [values] = self._invoice(100, post=False).copy_data()
        move = self.env["account.move"].create([values])
        move.action_post()
        self.assertWallets((one, -100), (two, 0))
        move.write({"voip_account_id": two.id})
        self.assertWallets((one, 0), (two, -100))
