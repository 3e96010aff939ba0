"""AI usage on a provider's invoice, from the line to what is found of it."""

from odoo.tests import tagged

from odoo.addons.voip_ai_usage.tests.common import AiCommon
from odoo.addons.voip_supplier_audit.tests.common import SupplierCommon


@tagged("post_install", "-at_install")
class TestAiLines(SupplierCommon, AiCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.supplier_id = cls.supplier
        cls._usual_prices()

    def setUp(self):
        super().setUp()
        # Input 1.50, cached 0.50, output 2.00.
        self._send(
            self._session(
                1, prompt_tokens=10**6, cached_tokens=400_000, completion_tokens=200_000
            )
        )

    def _audit(self, *lines, **values):
        """An invoice of the session's day: (destination, amount) a line."""
        rows = [
            {"destination": name, "amount": amount, "kind": "ai"}
            for name, amount in lines
        ]
        day = str(self.at.date())
        days = {"period_start": day, "period_end": day, "date": day}
        invoice = self._load_invoice(rows, **days | values)
        invoice.action_reconcile()
        return invoice

    def _found(self, invoice):
        return [(line.found, round(line.ours_amount, 4)) for line in invoice.line_ids]

    def test_a_model_and_kind_are_equal_or_another_price(self):
        invoice = self._audit(
            ("gpt-4o, input", "2.00"), ("gpt-4o-2024-08-06, output", "2.30")
        )
        self.assertEqual(self._found(invoice), [("equal", 2.0), ("rate", 2.0)])
        self.assertEqual(
            (invoice.ours_total, round(invoice.difference, 2), invoice.ours_unbilled),
            (4.0, 0.3, 0.0),
        )
        line = invoice.line_ids[1]
        line.action_dispute()
        self.assertEqual(round(line.disputed_amount, 2), 0.3)

    def test_kinds_in_words_and_what_is_on_no_line_is_told(self):
        invoice = self._audit(
            ("gpt-4o, Input tokens", "1.50"),
            ("GPT-4o, Cached input tokens", "0.50"),
        )
        self.assertEqual(self._found(invoice), [("equal", 1.5), ("equal", 0.5)])
        self.assertEqual(invoice.ours_unbilled, 2.0)
        told = invoice.unbilled_cells[0]["explanations"][0]["text"]
        self.assertIn("gpt-4o, Output tokens of", told)

    def test_a_line_without_names_is_all_of_it_and_twice_is_told(self):
        whole = self._audit((None, "4.00"))
        self.assertEqual(self._found(whole), [("equal", 4.0)])
        again = self._audit(("gpt-4o", "4.00"), number="INV-2")
        self.assertEqual(self._found(again), [("duplicate", 0.0)])
        self.assertIn("INV-1 already: 4.00", again.line_ids.explained)

    def test_what_no_session_has_is_missing_here_and_says_where_to_look(self):
        for name in ("gpt-9", "gpt-9, input", "gpt-4o, speech_to_text"):
            with self.subTest(name):
                invoice = self._audit((name, "1.00"), number=name)
                self.assertEqual(self._found(invoice), [("missing_here", 0.0)])
                self.assertIn("No session of these days", invoice.line_ids.explained)
                self.assertEqual(invoice.ours_unbilled, 4.0)

    def test_a_session_that_was_corrected_costs_what_it_costs_now(self):
        self._send(self._session(1, prompt_tokens=0, cached_tokens=0, revision=1))
        invoice = self._audit((None, "0.002"))
        self.assertEqual(self._found(invoice), [("equal", 0.002)])
