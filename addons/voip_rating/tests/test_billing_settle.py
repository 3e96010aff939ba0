"""What prepaid accounts owe is paid from what they have."""

from datetime import date, datetime

from odoo.tests import tagged

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestBillingSettle(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rates = [{"prefix": "44", "price_per_minute": "0.01"}]
        cls._create_switch(code="settle")
        cls.account = cls._create_account(deck_id=cls._create_deck(rates=rates).id)
        cls._create_trunk(code="settle1", account_id=cls.account.id)

    def _bill(self, month):
        """1.00 of usage in a month and its invoice."""
        start = f"2026-{month:02}-05T10:00:00Z"
        record = {
            "call_id": start,
            "called": "442071234567",
            "start": start,
            "answer": start,
            "duration": "6000",
            "trunk": "settle1",
        }
        self.env["voip.cdr"].ingest(switch="settle", records=[record], rate_now=True)
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, month + 1, 5, 12),
                "invoice_date": date(2026, month + 1, 1),
                "account_ids": [(6, 0, self.account.ids)],
            }
        )
        run.action_run()
        return run.move_ids

    def test_an_older_invoice_that_found_no_credit_is_paid_by_the_next_run(self):
        old = self._bill(8)
        self.assertEqual(old.payment_state, "not_paid")
        self._topup(self.account, old.amount_total + 0.4)
        new = self._bill(9)
        self.assertIn(old.payment_state, ("paid", "in_payment"))
        self.assertEqual(new.payment_state, "partial")
        self.assertAlmostEqual(new.amount_residual, new.amount_total - 0.4)
        self.assertWhole()
