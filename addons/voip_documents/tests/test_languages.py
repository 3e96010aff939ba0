"""What customers read is in their language where the module brings it."""

import base64
from datetime import date
from io import BytesIO

from openpyxl import load_workbook

from odoo.tests import tagged
from odoo.tools import file_open
from odoo.tools.translate import (
    PoFileReader,
    TranslationModuleReader,
    code_translations,
)

from ..context.figures import layout_of
from ..engine.exact import number_text
from ..engine.liquid_text import render
from ..netting.words import reasons
from .common import DocumentCommon

LANGUAGES = ("de_DE", "es_ES", "ro_RO", "ar_001", "he_IL")
# A word of the text of each mail, one of the wallet's movements.
WORDS = {
    "de_DE": ("anbei die Rechnung", "Aufladung"),
    "es_ES": ("adjuntamos la factura", "Recarga"),
    "ro_RO": ("atașăm factura", "Reîncărcare"),
    "ar_001": ("مرفقة الفاتورة", "شحن رصيد"),
    "he_IL": ("מצורפת חשבונית", "טעינה"),
}
MARK = "\u200e"


@tagged("post_install", "-at_install")
class TestLanguages(DocumentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in LANGUAGES:
            cls.env["res.lang"]._activate_lang(code)
        modules = cls.env["ir.module.module"].search([("name", "=like", "voip_%")])
        modules.filtered(lambda m: m.state == "installed")._update_translations(
            list(LANGUAGES)
        )

    def _labels(self, kind, code):
        """Samples are in the company's language or the user's."""
        self.env.company.partner_id.lang = code
        kind = self.env["voip.document.kind"]._of(kind).with_context(lang=code)
        return kind._sample()["labels"]

    def test_each_text_of_the_pages_is_in_the_languages_of_staff(self):
        """Labels, helps and sentences; papers have more languages, see below."""
        rows = TranslationModuleReader(self.env.cr, ["voip_documents"])
        texts = {
            (source,) if kind == "code" else (source, name, ref.partition(".")[2])
            for _module, kind, name, ref, source, *_more in rows
        }
        self.assertGreater(len(texts), 1000)
        for lang in ("de", "es", "ro"):
            with file_open(f"voip_documents/i18n/{lang}.po", "rb") as file:
                known = {
                    (row["src"],)
                    if row["type"] == "code"
                    else (row["src"], row["name"], row["imd_name"])
                    for row in PoFileReader(file)
                    if row["value"]
                }
            with self.subTest(lang=lang):
                self.assertEqual(sorted(texts - known), [])

    def test_each_word_of_a_document_is_translated(self):
        kinds = ("invoice", "credit_note", "statement", "usage", "netting")
        for kind in kinds:
            english = self._labels(kind, "en_US")
            for code in LANGUAGES:
                told = code_translations.get_python_translations("voip_documents", code)
                found = self._labels(kind, code)
                missing = {
                    name: text
                    for name, text in english.items()
                    if found[name] == text and text not in told
                }
                # The wallet's words that are the same in both, as in Romanian.
                for name in ("transfer", "discount"):
                    missing.pop(name, None)
                with self.subTest(kind=kind, language=code):
                    self.assertFalse(missing)

    def test_headings_of_workbooks_are_in_the_customers_language(self):
        """Programs read CSV by its headings: those stay as the template has them."""
        self.account.partner_id.lang = "de_DE"
        own = self._create_template(format="xlsx", account_id=self.account.id)
        own.column_ids[-1].heading = "Whose money"
        own.action_publish()
        sheet = load_workbook(
            BytesIO(base64.b64decode(self._render("xlsx")["content"]))
        ).active
        found = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
        self.assertLessEqual({"Betrag", "Datum", "Einzelpreis", "Whose money"}, found)
        self.assertFalse(found & {"Amount", "Date", "Unit Price"})
        table = base64.b64decode(self._render("csv")["content"]).decode("utf-8-sig")
        self.assertIn("Document,Date,Customer", table)
        made = self.env["voip.document"].search([("format", "=", "xlsx")], limit=1)
        self.assertEqual(made._again(), made._whole())

    def test_each_heading_of_a_workbook_has_its_word(self):
        for name in ("invoice", "credit_note", "statement", "usage", "netting"):
            kind = self.env["voip.document.kind"]._of(name)
            shipped = {heading for heading, *_more in kind._heads}
            for code in LANGUAGES:
                with self.subTest(kind=name, language=code):
                    same = shipped - kind._headings(code).keys()
                    # In Romanian they are the same.
                    self.assertLessEqual(same, {"Credit", "Debit", "Document"})
            self.assertFalse(kind._headings("en_US"))

    def test_who_owes_whom_and_what_is_left_out_is_translated(self):
        kind = self.env["voip.document.kind"]._of("netting")
        english = kind.with_context(lang="en_US")._sample()["currencies"][0]
        for code in LANGUAGES:
            with self.subTest(language=code):
                found = kind.with_context(lang=code)._sample()["currencies"][0]
                self.assertIn("owes", english["left_sentence"])
                self.assertNotIn("owes", found["left_sentence"])
                [item], [before] = found["left_out"], english["left_out"]
                self.assertEqual(before["why_text"], "Disputed")
                self.assertNotEqual(item["why_text"], before["why_text"])

    def test_why_items_are_left_out_is_told_by_the_same_words_everywhere(self):
        known = dict(self.env["voip.netting.line"]._fields["withheld"].selection)
        told = {key: word for key, word in reasons(self.env).items() if key}
        self.assertEqual(told, known)

    def test_mails_are_in_the_language_of_their_recipients(self):
        mail = self.env.ref("voip_documents.mail_template_delivery_invoice")
        values = {
            "company_id": self.env.company.id,
            "account_id": self.account.id,
            "move_id": self.invoice.id,
            "kind": "invoice",
        }
        outbox = self.env["voip.delivery"].sudo()
        for code, (text, movement) in WORDS.items():
            with self.subTest(language=code):
                one = outbox.create({**values, "lang": code})
                own = mail.with_context(lang=code)
                told = {
                    name: own._render_field(name, one.ids)[one.id]
                    for name in ("subject", "body_html")
                }
                self.assertIn(text, told["body_html"])
                self.assertIn(self.invoice.name, told["body_html"])
                self.assertNotIn("Invoice ", told["subject"])
                self.assertEqual(self._labels("statement", code)["topup"], movement)

    def test_days_of_usage_are_written_as_the_customer_writes_days(self):
        self.account.partner_id.lang = "de_DE"
        days = {"voip_period_start": "2026-01-01", "voip_period_end": "2026-01-31"}
        self.invoice.sudo().write(days)
        kind = self.env["voip.document.kind"]._of("statement")
        subject = kind._of_account(
            self.account, date(2026, 1, 1), date(2026, 2, 28), "ledger"
        )
        [line] = kind._data(subject)["statements"][0]["lines"]
        self.assertEqual(line["description"], "01.01.2026 – 31.01.2026")

    def test_a_minus_stays_before_its_number(self):
        own = self.env.company.currency_id
        for code, wanted in (("ar_001", f"{MARK}−1.00"), ("es_ES", "−1,00")):
            with self.subTest(language=code):
                text = number_text("-1", 2, layout_of(self.env, code, own))
                self.assertEqual(text, wanted)

    def test_texts_keep_their_direction_in_documents_from_right_to_left(self):
        source = "{{ name | direction }}"
        for text, hebrew, english in (
            ("Meridian Inc.", f"{MARK}Meridian Inc.{MARK}", "Meridian Inc."),
            ("+49 30 1", f"{MARK}+49 30 1{MARK}", "+49 30 1"),
            ("תקשורת Inc.", "תקשורת Inc.", "תקשורת Inc."),
            ("", "", ""),
            ("A & <b>", f"{MARK}A &amp; &lt;b&gt;{MARK}", "A &amp; &lt;b&gt;"),
        ):
            for is_right_to_left, wanted in ((True, hebrew), (False, english)):
                language = {"code": "xx", "is_right_to_left": is_right_to_left}
                data = {"name": text, "language": language}
                with self.subTest(text=text, right_to_left=is_right_to_left):
                    self.assertEqual(render(source, data), wanted)
