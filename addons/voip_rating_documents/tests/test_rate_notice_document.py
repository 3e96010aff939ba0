"""A rate notice as a document tells what the notice says."""

import base64
import csv
from decimal import Decimal
from io import BytesIO, StringIO

from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.voip_documents.engine import liquid_text, pool
from odoo.addons.voip_rating.tests.notice_common import NoticeCommon


@tagged("post_install", "-at_install")
class TestRateNoticeDocument(NoticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(pool.shared().close)

    def setUp(self):
        super().setUp()
        self.agreement.action_make_notice()
        self.notice = self.env["voip.rate.notice"].search(
            [("agreement_id", "=", self.agreement.id)]
        )

    def _content(self, format_):
        made = self.env["voip.document"].render(
            "rate_notice", self.notice.name, format_
        )
        return base64.b64decode(made["content"])

    def test_every_format_tells_the_rows(self):
        rows = self.notice.row_ids
        self.assertEqual(len(rows), 2)
        table = self._content("csv").decode("utf-8-sig")
        told = list(csv.DictReader(StringIO(table)))
        self.assertEqual(
            [(row["Code"], Decimal(row["Price"]), row["Change"]) for row in told],
            [("44", Decimal("0.01"), "New"), ("447", Decimal("0.05"), "New")],
        )
        pages = PdfReader(BytesIO(self._content("pdf"))).pages
        text = "\n".join(page.extract_text() for page in pages)
        for word in (self.notice.name, "447", "0.0500", "Castor Telecom"):
            self.assertIn(word, text)
        self.assertTrue(self._content("xlsx").startswith(b"PK"))

    def test_what_is_asked_for_beside_the_price_is_told(self):
        kind = self.env["voip.document.kind"]._of("rate_notice")
        plain = {"status": "new", "label": "x", "starts": ""}
        plain |= {"starts_text": "", "price": Decimal("0.01")}
        rows = [
            {**plain, "prefix": "1", "connect_fee": Decimal("0.05")},
            {**plain, "prefix": "2", "attempt_fee": Decimal("0.002"), "connect_fee": 0},
            {**plain, "prefix": "3", "first_price": Decimal(0), "attempt_fee": 0},
            {**plain, "prefix": "4", "first_price": None, "connect_fee": Decimal(0)},
        ]
        told = kind._filled(kind._sample(), self.env, rows)
        self.assertEqual(
            [line["fees_text"] for line in told["lines"]],
            [
                "Connection fee 0.0500",
                "Attempt fee 0.0020",
                "First increment 0.0000",
                "",
            ],
        )
        html = liquid_text.render(kind._shipped_body(), told)
        for line in told["lines"]:
            self.assertIn(line["fees_text"], html)

    def test_a_whole_deck_is_a_paper_that_says_where_the_rest_is(self):
        """An A to Z deck has more codes than any paper holds."""
        kind = self.env["voip.document.kind"]._of("rate_notice")
        plain = {"status": "new", "label": "Some - Destination", "starts_text": ""}
        plain |= {"starts": "", "price": Decimal("0.01")}
        rows = [{**plain, "prefix": f"9{code}"} for code in range(10000, 30000)]
        told = kind._filled(kind._sample(), self.env, rows)
        html = liquid_text.render(kind._shipped_body(), told)
        self.assertIn("<td>912999</td>", html)
        self.assertNotIn("<td>913000</td>", html)
        self.assertIn("the XLSX and CSV of this notice have each", html)
        told["lines"] = told["lines"][:3000]
        html = liquid_text.render(kind._shipped_body(), told)
        self.assertNotIn("the XLSX and CSV of this notice have each", html)

    def test_a_fee_of_the_deck_is_on_the_notice(self):
        self.notice.action_approve()
        self._sent(self.notice)
        row = {"prefix": "4479", "price_per_minute": "0.05", "connect_fee": "0.07"}
        self.deck._load([{**row, "effective_from": "2025-12-24"}])
        self.notice = self._notice()
        pages = PdfReader(BytesIO(self._content("pdf"))).pages
        text = "\n".join(page.extract_text() for page in pages)
        self.assertIn("Connection fee 0.0700", text)

    def test_the_button_keeps_all_formats(self):
        action = self.notice.action_make_documents()
        found = self.env["voip.document"].search(action["domain"])
        self.assertEqual(set(found.mapped("format")), {"pdf", "xlsx", "csv"})
        self.assertEqual(found.partner_id, self.customer)

    def test_what_is_not_there_is_named(self):
        render = self.env["voip.document"].render
        for record in ("nothing", None, 7):
            with self.assertRefused(UserError, "record"):
                render("rate_notice", record)

    def test_a_viewer_keeps_nothing(self):
        viewer = new_test_user(
            self.env,
            login="notice_viewer",
            groups="voip_billing_base.group_voip_viewer",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.notice.with_user(viewer).action_make_documents()

    def test_the_template_is_shipped_and_previews_the_last_notice(self):
        template, _reason = self.env["voip.document.template"]._chosen(
            "rate_notice", "pdf", self.env.company, self.env["voip.account"]
        )
        self.assertFalse(template.preview_fault)
        content = template._render_draft(template._sample_data())
        self.assertTrue(content.startswith(b"%PDF-"))
