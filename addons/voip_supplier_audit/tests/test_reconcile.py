from decimal import Decimal
from unittest.mock import patch

import numpy as np

from odoo.tests import tagged

from ..reconcile import read
from ..reconcile.binary import copy_columns, read_columns
from ..reconcile.read import days
from .reconcile_common import ReconcileCommon


@tagged("post_install", "-at_install")
class TestReconcileCalls(ReconcileCommon):
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

    def test_an_attempt_that_costs_what_was_agreed_is_right(self):
        fee = {"deck_id": self.buy.id, "prefix": "448", "attempt_fee": 0.01}
        fee |= {"effective_from": "1970-01-01 00:00:00"}
        self.env["voip.rate"].create({**fee, "price_per_minute": 0.1})
        called = "448001234567"
        self._calls(
            ("agreed", called, "10:00:00", "0", False),
            ("dearer", called, "11:00:00", "0", False),
        )
        invoice = self._invoice(
            ("agreed", called, "10:00:00", "0", "0.1", "0.01"),
            ("dearer", called, "11:00:00", "0", "0.1", "0.03"),
        )
        found = self._reconciled_calls(invoice)
        self.assertEqual(found, {"equal": (1, "0.01"), "unanswered": (1, "0.03")})

    def test_ids_are_told_however_many_calls_others_have(self):
        called = "447700900123"
        self._calls(("one", called, "10:00:00", "60", True))
        # Another hour, so that nothing but the id tells.
        invoice = self._invoice(("one", called, "21:00:00", "60", "0.1", "0.1"))
        for others in (0, 10**9):
            with self.subTest(others=others), patch.object(read, "_OTHERS", others):
                found = self._reconciled_calls(invoice)
                self.assertEqual(found, {"equal": (1, "0.10")})

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

    def test_a_credit_is_no_call_that_was_charged_otherwise(self):
        called = "447700900123"
        self._calls(("one", called, "10:00:00", "60", True))
        invoice = self._invoice(
            ("one", called, "10:00:00", "60", "0.1", "-5.00"),
            ("one", called, "10:00:00", "60", "0.1", "0.1"),
        )
        self.assertEqual(
            self._reconciled_calls(invoice),
            {"equal": (1, "0.10"), "credit": (1, "-5.00")},
        )

    def test_pairs_go_with_their_invoice(self):
        called = "447700900123"
        self._calls(("one", called, "10:00:00", "60", True))
        invoice = self._invoice(("two", called, "16:00:00", "60", "0.1", "-0.00000001"))
        self._reconciled_calls(invoice)
        query = (
            "SELECT record_id IS NULL, usage_id IS NULL, line_id IS NULL, amount::text"
            "  FROM voip_supplier_match_row WHERE invoice_id = %s ORDER BY 1"
        )
        self.env.cr.execute(query, [invoice.id])
        self.assertEqual(
            self.env.cr.fetchall(),
            [(False, True, False, "-0.00000001"), (True, False, False, "0.10000000")],
        )
        gone = invoice.id
        invoice.unlink()
        self.env.cr.execute(query, [gone])
        self.assertEqual(self.env.cr.fetchall(), [])

    def test_rows_of_each_kind_are_written_as_they_are(self):
        cr = self.env.cr
        cr.execute(
            "CREATE TEMP TABLE kinds (a bigint, b integer, c smallint, d boolean,"
            " e numeric) ON COMMIT DROP"
        )
        e = np.array([0, 1, -1, 10**8, -12_345_678_901_234_567, 2**63 - 1])
        a = np.arange(e.size)
        kinds = ("bigint", "integer", "smallint", "boolean", "money")
        copy_columns(cr._obj, "kinds", (a, a - 3, a - 3, a % 2, e), kinds)
        cr.execute("SELECT a, b, c, d, e::text FROM kinds ORDER BY a")
        money = [f"{Decimal(value).scaleb(-8):.8f}" for value in e.tolist()]
        want = [(n, n - 3, n - 3, n % 2 == 1, money[n]) for n in range(e.size)]
        self.assertEqual(cr.fetchall(), want)

    def test_days_are_those_of_the_zone_also_in_the_night_clocks_change(self):
        moments = ("2026-10-24 21:59:59", "2026-10-24 22:00:00", "2026-10-25 22:59:59")
        moments += ("2026-10-25 23:00:00", "2026-03-28 22:59:59", "2026-03-28 23:00:00")
        for tz in ("Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "UTC"):
            self.env.cr.execute(
                "SELECT (m AT TIME ZONE 'UTC' AT TIME ZONE %s)::date"
                " - DATE '1970-01-01' FROM unnest(%s::timestamp[]) m",
                [tz, list(moments)],
            )
            want = [day for (day,) in self.env.cr.fetchall()]
            at = np.array(moments, "M8[us]").astype(np.int64)
            self.assertEqual(days(at, tz).tolist(), want, tz)

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
