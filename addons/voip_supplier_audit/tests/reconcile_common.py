"""Calls of both sides, few of them, for the tests."""

from .common import SupplierCommon


class ReconcileCommon(SupplierCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch = cls._create_switch()
        cls.account = cls._create_account(mode="postpaid", credit_limit=1000)
        cls.account.deck_id = cls._create_deck(
            [{"prefix": "4", "price_per_minute": "0.5"}]
        )
        cls.trunk = cls._create_trunk(cls.account)
        cls.buy = cls._create_deck(
            [{"prefix": "447", "price_per_minute": "0.1"}],
            side="supplier",
            partner_id=cls.supplier.id,
        )
        cls.way = cls._create_supplier_trunk(cls.buy)

    def _calls(self, *calls):
        """Rate (id, called, start, seconds, answered) of the 5th of September."""
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code,
            records=[
                {
                    "call_id": name,
                    "caller": "442071838750",
                    "called": called,
                    "start": f"2026-09-05T{start}Z",
                    "duration": seconds,
                    "answered": answered,
                    "trunk": self.trunk.code,
                    "supplier_trunk": self.way.code,
                }
                for name, called, start, seconds, answered in calls
            ],
            rate_now=True,
        )
        self.assertFalse(answer["errors"], answer)

    def _invoice(self, *records):
        """An invoice with records (id, called, start, seconds, rate, amount)."""
        self._agree(tz="UTC")
        invoice = self._load_invoice(
            [{"prefix": "447", "amount": "1.00"}],
            period_start="2026-09-01",
            period_end="2026-09-30",
            date="2026-10-01",
        )
        names = ("call_id", "caller", "called", "start", "duration", "rate", "amount")
        answer = self.env["voip.supplier.invoice"].load_records(
            invoice.id,
            [
                dict(
                    zip(
                        names,
                        (name, "442071838750", called, f"2026-09-05T{at}", *rest),
                        strict=True,
                    )
                )
                for name, called, at, *rest in records
            ],
        )
        self.assertEqual(answer["accepted"], len(records), answer)
        return invoice
