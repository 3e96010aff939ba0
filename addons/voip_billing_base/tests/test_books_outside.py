"""What comes from outside moves wallets like what is typed: online payments, files."""

from odoo import Command
from odoo.tests import tagged

from .books_common import BooksCommon

UBL = """<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
  <cbc:ID>DOC/77</cbc:ID>
  <cbc:IssueDate>2026-03-10</cbc:IssueDate>
  <cbc:{kind}TypeCode>{code}</cbc:{kind}TypeCode>
  <cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PartyName><cbc:Name>{supplier}</cbc:Name></cac:PartyName>
    <cac:PartyTaxScheme><cbc:CompanyID>{supplier_vat}</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PartyName><cbc:Name>{customer}</cbc:Name></cac:PartyName>
    <cac:PartyTaxScheme><cbc:CompanyID>{customer_vat}</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:LegalMonetaryTotal>
    <cbc:TaxExclusiveAmount currencyID="{currency}">80.00</cbc:TaxExclusiveAmount>
    <cbc:PayableAmount currencyID="{currency}">80.00</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:{kind}Line>
    <cbc:ID>1</cbc:ID>
    <cbc:{quantity} unitCode="C62">2</cbc:{quantity}>
    <cbc:LineExtensionAmount currencyID="{currency}">80.00</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Port fees</cbc:Name></cac:Item>
    <cac:Price>
      <cbc:PriceAmount currencyID="{currency}">40.00</cbc:PriceAmount>
    </cac:Price>
  </cac:{kind}Line>
</{root}>
"""  # noqa: E501


@tagged("post_install", "-at_install")
class TestBooksOutside(BooksCommon):
    def _pay_online(self, amount, invoices):
        """A transaction of a payment provider that was confirmed."""
        provider = self.env["payment.provider"].sudo().create(
            {
                "name": "Cards",
                "state": "enabled",
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

    def _import(self, journal, root, party, other):
        """A UBL document as it comes by mail or is dropped on the journal."""
        content = UBL.format(
            root=root,
            kind="Invoice" if root == "Invoice" else "CreditNote",
            code=380 if root == "Invoice" else 381,
            quantity="InvoicedQuantity" if root == "Invoice" else "CreditedQuantity",
            customer=party.name,
            customer_vat=party.vat,
            supplier=other.name,
            supplier_vat=other.vat,
            currency=self.own.name,
        )
        attachment = self.env["ir.attachment"].create(
            {"name": "document.xml", "raw": content, "mimetype": "application/xml"}
        )
        return journal._create_document_from_attachment(attachment.ids)

    def test_invoices_and_credit_notes_come_as_electronic_documents(self):
        one = self._account()
        self._account()
        self.customer.write({"vat": "BE0477472701", "country_id": self._belgium})
        company = self.env.company.partner_id
        company.write({"vat": "BE0246697724", "country_id": self._belgium})
        journal = self.company_data["default_journal_sale"]
        invoice = self._import(journal, "Invoice", self.customer, company)
        self.assertEqual(invoice.move_type, "out_invoice")
        self.assertEqual(invoice.partner_id, self.customer)
        self.assertEqual(invoice.amount_untaxed, 80)
        self.assertWallets((one, 0))
        invoice.action_post()
        self.assertWallets((one, -invoice.amount_total))
        self._pay(invoice)
        self.assertWallets((one, 0))
        note = self._import(journal, "CreditNote", self.customer, company)
        self.assertEqual(note.move_type, "out_refund")
        note.action_post()
        self.assertEqual(note.voip_account_id, one)
        self.assertWallets((one, note.amount_total))

    def test_a_bill_of_a_customer_is_no_matter_of_his_wallet(self):
        account = self._account()
        self.customer.write({"vat": "BE0477472701", "country_id": self._belgium})
        company = self.env.company.partner_id
        company.write({"vat": "BE0246697724", "country_id": self._belgium})
        journal = self.company_data["default_journal_purchase"]
        bill = self._import(journal, "Invoice", company, self.customer)
        self.assertEqual(bill.move_type, "in_invoice")
        self.assertEqual(bill.partner_id, self.customer)
        bill.invoice_date = self._day
        bill.action_post()
        self.assertFalse(bill.line_ids.voip_account_id)
        self.assertWallets((account, 0))

    @property
    def _belgium(self):
        return self.env.ref("base.be").id

    def test_a_document_comes_by_the_api_and_is_moved_by_it(self):
        one, two = self._account(), self._account()
        [values] = self._invoice(100, post=False).copy_data()
        move = self.env["account.move"].create([values])
        move.action_post()
        self.assertWallets((one, -100), (two, 0))
        move.write({"voip_account_id": two.id})
        self.assertWallets((one, 0), (two, -100))
