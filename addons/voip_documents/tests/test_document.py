"""Documents: their figures equal the books', their files stay, their doors are shut."""

import base64
import csv
from decimal import Decimal
from hashlib import sha256
from io import BytesIO, StringIO
from unittest.mock import patch

from openpyxl import load_workbook
from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..engine import fonts
from .common import DocumentCommon


def text_of(rendered):
    content = base64.b64decode(rendered["content"])
    pages = PdfReader(BytesIO(content)).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u00a0", " ")


@tagged("post_install", "-at_install")
class TestDocument(DocumentCommon):
    def test_figures_of_the_data_equal_the_books(self):
        data = self._data()
        totals = data["totals"]
        self.assertEqual(Decimal(totals["total"]), Decimal("1488.66"))
        total = Decimal(str(self.invoice.amount_total))
        self.assertEqual(Decimal(totals["total"]), total)
        lines = sum(Decimal(line["amount"] or 0) for line in data["lines"])
        self.assertEqual(lines, Decimal(totals["untaxed"]))
        sections = sum(Decimal(section["amount"]) for section in data["sections"])
        self.assertEqual(sections, lines)
        taxes = sum(Decimal(tax["amount"]) for tax in data["taxes"])
        self.assertEqual(taxes, Decimal(totals["tax"]))
        self.assertEqual([line["kind"] for line in data["lines"]],
                         ["item", "item", "note"])

    def test_data_is_plain(self):
        def check(value):
            if isinstance(value, dict):
                self.assertTrue(all(type(key) is str for key in value))
                for each in value.values():
                    check(each)
            elif isinstance(value, list):
                for each in value:
                    check(each)
            else:
                self.assertIn(type(value), (str, int, bool, type(None)))

        check(self._data())

    def test_every_format_tells_the_same_figures(self):
        data = self._data()
        text = text_of(self._render("pdf"))
        for value in (
            self.invoice.name,
            data["totals"]["total_text"].replace("\u00a0", " "),
            *(line["name"] for line in data["lines"]),
            *(line["amount_text"].replace("\u00a0", " ") for line in data["lines"]),
            "Head <office>",
        ):
            self.assertIn(value, text)
        content = base64.b64decode(self._render("csv")["content"]).decode("utf-8-sig")
        rows = list(csv.DictReader(StringIO(content)))
        self.assertEqual([row["Amount"] for row in rows[:2]],
                         [line["amount"] for line in data["lines"][:2]])
        self.assertEqual(rows[0]["Description"], "'=Fee & more")
        sheet = load_workbook(
            BytesIO(base64.b64decode(self._render("xlsx")["content"]))
        ).worksheets[0]
        values = {cell.value for row in sheet.iter_rows() for cell in row}
        self.assertLessEqual({59.99, 1234.5, 1294.49, 1488.66}, {
            round(value, 2) for value in values if isinstance(value, float)
        })
        self.assertIn("=Fee & more", values)

    def test_pages_are_counted_and_the_table_head_is_on_each(self):
        lines = [
            {"name": f"Item {number}", "quantity": 1, "price_unit": number}
            for number in range(90)
        ]
        move = self._create_invoice(self.account, lines)
        content = base64.b64decode(self._render(move=move)["content"])
        pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
        self.assertGreater(len(pages), 2)
        for number, text in enumerate(pages, 1):
            self.assertIn(f"Page {number} of {len(pages)}", text)
        for text in pages[:-1]:
            self.assertIn("Unit price", text)

    def test_a_credit_note_is_one_and_asks_for_no_payment(self):
        move = self._create_invoice(self.account, move_type="out_refund")
        text = text_of(self._render(move=move))
        self.assertIn("Credit Note", text)
        self.assertNotIn("Please state", text)

    def test_an_epc_code_stands_where_money_is_asked_in_euro(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "DE89 3704 0044 0532 0130 00",
                "partner_id": self.env.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        for currency, coded in ((euro, True), (self.env.ref("base.GBP"), False)):
            currency.active = True
            self.env["res.currency.rate"].create(
                {"currency_id": currency.id, "name": "2020-01-01", "rate": 2.0}
            )
            move = self._create_invoice(
                self.account, currency_id=currency.id, partner_bank_id=bank.id
            )
            data = self._data(move)
            self.assertEqual(bool(data["payment"]["qr"]), coded)
            self.assertTrue(data["payment"]["is_iban"])

    def test_the_customers_language_and_numbers(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.account.partner_id.lang = "de_DE"
        data = self._data()
        self.assertIn("1.294,49", data["totals"]["untaxed_text"])
        self.assertEqual(data["date_text"], "31.01.2026")

    def test_a_phone_shows_cards_where_names_do_not_fit_into_columns(self):
        for name in ("document", "document_template", "delivery", "netting"):
            action = self.env.ref(f"voip_documents.voip_{name}_action")
            with self.subTest(action=action.name):
                self.assertIn("kanban", action.view_mode.split(","))
                shown = self.env[action.res_model].get_view(view_type="kanban")
                self.assertIn('t-name="card"', shown["arch"])

    def test_letters_that_no_font_has_are_told_on_the_document_and_its_mail(self):
        self.account.partner_id.write({"name": "चालान", "email": "c@customer.example"})
        known = frozenset(range(0x250))
        with patch.object(fonts, "covered", lambda: known):
            self.env["voip.delivery"]._queue(self.invoice)
        mail = self.env["voip.delivery"].search([("move_id", "=", self.invoice.id)])
        pdf = mail.document_ids.filtered(lambda each: each.format == "pdf")
        self.assertIn("DEVANAGARI", pdf.missing_scripts)
        self.assertIn("DEVANAGARI", pdf.boxes)
        self.assertIn("boxes", mail.boxes)
        # A spreadsheet program has fonts of its own.
        self.assertFalse((mail.document_ids - pdf).filtered("missing_scripts"))

    def test_a_document_that_has_its_fonts_tells_nothing(self):
        document = self.env["voip.document"]._make(self.invoice, "pdf")
        self.assertFalse(document.missing_scripts)
        self.assertFalse(document.boxes)

    def test_the_same_document_is_kept_once(self):
        first, second = self._render(), self._render()
        self.assertEqual(first, second)
        content = base64.b64decode(first["content"])
        self.assertEqual(first["sha256"], sha256(content).hexdigest())
        found = self.env["voip.document"].search([("move_id", "=", self.invoice.id)])
        self.assertEqual(len(found), 1)

    def test_a_document_never_changes_and_stays_when_sent(self):
        self._render()
        document = self.env["voip.document"].search(
            [("move_id", "=", self.invoice.id)]
        )
        with self.assertRefused(UserError, "never changed"):
            document.sudo().write({"content": b"eA=="})
        user = new_test_user(
            self.env,
            login="documents_writer",
            groups="voip_billing_base.group_voip_manager",
        )
        file_sudo = self.env["ir.attachment"].sudo().search(
            [("res_model", "=", document._name), ("res_id", "=", document.id),
             ("res_field", "=", "content")]
        )
        with self.assertRaises(UserError):
            file_sudo.with_user(user).write({"datas": b"eA=="})
        document.action_mark_sent()
        self.assertTrue(document.sent_at)
        with self.assertRefused(UserError, "sent"):
            document.sudo().unlink()
        document.action_check()

    def test_an_exchanged_file_is_seen_by_the_check(self):
        self._render()
        document = self.env["voip.document"].search(
            [("move_id", "=", self.invoice.id)]
        )

        def files():
            found = self.env["voip.check"].sudo().run(full=True)
            return next(row["violations"] for row in found if row["name"] == "files")

        self.assertEqual(files(), 0)
        kept = self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", document._name),
                ("res_id", "=", document.id),
                ("res_field", "=", "content"),
            ]
        )
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = NULL, db_datas = 'x' WHERE id = %s",
            [kept.id],
        )
        self.env.invalidate_all()
        self.assertEqual(files(), 1)

    def test_arguments_are_refused_by_name(self):
        render = self.env["voip.document"].render
        name = self.invoice.name
        for words, values in (
            ("kind", {"kind": "variety", "record": name}),
            ("kind", {"kind": ["invoice"], "record": name}),
            ("format", {"kind": "invoice", "record": name, "format": "exe"}),
            ("record", {"kind": "invoice", "record": "nothing"}),
            ("record", {"kind": "invoice", "record": ["name"]}),
            ("record", {"kind": "credit_note", "record": name}),
            ("account", {"kind": "invoice", "record": name, "account": "nobody"}),
            ("template", {"kind": "invoice", "record": name, "template": "none"}),
            ("date_from", {"kind": "invoice", "record": name, "date_from": "x"}),
            *(
                ("template", {"kind": "invoice", "record": name, "template": bad})
                for bad in ({"a": 1}, ["x"], True, 1.5, 2**40)
            ),
        ):
            with self.subTest(values=values), self.assertRefused(UserError, words):
                render(**values)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_who_may_make_documents(self):
        other = self.setup_other_company(name="Other Ltd")["company"]
        for role, company, allowed in (
            ("user", self.env.company, True),
            ("viewer", self.env.company, False),
            ("manager", other, False),
            ("switch", self.env.company, False),
        ):
            user = new_test_user(
                self.env,
                login=f"documents_{role}_{company.id}",
                groups=f"voip_billing_base.group_voip_{role}",
                company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )
            documents = self.env["voip.document"].with_user(user)
            documents = documents.with_context(allowed_company_ids=company.ids)
            with self.subTest(role=role, company=company.name):
                if allowed:
                    self.assertTrue(documents.render("invoice", self.invoice.name))
                else:
                    with self.assertRaises(UserError):
                        documents.render("invoice", self.invoice.name)

    def test_the_button_makes_all_formats(self):
        self.invoice.action_voip_make_documents()
        self.assertEqual(self.invoice.voip_document_count, 3)
        draft = self.invoice.copy()
        with self.assertRefused(UserError, "posted"):
            draft.action_voip_make_documents()
