"""Templates: the most specific wins, faults are refused, versions stay."""

import base64
import csv
from io import BytesIO, StringIO
from unittest.mock import patch

from lxml import etree
from openpyxl import Workbook, load_workbook
from PIL import Image
from psycopg2.errors import UniqueViolation
from pypdf import PdfReader

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..context.variables import variables
from ..engine import fonts
from ..engine.faults import WorkerLost
from ..engine.pool import Pool
from .common import DocumentCommon

PLAIN = "<html><body><p>{{ number }} %s</p></body></html>"


@tagged("post_install", "-at_install")
class TestTemplate(DocumentCommon):
    def test_an_archival_pdf_is_a_version_of_its_own(self):
        template = self._create_template(
            engine="weasyprint", body="<p>{{ number }}</p>", account_id=self.account.id
        )
        plain = template.version_id
        template.is_archival = True
        self.assertTrue(template.is_changed)
        template.action_publish()
        self.assertEqual(template.version_id._data()["variant"], "pdf/a-3b")
        made = PdfReader(BytesIO(base64.b64decode(self._render()["content"])))
        words = made.trailer["/Root"]["/Metadata"].get_object().get_data()
        self.assertIn(b"pdfaid", words)
        plain.action_restore()
        self.assertFalse(template.is_archival)
        self.assertNotIn("variant", template.version_id._data())
        with self.assertRaisesRegex(UserError, "choose that engine"):
            template.write({"engine": "plutoprint", "is_archival": True})

    def test_letters_that_no_font_has_are_told_before_they_are_boxes(self):
        template = self._create_template(
            body="<p>Счёт 发票 {{ number }} €</p>", account_id=self.account.id
        )
        plain = frozenset(range(0x4E00))
        with patch.object(fonts, "covered", lambda: plain):
            self.assertIn("letters of CJK:", template.preview_boxes)
            template.body = "<p>Счёт {{ number }} €</p>"
            self.assertFalse(template.preview_boxes)
            self.account.partner_id.name = "चालान"
            self.assertFalse(template.preview_boxes)
        with patch.object(fonts, "covered", lambda: plain - {*range(0x900, 0x980)}):
            template.invalidate_recordset()
            template.preview_move_id = self.invoice
            self.assertIn("DEVANAGARI", template.preview_boxes)

    def test_fonts_of_this_machine_have_what_they_print(self):
        self.assertEqual(fonts.without_glyphs("Čeština Ελληνικά Счёт € − “”"), [])
        # Egyptian hieroglyphs are in no package that is asked for.
        self.assertEqual(fonts.without_glyphs("x \U00013000"), ["EGYPTIAN"])

    def test_the_most_specific_wins_and_says_why(self):
        templates = self.env["voip.document.template"]
        child = self._create_account(
            partner_id=self.account.partner_id.id, parent_id=self.account.id
        )

        def chosen(account):
            template, reason = templates._chosen(
                "invoice", "pdf", self.env.company, account
            )
            return template.name, reason

        self.assertEqual(chosen(child)[0], "Invoice, PDF")
        self.assertIn("all companies", chosen(child)[1])
        company = {"company_id": self.env.company.id, "body": PLAIN % "company"}
        self._create_template(**{**company, "name": "Company"})
        self.assertEqual(chosen(child)[0], "Company")
        self._create_template(
            name="Parent", account_id=self.account.id, body=PLAIN % "parent"
        )
        self.assertEqual(chosen(child)[0], "Parent")
        own = self._create_template(
            name="Child", account_id=child.id, body=PLAIN % "child"
        )
        self.assertEqual(chosen(child)[0], "Child")
        self.assertIn(child.code, chosen(child)[1])
        self.assertEqual(chosen(self.account)[0], "Parent")
        self.assertIn("Child v1", child.document_templates_html)
        self.assertIn(f"template_action/{own.id}", child.document_templates_html)
        own.active = False
        self.assertEqual(chosen(child)[0], "Parent")
        self.assertEqual(self._render()["template"], "Parent")

    def test_a_fault_is_refused_at_save_with_line_and_reason(self):
        template = self._create_template(account_id=self.account.id)
        for body, words in (
            ("<p>\n{{ number", "line 2"),
            ("<p>\n\n{{ nothing.x }}", "line 3"),
            ("<html><body>\n<script>x</script></body></html>", "line 2.*script"),
            ("<p>\n<img src='http://x/y.png'></p>", "line 2.*data:"),
            ("", "empty"),
            ("{% for i in (1..900000) %}x{% endfor %}", "turn at most 200000 times"),
        ):
            with self.subTest(body=body), self.assertRefused(UserError, f"(?s){words}"):
                template.write({"body": body})
        for path in ("line.nothing", "nothing"):
            with self.subTest(path=path), self.assertRefused(UserError, path):
                self._create_template(
                    format="csv",
                    account_id=self.account.id,
                    column_ids=[(0, 0, {"heading": "H", "path": path})],
                )

    def test_documents_are_made_from_the_published_version(self):
        template = self._create_template(
            account_id=self.account.id, body=PLAIN % "first"
        )
        first = self._render()
        template.body = PLAIN % "second"
        self.assertTrue(template.is_changed)
        self.assertEqual(self._render(), first)
        template.action_publish()
        self.assertFalse(template.is_changed)
        second = self._render()
        self.assertEqual(second["version"], 2)
        self.assertNotEqual(second["sha256"], first["sha256"])
        template.version_ids.filtered(lambda v: v.number == 1).action_restore()
        self.assertEqual(template.body, PLAIN % "first")
        self.assertFalse(template.is_changed)
        self.assertEqual(self._render(), first)

    def test_a_version_is_for_ever(self):
        template = self._create_template(account_id=self.account.id)
        version = template.version_id
        with self.assertRefused(UserError, "never changed"):
            version.sudo().write({"definition": "{}"})
        self._render()
        with self.assertRefused(UserError, "archive"):
            template.unlink()
        other = self._create_template(kind="credit_note", account_id=self.account.id)
        other.unlink()
        self.assertFalse(other.exists())

    def test_publishing_the_same_again_makes_no_version(self):
        template = self._create_template(account_id=self.account.id)
        template.action_publish()
        self.assertEqual(len(template.version_ids), 1)

    def test_changes_are_shown_beside_what_they_replace(self):
        template = self._create_template(
            account_id=self.account.id, body=PLAIN % "<b>first</b>"
        )
        self.assertFalse(template.changes_html)
        template.body = PLAIN % "<b>second</b>"
        for word in ("-", "first", "+", "second"):
            self.assertIn(word, template.changes_html)
        self.assertNotIn("<b>", template.changes_html)
        template.action_publish()
        self.assertFalse(template.changes_html)
        version = template.version_id
        self.assertIn("first", version.changes_html)
        self.assertFalse(version.changes_published_html)
        first = template.version_ids.filtered(lambda each: each.number == 1)
        self.assertIn("second", first.changes_published_html)

    def test_variables_can_be_chosen(self):
        template = self._create_template(account_id=self.account.id)
        found = {each["name"]: each for each in template.variables}
        self.assertEqual(found["number"]["value"], self.invoice.name)
        self.assertEqual(found["customer.name"]["text"], "{{ customer.name }}")
        self.assertIn("{% for line in lines %}", found["lines"]["text"])
        self.assertTrue(found["line.amount_text"]["value"])
        in_table = {each["name"] for each in template.variables if each["in_table"]}
        self.assertLess({"number", "customer.name", "line.amount"}, in_table)
        self.assertFalse({"lines", "sections", "section.name", "tax.base"} & in_table)
        for kind, _label in self.env["voip.document.kind"]._kinds():
            data = self.env["voip.document.kind"]._of(kind)._sample()
            with self.subTest(kind=kind):
                names = {each["name"] for each in variables(data)}
                self.assertLess({"number", "company.name", "labels.title"}, names)

    def test_what_was_shipped_comes_back(self):
        template = self._create_template(
            account_id=self.account.id, body=PLAIN % "mine"
        )
        template.action_shipped()
        self.assertIn("labels.bill_to", template.body)
        self.assertTrue(template.is_changed)

    def test_a_template_that_fails_names_the_document(self):
        template = self._create_template(
            account_id=self.account.id,
            body="<p>{{ lines[0].name | slice: 0, 1 }}{{ lines[9].name }}</p>",
        )
        self.assertTrue(template)
        with self.assertRefused(UserError, self.invoice.name):
            self._render()
        self.assertFalse(
            self.env["voip.document"].search([("move_id", "=", self.invoice.id)])
        )

    def test_whoever_may_mend_a_template_that_fails_is_led_to_it(self):
        template = self._create_template(
            account_id=self.account.id, body="<p>{{ lines[9].name }}</p>"
        )
        for make in (
            self.invoice.action_voip_make_documents,
            self.invoice.action_voip_send,
        ):
            with self.assertRaises(RedirectWarning) as failed:
                make()
            text, action, button = failed.exception.args[:3]
            self.assertIn(self.invoice.name, text)
            self.assertEqual(
                (action["res_model"], action["res_id"]), (template._name, template.id)
            )
            self.assertEqual(button, "Open the Template")
        clerk = new_test_user(
            self.env,
            "no-template",
            groups="voip_billing_base.group_voip_user,account.group_account_invoice",
        )
        with self.assertRaisesRegex(UserError, self.invoice.name):
            self.invoice.with_user(clerk).action_voip_make_documents()

    def test_a_workbook_is_filled_with_the_document(self):
        book = Workbook()
        sheet = book.active
        sheet["A1"] = "{{ number }}"
        sheet["A3"], sheet["B3"] = "{{ line.name }}", "{{ line.amount }}"
        sheet["B3"].number_format = "0.00"
        sheet["B4"] = "=SUM(B3:B3)"
        for cell, shown in ("C1", "dd/mm/yyyy"), ("D1", "d. mmm"), ("E1", "mm-dd-yy"):
            sheet[cell] = "{{ date }}"
            sheet[cell].number_format = shown
        stream = BytesIO()
        book.save(stream)
        template = self._create_template(
            format="xlsx",
            account_id=self.account.id,
            workbook=base64.b64encode(stream.getvalue()),
            workbook_name="own.xlsx",
        )
        self.assertIn("A1", template.mapping_html)
        # The last one is how spreadsheet programs save a day in the reader's own order.
        day = self.invoice.invoice_date
        for shown in (f"{day:%d/%m/%Y}", f"{day.day}. {day:%b}", f"{day:%m/%d/%Y}"):
            self.assertIn(f"<td>{shown}</td>", template.preview_html)
        made = base64.b64decode(self._render("xlsx")["content"])
        sheet = load_workbook(BytesIO(made)).active
        self.assertEqual(sheet["A1"].value, self.invoice.name)
        self.assertEqual(sheet["A3"].value, "=Fee & more")
        self.assertEqual(sheet["A3"].data_type, "s")
        self.assertEqual((sheet["B3"].value, sheet["B4"].value), (59.99, 1234.5))
        self.assertEqual(sheet["B6"].value, "=SUM(B3:B5)")

    def test_a_template_whose_module_was_removed_can_be_looked_at(self):
        template = self._create_template(
            kind="usage", body="<p>{{ number }}</p>", account_id=self.account.id
        )
        kinds = type(self.env["voip.document.kind"])
        self.env.invalidate_all()
        with patch.object(kinds, "_kinds", lambda _self: [("invoice", "Invoice")]):
            [values] = template.web_read({name: {} for name in template._fields})
            self.assertEqual(values["kind"], "usage")
            self.assertIn("no document of kind usage", values["preview_fault"])
            with self.assertRefused(UserError, "kind usage"):
                template.action_publish()

    def test_the_preview_shows_a_document_and_faults(self):
        template = self._create_template(account_id=self.account.id)
        self.assertEqual(template.preview_move_id, self.invoice)
        self.assertEqual(template.preview_field, "preview_move_id")
        self.assertTrue(base64.b64decode(template.preview_pdf).startswith(b"%PDF-"))
        draft = template.new({"body": "<p>{{ x"}, origin=template)
        self.assertIn("line 1", draft.preview_fault)
        self.assertFalse(draft.preview_pdf)
        lost = WorkerLost("it stood still for 25 s")
        with patch.object(Pool, "perform", side_effect=lost):
            template.invalidate_recordset(["preview_fault"])
            self.assertIn("stood still for 25 s", template.preview_fault)
        table = self._create_template(format="csv", account_id=self.account.id)
        self.assertIn("&#39;=Fee &amp; more", table.preview_html)

    def test_the_preview_has_the_logo(self):
        """The web client reads with ``bin_size``: sizes in place of files."""
        stream = BytesIO()
        Image.new("RGB", (40, 10), "#1f4e79").save(stream, "PNG")
        self.env.company.logo = base64.b64encode(stream.getvalue())
        template = self._create_template(account_id=self.account.id)
        data = template.with_context(bin_size=True)._preview_data()
        self.assertTrue(data["company"]["logo"].startswith("data:image/png;base64,"))

    def test_shipped_tables_keep_all_decimals_of_the_currency(self):
        dinar = self.env.ref("base.KWD")
        dinar.write({"active": True, "rounding": 0.001})
        line = {"name": "Trunk", "price_unit": 1.234, "tax_ids": []}
        move = self._create_invoice(self.account, [line], currency_id=dinar.id)
        content = base64.b64decode(self._render("csv", move)["content"])
        [row] = csv.DictReader(StringIO(content.decode("utf-8-sig")))
        self.assertEqual((row["Amount"], row["Tax"]), ("1.234", "0.000"))

    def test_only_managers_edit_templates(self):
        template = self._create_template(account_id=self.account.id)
        user = new_test_user(
            self.env, login="documents_user", groups="voip_billing_base.group_voip_user"
        )
        for attempt in (
            lambda own: own.write({"body": PLAIN % "mine"}),
            lambda own: own.action_publish(),
            lambda own: own.action_shipped(),
            lambda own: own.version_id.action_restore(),
            lambda own: own.create({"name": "x"}),
        ):
            with self.assertRaises(AccessError):
                attempt(template.with_user(user))

    def test_a_copy_is_for_nobody_until_it_is_used(self):
        template = self._create_template(account_id=self.account.id)
        copy = template.copy()
        self.assertFalse(copy.active)
        self.assertEqual(copy.body, template.body)
        self.assertEqual(len(copy.version_ids), 1)
        form = etree.fromstring(copy.get_view(view_type="form")["arch"])
        [button] = form.findall(".//button[@name='action_unarchive']")
        self.assertEqual(button.getparent().get("invisible"), "active")

    def test_one_template_for_each_kind_format_and_account(self):
        self._create_template(account_id=self.account.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._create_template(account_id=self.account.id)
