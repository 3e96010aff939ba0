"""Statements and usage reports as documents: the same figures in every format."""

import base64
import csv
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

from openpyxl import load_workbook
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..engine import pool
from .statement_common import StatementCommon

MARCH = {"date_from": "2026-03-01", "date_to": "2026-03-31"}


def plain(text):
    return text.replace("\u00a0", " ")


@tagged("post_install", "-at_install")
class TestStatementDocument(StatementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(pool.shared().close)

    def setUp(self):
        super().setUp()
        self.customer.ref = "C-7"
        self.account = self._account()
        self.invoice = self._invoice(1234.5, ref="=1+1")
        self._loose(1000)

    def _render(self, format_="pdf", record="C-7", **values):
        values = {**MARCH, **values}
        return self.env["voip.document"].render("statement", record, format_, **values)

    def _content(self, format_, **values):
        return base64.b64decode(self._render(format_, **values)["content"])

    def test_every_format_tells_what_the_books_say(self):
        pages = PdfReader(BytesIO(self._content("pdf"))).pages
        text = plain("\n".join(page.extract_text() for page in pages))
        for word in ("1,234.50", "1,000.00", "234.50", self.invoice.name, "Page 1 of"):
            self.assertIn(word, text)
        table = self._content("csv").decode("utf-8-sig")
        rows = list(csv.DictReader(StringIO(table)))
        self.assertEqual(
            [(row["Debit"], row["Credit"], row["Balance"]) for row in rows],
            [
                ("", "", "0.00"),
                ("1234.50", "", "1234.50"),
                ("", "1000.00", "234.50"),
                ("", "", "234.50"),
            ],
        )
        self.assertEqual(rows[1]["Description"], "'=1+1")
        sheet = load_workbook(BytesIO(self._content("xlsx"))).worksheets[0]
        values = [cell.value for row in sheet.iter_rows() for cell in row]
        self.assertTrue({1234.5, 1000, 234.5} <= set(values))
        self.assertNotIn("f", [c.data_type for row in sheet.iter_rows() for c in row])

    def test_the_data_closes_with_what_is_open(self):
        kind = self.env["voip.document.kind"]._of("statement")
        subject = kind._of_customer(
            self.customer, self.env.company, None, date(2026, 3, 31)
        )
        data = kind._data(subject)
        [one] = data["statements"]
        debit, credit = (
            sum(Decimal(line[name]) for line in one["lines"])
            for name in ("debit", "credit")
        )
        self.assertEqual(
            (debit, credit), (Decimal(one["debit"]), Decimal(one["credit"]))
        )
        closing = Decimal(one["opening"]) + debit - credit
        self.assertEqual(closing, Decimal(one["closing"]))
        ages = sum(Decimal(age["amount"]) for age in one["ageing"])
        self.assertEqual(ages, closing)
        open_ = self._open("p.commercial_partner_id", self.customer)
        self.assertEqual({one["currency"]["name"]: closing}, open_)

    def test_a_statement_is_kept_and_made_again_the_same(self):
        first = self._render()
        self.assertEqual(self._render(), first)
        document = self.env["voip.document"].search([("sha256", "=", first["sha256"])])
        self.assertEqual(len(document), 1)
        self.assertEqual(document.partner_id, self.customer)
        self.assertEqual(document.date_to, date(2026, 3, 31))
        # What happens later changes neither the file nor what makes it again.
        self._loose(34)
        words = document.action_check()["params"]["message"]
        self.assertIn("made again it is the same", words)
        self.assertNotEqual(self._render()["sha256"], first["sha256"])

    def test_the_arguments_are_named_where_they_are_wrong(self):
        for word, values in (
            ("record", {"record": "nobody"}),
            ("record", {"record": None}),
            ("record", {"record": ["C-7"]}),
            ("record, account", {"account": self.account.code}),
            ("account", {"record": None, "account": "nothing"}),
            ("date_from", {"date_from": "1 March"}),
            ("date_to", {"date_to": 7}),
            ("before", {"date_to": "2026-02-01"}),
        ):
            with self.subTest(values=values), self.assertRefused(UserError, word):
                self._render(**values)

    def test_a_prepaid_account_gets_its_wallet(self):
        self.assertEqual(self.account.mode, "prepaid")
        kind = self.env["voip.document.kind"]._of("statement")
        data = kind._data(kind._named(None, self.account.code, None, None))
        self.assertTrue(data["is_wallet"])
        self.assertEqual(data["statements"][0]["closing"], "-234.50")
        self.assertFalse(data["payment"]["is_asked"])

    def test_a_viewer_downloads_and_keeps_nothing(self):
        viewer = new_test_user(
            self.env,
            login="statement_viewer",
            groups="voip_billing_base.group_voip_viewer",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        wizard = self.env["voip.statement.wizard"].with_user(viewer)
        wizard = wizard.create({"partner_id": self.customer.id, **MARCH})
        self.assertTrue(wizard._file("pdf")[1].startswith(b"%PDF-"))
        with self.assertRaises(AccessError):
            wizard.action_keep()

    def test_the_wizard_keeps_all_formats(self):
        wizard = self.env["voip.statement.wizard"].create(
            {"partner_id": self.customer.id, **MARCH}
        )
        found = self.env["voip.document"].search(wizard.action_keep()["domain"])
        self.assertEqual(set(found.mapped("format")), {"pdf", "xlsx", "csv"})
        self.assertEqual(set(found.mapped("res_model")), {"res.partner"})

    def test_a_template_of_the_account_wins(self):
        self.env["voip.document.template"].create(
            {
                "name": "Own statement",
                "kind": "statement",
                "account_id": self.account.id,
                "body": "<p>{{ statements[0].closing }} of {{ account.code }}</p>",
            }
        )
        content = self._content("pdf", record=self.account.code)
        text = PdfReader(BytesIO(content)).pages[0].extract_text()
        self.assertIn(f"of {self.account.code}", text)


@tagged("post_install", "-at_install")
class TestKinds(StatementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(pool.shared().close)

    def test_every_kind_ships_a_template_of_every_format(self):
        templates = self.env["voip.document.template"]
        account = self._account()
        for kind, _label in self.env["voip.document.kind"]._kinds():
            for format_ in ("pdf", "xlsx", "csv"):
                with self.subTest(kind=kind, format=format_):
                    found, _reason = templates._chosen(
                        kind, format_, self.env.company, account
                    )
                    content = found._render_draft(found._sample_data())
                    self.assertGreater(len(content), 200)

    def test_a_new_template_begins_with_what_is_shipped_for_its_kind(self):
        templates = self.env["voip.document.template"]
        draft = templates.new({"kind": "statement", "format": "pdf"})
        self.assertIn("one.closing_text", draft.body)
        draft.kind = "usage"
        self.assertIn("labels.by_destination", draft.body)

    def test_the_preview_shows_the_accounts_month(self):
        account = self._account()
        for kind in ("statement", "usage"):
            template = self.env["voip.document.template"].create(
                {"name": "Own", "kind": kind, "account_id": account.id}
            )
            with self.subTest(kind=kind):
                self.assertEqual(template.preview_account_id, account)
                self.assertFalse(template.preview_fault)
                content = base64.b64decode(template.preview_pdf)
                self.assertTrue(content.startswith(b"%PDF-"))
