"""Some of our cost of an invoice's days is in another currency than the invoice."""

from odoo.tests import tagged

from .cost_common import CostCommon

UK, DE = "447700900123", "4930123456"
LINES = [{"prefix": "447", "amount": "0.30"}, {"prefix": "49", "amount": "2.00"}]


@tagged("post_install", "-at_install")
class TestPartCurrency(CostCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        own = cls.env.company.currency_id
        every = cls.env["res.currency"].with_context(active_test=False)
        cls.other = every.search([("id", "!=", own.id)], limit=1)
        cls.other.active = True
        rate = {"currency_id": cls.other.id, "name": "2026-01-01", "rate": 2.0}
        cls.env["res.currency.rate"].create(rate)
        abroad = cls._create_deck(
            [
                {"prefix": "447", "price_per_minute": "1"},
                {"prefix": "49", "price_per_minute": "1"},
            ],
            side="supplier",
            partner_id=cls.supplier.id,
            currency_id=cls.other.id,
        )
        cls.home, cls.abroad = cls.way, cls._create_supplier_trunk(abroad)
        cls._agree(dispute_days=366)

    def _rated(self, way, *calls):
        self.way = way
        for called, start in calls:
            self._call(called, f"2026-09-05T{start}:00Z")

    def _two(self):
        """A call in our currency, one in the other."""
        self._rated(self.home, (UK, "10:00"))
        self._rated(self.abroad, (DE, "11:00"))

    def _reconciled_lines(self):
        invoice = self._september(LINES)
        invoice.action_reconcile()
        return invoice, *invoice.line_ids

    def test_a_line_of_the_other_currency_says_so_and_is_not_missing(self):
        self._two()
        _invoice, ours, other = self._reconciled_lines()
        self.assertEqual(ours.ours_amount, 0.1)
        self.assertNotEqual(ours.found, "currency")
        self.assertEqual((other.found, other.ours_amount), ("currency", 0.0))
        self.assertIn(f"is in {self.other.name}, the invoice in", other.explained)

    def test_only_lines_that_are_compared_are_disputed(self):
        self._two()
        invoice, ours, other = self._reconciled_lines()
        invoice.action_dispute_above()
        self.assertEqual((ours.decision, other.decision), ("disputed", "open"))

    def test_the_invoice_tells_both(self):
        self._two()
        invoice, _ours, other = self._reconciled_lines()
        self.assertIn("unexplained 2.20", invoice.why)
        self.assertIn(other.explained, invoice.why)

    def test_a_line_that_is_partly_of_the_other_currency_is_not_claimed(self):
        self._rated(self.home, (UK, "10:00"))
        self._rated(self.abroad, (UK, "11:00"))
        invoice, line, nothing = self._reconciled_lines()
        self.assertEqual((line.found, line.ours_amount), ("currency", 0.1))
        self.assertIn(f"Part of our cost is in {self.other.name}", line.explained)
        self.assertEqual(nothing.found, "missing_here")
        invoice.action_dispute_above()
        self.assertEqual(line.decision, "open")

    def test_call_records_of_the_other_currency_are_paired_and_not_compared(self):
        self._two()
        invoice = self._september(LINES)
        records = [
            {"called": called, "start": f"2026-09-05T{start}:00Z", "amount": amount}
            for called, start, amount in ((UK, "10:00", "0.10"), (DE, "11:00", "2.00"))
        ]
        for record in records:
            record["duration"] = "60"
        answer = self.env["voip.supplier.invoice"].load_records(invoice.id, records)
        self.assertEqual(answer["accepted"], 2, answer)
        answer = self.env["voip.supplier.invoice"].reconcile(invoice.id)
        told = {name: found["amount"] for name, found in answer["calls"].items()}
        self.assertEqual(told, {"equal": "0.10", "currency": "2.00"})
        pairs = self.env["voip.supplier.match"].search([("found", "=", "currency")])
        self.assertRecordValues(
            pairs,
            [{"sides": "both", "their_amount": 2.0, "our_amount": 0, "difference": 0}],
        )

    def test_a_call_that_they_lack_is_no_money_of_the_invoice(self):
        self._two()
        invoice = self._september(LINES)
        record = {"called": UK, "start": "2026-09-05T10:00:00Z", "amount": "0.10"}
        self.env["voip.supplier.invoice"].load_records(
            invoice.id, [{**record, "duration": "60"}]
        )
        answer = self.env["voip.supplier.invoice"].reconcile(invoice.id)
        self.assertEqual(set(answer["calls"]), {"equal"})
