"""Our cost of an invoice's days is in another currency than the invoice."""

from odoo.tests import tagged

from .cost_common import CostCommon

LINES = [{"prefix": "447", "amount": "0.30"}, {"prefix": "49", "amount": "0"}]


@tagged("post_install", "-at_install")
class TestOtherCurrency(CostCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.env.company.currency_id
        cls.other = (
            cls.env["res.currency"]
            .with_context(active_test=False)
            .search([("id", "!=", cls.own.id)], limit=1)
        )
        cls.other.active = True
        cls._agree(currency_id=cls.other.id, dispute_days=366)

    def _other(self, lines=None):
        invoice = self._september(lines or LINES, currency=self.other.name)
        invoice.action_reconcile()
        return invoice

    def test_the_currency_of_our_cost_is_told(self):
        self._calls()
        invoice = self._other()
        line, nothing = invoice.line_ids
        self.assertRecordValues(
            line,
            [{"found": "currency", "ours_amount": 0.0, "unexplained": 0.3}],
        )
        self.assertIn(
            f"Our cost of these days is in {self.own.name}, the invoice in"
            f" {self.other.name}",
            line.explained,
        )
        self.assertEqual(invoice.why, line.explained)
        self.assertEqual(nothing.found, "equal")
        self.assertWhole()

    def test_nothing_is_claimed_by_it(self):
        self._calls()
        invoice = self._other()
        self.assertEqual((invoice.explained_total, invoice.unexplained), (0.0, 0.3))
        self.assertEqual(
            [step["key"] for step in invoice.variance["steps"]],
            ["billed", "unexplained", "ours"],
        )
        invoice.action_dispute_above()
        invoice.action_accept_within()
        self.assertEqual(invoice.line_ids[0].decision, "open")

    def test_call_records_of_another_currency_are_not_compared(self):
        self._calls()
        invoice = self._september(LINES, currency=self.other.name)
        record = {"called": "447700900123", "start": "2026-09-05T10:00:00Z"}
        answer = self.env["voip.supplier.invoice"].load_records(
            invoice.id, [{**record, "duration": "60", "amount": "0.30"}]
        )
        self.assertEqual(answer["accepted"], 1, answer)
        answer = self.env["voip.supplier.invoice"].reconcile(invoice.id)
        self.assertEqual(answer["lines"][0]["class"], "currency")
        self.assertEqual(answer["calls"], {})

    def test_cost_in_the_invoices_currency_is_compared_as_ever(self):
        self._calls()
        invoice = self._september([{"prefix": "447", "amount": "0.30"}])
        invoice.action_reconcile()
        self.assertEqual(invoice.line_ids.ours_amount, 0.1)
        self.assertNotEqual(invoice.line_ids.found, "currency")

    def test_without_calls_of_the_days_they_are_missing_here(self):
        self.assertEqual(self._other().line_ids[0].found, "missing_here")
