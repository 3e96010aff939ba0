"""Odoo's own print and send use the template of the account."""

from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader

from odoo.tests import new_test_user, tagged
from odoo.tools import config

from .common import DocumentCommon

REPORT = "account.report_invoice_with_payments"


@tagged("post_install", "-at_install")
class TestPrint(DocumentCommon):
    def setUp(self):
        super().setUp()
        self._create_template(
            account_id=self.account.id, body="<p>OWN {{ number }} of {{ kind }}</p>"
        )
        self.accountant = new_test_user(
            self.env,
            login="print_accountant",
            groups="account.group_account_invoice",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )

    def _print(self, moves, **context):
        report = self.env["ir.actions.report"].with_user(self.accountant)
        report = report.with_context(force_report_rendering=True, **context)
        return report._render_qweb_pdf(REPORT, moves.ids)[0]

    def _texts(self, content):
        return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]

    def test_a_plain_accountant_prints_by_the_template(self):
        refund = self._create_invoice(self.account, move_type="out_refund")
        self._create_template(
            kind="credit_note",
            account_id=self.account.id,
            body="<p>OWN {{ number }}</p>",
        )
        texts = self._texts(self._print(self.invoice + refund))
        self.assertEqual(len(texts), 2)
        self.assertIn(f"OWN {self.invoice.name} of invoice", texts[0])
        self.assertIn(f"OWN {refund.name}", texts[1])

    def test_what_is_printed_is_kept(self):
        content = self._print(self.invoice)
        document = self.env["voip.document"].search(
            [("move_id", "=", self.invoice.id), ("format", "=", "pdf")]
        )
        self.assertEqual(document._bytes("content"), content)
        self.assertEqual(self._print(self.invoice), content)

    def test_documents_without_account_and_drafts_are_odoos(self):
        stranger = self.env["res.partner"].create({"name": "No account"})
        plain = self.invoice.copy({"partner_id": stranger.id, "voip_account_id": False})
        plain.action_post()
        draft = self.invoice.copy()
        report = self.env["ir.actions.report"]
        for moves, data in (
            (plain, {}),
            (draft, {}),
            (self.invoice, {"proforma": True}),
        ):
            with self.subTest(move=moves.state, data=data):
                self.assertFalse(report._voip_documents(REPORT, data, moves.ids))
        both = (self.invoice + plain).ids
        self.assertEqual(list(report._voip_documents(REPORT, {}, both)), both[:1])

    def test_sending_attaches_it(self):
        self.account.partner_id.email = "customer@example.com"
        send = self.env["account.move.send"].with_context(force_report_rendering=True)
        send._generate_and_send_invoices(self.invoice, sending_methods={"manual"})
        content = self.invoice.invoice_pdf_report_id.raw
        [text] = self._texts(content)
        self.assertIn(f"OWN {self.invoice.name}", text)

    def test_factur_x_is_put_into_it(self):
        self.account.partner_id.write(
            {"invoice_edi_format": "facturx", "country_id": self.env.ref("base.fr").id}
        )
        own = {"phone": "+33 1 70 18 99 00", "vat": "FR40303265045"}
        self.env.company.write({**own, "email": "billing@example.com"})
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "FR7630006000011234567890189",
                "partner_id": self.env.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        self.invoice.partner_bank_id = bank
        send = self.env["account.move.send"].with_context(force_report_rendering=True)
        # In tests Odoo leaves it beside the PDF, for theirs have none.
        with patch.dict(config._runtime_options, {"test_enable": False}):
            send._generate_and_send_invoices(self.invoice, sending_methods={"manual"})
        reader = PdfReader(BytesIO(self.invoice.invoice_pdf_report_id.raw))
        self.assertIn("factur-x.xml", reader.attachments)
        self.assertIn(f"OWN {self.invoice.name}", reader.pages[0].extract_text())
