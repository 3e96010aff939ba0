"""What people see: filters, answers of buttons, the paper."""

from ast import literal_eval
from datetime import date, datetime

from freezegun import freeze_time
from lxml import etree, html

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import Form, tagged

from ..models.voip_cdr_error import CODES
from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestScreens(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rates = [{"prefix": "44", "destination": "UK", "price_per_minute": "0.5"}]
        cls.deck = cls._create_deck(rates=rates)
        cls.account = cls._create_account(deck_id=cls.deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch()

    def _ingest(self, *called, day=5, rate_now=True):
        moment = f"2026-10-{day:02}T10:00:00Z"
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code,
            records=[
                {
                    "call_id": f"screen-{day}-{number}",
                    "called": number,
                    "start": moment,
                    "answer": moment,
                    "duration": "90",
                    "trunk": self.trunk.code,
                }
                for number in called
            ],
            rate_now=rate_now,
        )
        return self.env["voip.cdr.batch"].browse(answer["batch"])

    def _bill(self, cutoff=datetime(2026, 11, 5, 12)):
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": cutoff,
                "invoice_date": date(2026, 11, 5),
                "account_ids": [(6, 0, self.account.ids)],
            }
        )
        self.answer = run.action_run()
        return run.move_ids

    def _said(self, action):
        self.assertEqual(action["tag"], "display_notification")
        return action["params"]["message"]

    def _paper(self, move):
        """The rows of a document's lines: {cell name: text}."""
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", move.ids
        )
        rows = html.fromstring(content).xpath("//tbody[@class='invoice_tbody']/tr")
        return [
            {cell.get("name"): " ".join(cell.text_content().split()) for cell in row}
            for row in rows
        ]

    # === The error queue === #

    def test_every_reason_is_in_one_filter_of_the_error_queue(self):
        view = self.env["voip.cdr.error"].get_view(view_type="search")
        domains = [
            Domain(literal_eval(node.get("domain")))
            for node in etree.fromstring(view["arch"]).iter("filter")
            if "'code'" in node.get("domain", "")
        ]
        errors = [
            self.env["voip.cdr.error"].new({"code": code}) for code, _name in CODES
        ]
        found = {
            error.code: sum(bool(error.filtered_domain(domain)) for domain in domains)
            for error in errors
        }
        self.assertEqual(found, dict.fromkeys(found, 1))

    def test_rate_again_says_what_was_rated_and_what_is_left(self):
        batch = self._ingest("442071234567", "999", "998")
        first, second = batch.error_ids
        first.fix_called = "442071234568"
        self.assertEqual(
            self._said(batch.error_ids.action_rate_again()),
            "1 rated, 1 still in error.",
        )
        second.fix_called = "442071234569"
        self.assertEqual(
            self._said(batch.action_rate_errors()), "1 rated, 0 still in error."
        )

    def test_dismissed_errors_are_counted_and_recorded_once(self):
        errors = self._ingest("999", "998").error_ids
        errors.note = "Test calls"
        self.assertEqual(self._said(errors[0].action_dismiss()), "1 dismissed.")
        self.assertEqual(self._said(errors.action_dismiss()), "1 dismissed.")
        recorded = self.env["voip.audit"].search(
            [("event", "=", "cdr_dismissed"), ("res_id", "in", errors.ids)]
        )
        self.assertEqual(len(recorded), 2)

    # === Batches === #

    def test_a_batch_says_what_it_rated_and_what_its_undo_reversed(self):
        batch = self._ingest("442071234567", "999", rate_now=False)
        self.assertEqual(self._said(batch.action_rate()), "1 rated, 1 in error.")
        self.assertIn("1 charges reversed", self._said(batch.action_undo()))

    # === Usage invoices === #

    def test_a_usage_invoice_has_no_button_to_reopen_it(self):
        self._ingest("442071234567")
        invoice = self._bill()
        self.assertEqual(self._said(self.answer), "1 accounts invoiced, 0 failed.")
        self.assertFalse(invoice.show_reset_to_draft_button)
        with self.assertRaisesRegex(UserError, "press Credit Note"):
            invoice.button_draft()
        with Form(invoice) as form:
            self.assertFalse(form.show_reset_to_draft_button)
        refund = invoice._reverse_moves()
        refund.action_post()
        self.assertTrue(refund.show_reset_to_draft_button)

    def test_a_credit_note_of_usage_counts_what_it_credits(self):
        batch = self._ingest("442071234567", "442071234568")
        printed = self._paper(self._bill())
        batch.action_undo()
        refund = self._bill(cutoff=datetime(2026, 12, 5, 12))
        self.assertEqual(refund.move_type, "out_refund")
        self.assertEqual(self._paper(refund)[0]["td_voip_calls"], "2")
        for row, before in zip(self._paper(refund), printed, strict=True):
            for name in ("td_voip_calls", "td_voip_minutes", "td_voip_rate"):
                self.assertEqual(row[name], before[name])
        self.assertEqual(refund.invoice_line_ids.voip_counted, 2)
        self.assertEqual(refund.invoice_line_ids.voip_minutes, 3)
        self.assertWhole()
