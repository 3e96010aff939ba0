import numpy as np

from odoo.tests import tagged

from ..reconcile.binary import copy_columns, read_columns
from .common import SupplierCommon


@tagged("post_install", "-at_install")
class TestReconcileCalls(SupplierCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch = cls._create_switch()
        cls.account = cls._create_account(mode="postpaid", credit_limit=1000)
        cls.account.deck_id = cls._create_deck(
            [{"prefix": "4", "price_per_minute": "0.5"}]
        )
        cls.trunk = cls._create_trunk(cls.account)
        buy = cls._create_deck(
            [{"prefix": "447", "price_per_minute": "0.1"}],
            side="supplier",
            partner_id=cls.supplier.id,
        )
        cls.way = cls._create_supplier_trunk(buy)

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

    def _reconciled_calls(self, invoice):
        answer = self.env["voip.supplier.invoice"].reconcile(invoice.id)
        return {
            name: (found["count"], found["amount"])
            for name, found in answer["calls"].items()
        }

    def test_each_call_has_its_class(self):
        called = "447700900123"
        self._calls(
            ("same", called, "10:00:00", "60", True),
            ("longer", called, "11:00:00", "60", True),
            ("dearer", called, "12:00:00", "60", True),
            ("ringing", called, "13:00:00", "0", False),
            ("lacking", called, "14:00:00", "120", True),
        )
        invoice = self._invoice(
            ("same", called, "10:00:00", "60", "0.1", "0.1"),
            ("longer", called, "11:00:00", "90", "0.1", "0.15"),
            ("dearer", called, "12:00:00", "60", "0.12", "0.12"),
            ("ringing", called, "13:00:00", "30", "0.1", "0.05"),
            ("stranger", called, "16:00:00", "60", "0.1", "0.1"),
        )
        found = self._reconciled_calls(invoice)
        counts = {name: count for name, (count, _amount) in found.items()}
        self.assertEqual(
            counts,
            {
                "equal": 1,
                "missing_here": 1,
                "missing_there": 1,
                "duration": 1,
                "rate": 1,
                "unanswered": 1,
            },
        )
        self.assertEqual(float(found["missing_there"][1]), 0.2)
        self.assertEqual(float(found["unanswered"][1]), 0.05)

    def test_a_call_that_was_taken_back_is_not_there(self):
        called = "447700900123"
        self._calls(("one", called, "10:00:00", "60", True))
        batch = self.env["voip.cdr.batch"].search([("switch_id", "=", self.switch.id)])
        batch.action_undo()
        invoice = self._invoice(("one", called, "10:00:00", "60", "0.1", "0.1"))
        self.assertEqual(self._reconciled_calls(invoice), {"missing_here": (1, "0.10")})

    def test_reconciling_again_replaces_what_was_found(self):
        called = "447700900123"
        self._calls(("one", called, "10:00:00", "60", True))
        invoice = self._invoice(("one", called, "10:00:00", "60", "0.1", "0.1"))
        first = self._reconciled_calls(invoice)
        self.assertEqual(self._reconciled_calls(invoice), first)
        self.assertEqual(set(first), {"equal"})

    def test_columns_survive_the_way_through_the_database(self):
        cr = self.env.cr
        cr.execute("CREATE TEMP TABLE way (a bigint, b bigint) ON COMMIT DROP")
        a = np.arange(-250_000, 250_000)
        copy_columns(cr._obj, "way", (a, a * 2**40))
        found = read_columns(cr._obj, "SELECT a, b FROM way ORDER BY a", ("a", "b"))
        self.assertTrue((found["a"] == a).all() and (found["b"] == a * 2**40).all())
        query = "SELECT timestamp '2026-09-05 00:00:00.000001'"
        moment = read_columns(cr._obj, query, ("at",), ("at",))["at"]
        self.assertEqual(moment.tolist(), [1_788_566_400_000_001])
        with self.assertRaisesRegex(ValueError, "null"):
            read_columns(cr._obj, "SELECT NULL::bigint", ("a",))
