"""Electronic invoices of usage hold to the rules, and tell the minutes."""

import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from lxml import etree

from odoo.tests import tagged

from .usage_common import ONE, UsageCommon

PLACES = 40
VALIDATOR = Path(__file__).with_name("edi_validator.py")
UBL = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


@tagged("post_install", "-at_install")
class TestEdi(UsageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._of_country(
            cls.env.company.partner_id, "be", "BE0477472701", "0208", "0477472701"
        )
        cls.bank = cls.env["res.partner.bank"].create(
            {
                "acc_number": "BE15001559627230",
                "partner_id": cls.env.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.env.company.id)], limit=1
        ).bank_account_id = cls.bank
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True

    @classmethod
    def _of_country(cls, partner, country, vat, eas, endpoint):
        partner.write(
            {
                "country_id": cls.env.ref(f"base.{country}").id,
                "vat": vat,
                "street": "Street 1",
                "zip": "10115",
                "city": "City",
                "phone": "+3225551234",
                "email": "billing@example.com",
                "peppol_eas": eas,
                "peppol_endpoint": endpoint,
                "invoice_edi_format": "ubl_bis3",
            }
        )

    def _tax(self, percent, code, reason=False):
        return self.env["account.tax"].create(
            {
                "name": f"{percent} {code}",
                "amount": percent,
                "type_tax_use": "sale",
                "ubl_cii_tax_category_code": code,
                "ubl_cii_tax_exemption_reason_code": reason,
            }
        )

    def _invoice(self, tax, currency=None, vat="DE123456788"):
        """A posted invoice of usage in :data:`PLACES` destinations."""
        self.service.product_id.taxes_id = tax
        values = {"currency_id": currency.id} if currency else {}
        account = self._create_account(mode="postpaid", credit_limit=10**6, **values)
        self._of_country(account.partner_id, "de", vat, "9930", vat)
        chance = random.Random(7)
        self._charge(account, [chance.randrange(1, ONE) for _ in range(PLACES)])
        return self._run(account)

    def _credited(self, invoice):
        wizard = self.env["voip.credit.wizard"].create(
            {
                "move_id": invoice.id,
                "reason": "Wrong rate",
                "scope": "percent",
                "percentage": 33.3,
            }
        )
        wizard.action_credit()
        return invoice.reversal_move_ids

    def _exported(self, move, format_):
        xml, errors = self.env[f"account.edi.xml.{format_}"]._export_invoice(move)
        self.assertFalse(errors)
        return xml

    def assertValid(self, move):
        """Peppol's rules, and the official Schematron of EN 16931, find nothing."""
        ubl = self._exported(move, "ubl_bis3")
        for xml in (ubl, self._exported(move, "cii")):
            found = subprocess.run(
                [sys.executable, VALIDATOR], input=xml, capture_output=True, timeout=120
            )
            self.assertFalse(found.returncode, found.stderr.decode())
            self.assertEqual(found.stdout.decode(), "")
        return etree.fromstring(ubl)

    def test_the_validators_find_what_is_wrong(self):
        xml = self._exported(self._invoice(self._tax(21, "S")), "ubl_bis3")
        wrong = xml.replace(b"<cbc:PayableAmount", b"<cbc:PayableAmount x='1'", 1)
        self.assertNotEqual(wrong, xml)
        found = subprocess.run(
            [sys.executable, VALIDATOR], input=wrong, capture_output=True, timeout=120
        )
        self.assertTrue(found.stdout)

    def test_many_destinations_with_tax(self):
        tree = self.assertValid(self._invoice(self._tax(21, "S")))
        lines = tree.findall("cac:InvoiceLine", UBL)
        self.assertEqual(len(lines), PLACES)

    def test_reverse_charge(self):
        tax = self._tax(0, "AE", "VATEX-EU-AE")
        self.assertValid(self._invoice(tax))

    def test_two_currencies(self):
        company_currency = self.env.company.currency_id
        self.assertNotEqual(company_currency, self.euro)
        self.env["res.currency.rate"].create(
            {"currency_id": self.euro.id, "name": "2020-01-01", "rate": 0.91}
        )
        tree = self.assertValid(self._invoice(self._tax(21, "S"), self.euro))
        amounts = tree.findall("cac:TaxTotal/cbc:TaxAmount", UBL)
        self.assertEqual(
            {amount.get("currencyID") for amount in amounts},
            {"EUR", company_currency.name},
        )

    def test_a_credit_note(self):
        invoice = self._invoice(self._tax(21, "S"))
        move = self._credited(invoice)
        self.assertEqual(move.move_type, "out_refund")
        tree = self.assertValid(move)
        self.assertEqual(etree.QName(tree).localname, "CreditNote")
        # BG-3: the invoice that is credited.
        named = tree.find("cac:BillingReference/cac:InvoiceDocumentReference", UBL)
        told = [child.text for child in named]
        self.assertEqual(told, [invoice.name, str(invoice.invoice_date)])
        cii = etree.fromstring(self._exported(move, "cii"))
        named = cii.find(".//{*}InvoiceReferencedDocument")
        told = [text for text in named.itertext() if text.strip()]
        self.assertEqual(told, [invoice.name, f"{invoice.invoice_date:%Y%m%d}"])

    def test_a_part_of_each_lines_money_is_of_no_call(self):
        """A third of the amount: with all calls, minutes × rate were thrice as much."""
        invoice = self._invoice(self._tax(21, "S"))
        move = self._credited(invoice)
        data = self.env["voip.document.kind.credit_note"]._data(
            self.env["voip.document.kind.credit_note"]._of_move(move)
        )
        self.assertFalse(data["has_usage"])
        for line, each in zip(move.invoice_line_ids, data["lines"], strict=True):
            self.assertEqual((each["kind"], each["calls"]), ("item", None))
            self.assertEqual((each["rate"], each["seconds"]), (None, None))
            self.assertEqual(each["quantity"], "1")
            self.assertEqual(Decimal(each["price"]), Decimal(each["amount"]))
            self.assertFalse(line._voip_edi_properties())
        page, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", move.ids
        )
        cells = etree.HTML(page).findall(".//td[@name]")
        own = [cell for cell in cells if cell.get("name").startswith("td_voip_")]
        self.assertEqual(len(own), 3 * PLACES)
        self.assertFalse([c for c in own if "".join(c.itertext()).strip()])

    def test_a_whole_line_is_credited_with_its_calls(self):
        invoice = self._invoice(self._tax(21, "S"))
        wizard = self.env["voip.credit.wizard"].create(
            {"move_id": invoice.id, "reason": "Wrong rate", "scope": "whole"}
        )
        wizard.action_credit()
        kind = self.env["voip.document.kind.credit_note"]
        data = kind._data(kind._of_move(invoice.reversal_move_ids))
        self.assertEqual({line["kind"] for line in data["lines"]}, {"usage"})
        self.assertEqual({line["calls"] for line in data["lines"]}, {7})

    def test_a_credit_note_of_reverse_charge_in_another_currency(self):
        self.env["res.currency.rate"].create(
            {"currency_id": self.euro.id, "name": "2020-01-01", "rate": 0.91}
        )
        tax = self._tax(0, "AE", "VATEX-EU-AE")
        tree = self.assertValid(self._credited(self._invoice(tax, self.euro)))
        self.assertEqual(etree.QName(tree).localname, "CreditNote")
        reason = "{*}TaxTotal/{*}TaxSubtotal/{*}TaxCategory/{*}TaxExemptionReasonCode"
        self.assertEqual(tree.findtext(reason), "VATEX-EU-AE")

    def test_a_part_paid_invoice_asks_for_the_rest(self):
        invoice = self._invoice(self._tax(21, "S"))
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        register.create({"amount": 1})._create_payments()
        tree = self.assertValid(invoice)
        payable = Decimal(tree.findtext(".//cbc:PayableAmount", namespaces=UBL))
        self.assertEqual(payable, Decimal(f"{invoice.amount_residual:.2f}"))
        self.assertEqual(payable, Decimal(f"{invoice.amount_total:.2f}") - 1)

    def test_yen_have_no_decimals(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": yen.id, "name": "2020-01-01", "rate": 150}
        )
        self.assertValid(self._invoice(self._tax(21, "S"), yen))

    def test_a_line_that_names_no_product(self):
        account = self._create_account()
        self._of_country(account.partner_id, "de", "DE123456788", "9930", "DE123456788")
        line = {"name": "SIP trunk\nBerlin", "price_unit": 33.33, "discount": 10}
        line["tax_ids"] = self._tax(21, "S").ids
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": account.partner_id.id,
                "invoice_date": "2026-01-31",
                "ref": "PO 1",
                "invoice_line_ids": [(0, 0, {**line, "quantity": 3})],
            }
        )
        move.action_post()
        self.assertValid(move)
        self.assertIn(b"<ram:Name>SIP trunk\nBerlin</", self._exported(move, "cii"))

    def test_lines_tell_calls_minutes_and_rate(self):
        invoice = self._invoice(self._tax(21, "S"))
        tree = etree.fromstring(self._exported(invoice, "ubl_bis3"))
        told = {}
        for line in tree.findall("cac:InvoiceLine", UBL):
            name = line.findtext("cac:Item/cbc:Description", namespaces=UBL)
            told[name] = {
                each.findtext("cbc:Name", namespaces=UBL): each.findtext(
                    "cbc:Value", namespaces=UBL
                )
                for each in line.findall("cac:Item/cac:AdditionalItemProperty", UBL)
            }
        rates = invoice.invoice_line_ids._voip_rates()
        for line in invoice.invoice_line_ids:
            with self.subTest(line=line.name):
                minutes = f"{line.voip_seconds // 60}:{line.voip_seconds % 60:02d}"
                own = told[line.name]
                self.assertEqual((own["Calls"], own["Minutes"]), ("7", minutes))
                price, currency = own["Rate"].split()
                self.assertEqual(Decimal(price), Decimal(rates[line.id][0]))
                self.assertEqual(currency, line.currency_id.name)
