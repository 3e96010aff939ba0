"""A supplier, his deck, and calls of September that he carried."""

from .common import SupplierCommon


class CostCommon(SupplierCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch = cls._create_switch()
        cls.account = cls._create_account(mode="postpaid", credit_limit=1000)
        sale = cls._create_deck([{"prefix": "4", "price_per_minute": "0.5"}])
        cls.account.deck_id = sale
        cls.trunk = cls._create_trunk(cls.account)
        buy = cls._create_deck(
            [
                {"prefix": "447", "price_per_minute": "0.1"},
                {"prefix": "49", "price_per_minute": "0.05"},
            ],
            side="supplier",
            partner_id=cls.supplier.id,
        )
        cls.way = cls._create_supplier_trunk(buy)

    def _call(self, called, start, seconds="60"):
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code,
            records=[
                {
                    "call_id": f"c{next(self._codes)}",
                    "called": called,
                    "start": start,
                    "duration": seconds,
                    "answered": True,
                    "trunk": self.trunk.code,
                    "supplier_trunk": self.way.code,
                }
            ],
            rate_now=True,
        )
        self.assertEqual(answer["rated"], 1, answer)

    def _calls(self):
        for start in ("2026-08-31T22:30:00Z", "2026-09-05T10:00:00Z"):
            self._call("447700900123", start)
        self._call("4930123456", "2026-09-30T22:10:00Z", "120")

    def _september(self, lines, number="INV-1", **values):
        return self._load_invoice(
            lines,
            number,
            period_start="2026-09-01",
            period_end="2026-09-30",
            date="2026-10-01",
            **values,
        )
