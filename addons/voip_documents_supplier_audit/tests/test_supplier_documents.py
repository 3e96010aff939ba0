"""Reports and letters tell what the audit found, to the last call."""

import base64
import csv
from decimal import Decimal
from io import BytesIO, StringIO
from unittest.mock import patch

from openpyxl import load_workbook
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .documents_common import SupplierDocumentCommon


@tagged("post_install", "-at_install")
class TestSupplierDocuments(SupplierDocumentCommon):
    def _content(self, kind, format_, record="INV-1"):
        made = self.env["voip.document"].render(kind, record, format_)
        return base64.b64decode(made["content"])

    def _rows(self, kind):
        table = self._content(kind, "csv").decode("utf-8-sig")
        return list(csv.DictReader(StringIO(table)))

    def _text(self, kind):
        pages = PdfReader(BytesIO(self._content(kind, "pdf"))).pages
        return "\n".join(page.extract_text() for page in pages)

    def test_a_report_has_its_lines_and_every_call_that_differs(self):
        self._audited()
        rows = self._rows("variance")
        [line] = [row for row in rows if row["Row"] == "Line"]
        figures = [Decimal(line[name]) for name in ("Billed", "Ours", "Difference")]
        self.assertEqual(figures, [Decimal("1"), Decimal("0.4"), Decimal("0.6")])
        calls = {row["Call ID"]: row for row in rows if row["Row"] == "Call"}
        self.assertEqual(set(calls), {"dearer", "lacking", "stranger"})
        dearer = calls["dearer"]
        self.assertEqual(
            (Decimal(dearer["Call Billed"]), Decimal(dearer["Call Ours"])),
            (Decimal("0.12"), Decimal("0.1")),
        )
        self.assertEqual(dearer["Billed"], "", "sums of lines are not added to")
        self.assertEqual(dearer["Start Ours (UTC)"], "2026-09-05 12:00:00")
        self.assertEqual(calls["lacking"]["Call Billed"], "")
        self.assertEqual(calls["stranger"]["Class"], "Missing here")

    def test_the_steps_of_a_report_come_to_ours(self):
        invoice = self._audited()
        kind = self.env["voip.document.kind"]._of("variance")
        data = kind._data(kind._of_invoice(invoice))
        steps = [Decimal(step["amount"]) for step in data["steps"]]
        self.assertEqual(steps[0], Decimal("1"))
        self.assertEqual(sum(steps[:-1]), steps[-1])
        self.assertEqual(steps[-1], Decimal("0.4"))
        text = self._text("variance")
        for word in ("INV-1", "Carrier One", "stranger", "Missing here"):
            self.assertIn(word, text)
        book = load_workbook(BytesIO(self._content("variance", "xlsx")))
        values = {cell.value for row in book.active.iter_rows() for cell in row}
        self.assertIn(0.6, values)

    def test_lines_that_are_no_calls_have_ours_beside_them_too(self):
        invoice = self._audited()
        lines = self.env.registry["voip.supplier.invoice.line"]
        fees = {"usage", "fee"}
        with patch.object(lines, "_compared_kinds", lambda _self: fees):
            invoice.line_ids.sudo().kind = "fee"
            kind = self.env["voip.document.kind"]._of("variance")
            data = kind._data(kind._of_invoice(invoice))
        [line] = data["items"]
        self.assertEqual(Decimal(line["ours_amount"]), Decimal("0.4"))
        self.assertEqual(Decimal(line["difference"]), Decimal("0.6"))
        self.assertEqual(line["ours_minutes_text"], "")
        self.assertEqual(data["share_text"].split("\N{NO-BREAK SPACE}")[0], "150.00")

    def test_a_letter_says_what_is_not_paid_and_why(self):
        invoice = self._disputed()
        text = self._text("dispute")
        self.assertIn("withheld from payment", " ".join(text.split()))
        self.assertIn("Charged above the agreed price.", text)
        rows = self._rows("dispute")
        [line] = [row for row in rows if row["Row"] == "Line"]
        self.assertEqual(Decimal(line["Disputed"]), Decimal("0.6"))
        calls = {row["Call ID"] for row in rows if row["Row"] == "Call"}
        self.assertEqual(calls, {"dearer", "stranger"}, "what he lacks is no claim")
        self.assertEqual(invoice.claim_ids.amount, 0.6)

    def test_a_letter_names_the_debit_note(self):
        invoice = self._disputed(claim_by="debit_note")
        self.assertEqual(invoice.claim_ids.by, "debit_note")
        self.assertIn("INV-1/DN", self._text("dispute"))

    def test_what_was_rejected_is_in_the_letter(self):
        invoice = self._audited()
        invoice.line_ids.action_reject()
        invoice.line_ids.reason = "No such traffic."
        invoice.action_decide()
        self.assertEqual(invoice.state, "rejected")
        text = " ".join(self._text("dispute").split())
        self.assertIn("Nothing of the invoice is paid", text)
        [row] = [r for r in self._rows("dispute") if r["Row"] == "Line"]
        self.assertEqual(Decimal(row["Disputed"]), Decimal("1"))

    def test_before_the_decision_a_letter_is_a_draft(self):
        invoice = self._audited()
        with self.assertRaisesRegex(UserError, "Nothing of invoice INV-1"):
            self._content("dispute", "pdf")
        invoice.action_dispute_above()
        self.assertIn("Draft: the invoice is not decided", self._text("dispute"))

    def test_an_invoice_that_is_not_reconciled_has_no_report(self):
        self._load_invoice([{"prefix": "447", "amount": "1.00"}])
        with self.assertRaisesRegex(UserError, "not reconciled"):
            self._content("variance", "pdf")

    def test_what_is_not_there_is_named(self):
        render = self.env["voip.document"].render
        for record in ("nothing", "a/b", None, 7):
            with self.subTest(record=record):
                with self.assertRaisesRegex(UserError, "record"):
                    render("variance", record)

    def test_the_suppliers_reference_tells_equal_numbers_apart(self):
        self._audited()
        other = self.env["res.partner"].create({"name": "Two", "ref": "carrier/two"})
        self.env["voip.supplier.invoice"].create(
            {"partner_id": other.id, "number": "INV-1", "total": 1.0}
        ).sudo().state = "reconciled"
        with self.assertRaisesRegex(UserError, "several suppliers"):
            self._content("variance", "csv")
        kind = self.env["voip.document.kind"]._of("variance")
        for record, partner in (
            ("carrier-one/INV-1", self.supplier),
            ("carrier/two/INV-1", other),
        ):
            found = kind._named(record, None, None, None)
            self.assertEqual(found.partner, partner)

    def test_buttons_keep_all_formats(self):
        invoice = self._disputed()
        for made in (
            invoice.action_make_variance_report(),
            invoice.claim_ids.action_make_dispute_letter(),
        ):
            found = self.env["voip.document"].search(made["domain"])
            self.assertEqual(set(found.mapped("format")), {"pdf", "xlsx", "csv"})
            self.assertEqual(found.partner_id, self.supplier)

    def test_a_viewer_keeps_nothing(self):
        invoice = self._audited()
        viewer = new_test_user(
            self.env,
            login="audit_viewer",
            groups="voip_billing_base.group_voip_viewer",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        with self.assertRaises(AccessError):
            invoice.with_user(viewer).action_make_variance_report()

    def test_templates_are_shipped_and_preview(self):
        for kind in ("variance", "dispute"):
            for format_ in ("pdf", "xlsx", "csv"):
                template, _reason = self.env["voip.document.template"]._chosen(
                    kind, format_, self.env.company, self.env["voip.account"]
                )
                self.assertFalse(template.preview_fault)
                self.assertTrue(template._render_draft(template._sample_data()))
