"""Our rates have a shorter code than the lines of an invoice."""

from odoo.tests import tagged

from .cost_common import CostCommon

UK, DE = "447700900123", "4930123456"


@tagged("post_install", "-at_install")
class TestWiderCode(CostCommon):
    def _audited(self, code, lines, *called):
        """Lines of an invoice on calls that were rated by one code."""
        rates = [{"prefix": code, "price_per_minute": "0.1"}]
        deck = self._create_deck(rates, side="supplier", partner_id=self.supplier.id)
        self.way = self._create_supplier_trunk(deck)
        self._agree(dispute_days=366)
        for number in called:
            self._call(number, "2026-09-05T10:00:00Z")
        invoice = self._september(lines)
        invoice.action_reconcile()
        invoice.action_dispute_above()
        return invoice, invoice.line_ids

    def test_a_longer_code_is_not_missing_and_not_claimed(self):
        invoice, line = self._audited("4", [{"prefix": "44", "amount": "1.10"}], UK)
        self.assertEqual((line.found, line.decision), ("unknown_code", "open"))
        self.assertIn("wider code 4, whose cost of 0.10", line.explained)
        self.assertIn(line.explained, invoice.why)

    def test_a_code_that_ours_does_not_begin_is_missing(self):
        _invoice, line = self._audited("447", [{"prefix": "49", "amount": "1"}], UK)
        self.assertEqual((line.found, line.decision), ("missing_here", "disputed"))

    def test_what_another_line_has_is_not_meant(self):
        lines = [{"prefix": "4", "amount": "0.1"}, {"prefix": "44", "amount": "1"}]
        _invoice, found = self._audited("4", lines, UK)
        self.assertEqual(found.mapped("found"), ["equal", "missing_here"])

    def test_cost_of_other_days_is_not_meant(self):
        lines = [
            {"prefix": "44", "amount": "1", "day": "2026-09-05"},
            {"prefix": "44", "amount": "1", "day": "2026-09-06"},
        ]
        _invoice, found = self._audited("4", lines, UK, DE)
        self.assertEqual(found.mapped("found"), ["unknown_code", "missing_here"])
        self.assertIn("cost of 0.20", found[0].explained)
