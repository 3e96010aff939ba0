from datetime import date
from decimal import Decimal
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..costs import kept
from ..costs.match import Asked, Cell, Sum, assign, classify
from ..costs.repeated import repeated
from .cost_common import CostCommon

DAY = date(2026, 3, 5)


def cell(prefix, destination=None, price="0.1", day=DAY, amount="1"):
    return Cell(
        prefix, destination, Decimal(price), day, 1, 60_000, 60, Decimal(amount)
    )


@tagged("post_install", "-at_install")
class TestMatch(BaseCase):
    def test_a_cell_is_on_the_line_that_says_most_of_it(self):
        lines = [
            Asked("country", "44", None, None, None),
            Asked("mobile", "447", None, None, None),
            Asked("that day", "447", None, DAY, None),
            Asked("by name", None, 8, None, None),
            Asked("the day", None, None, DAY, None),
        ]
        cases = {
            "44207": "country",
            "4479": "that day",
            "1212": "the day",
        }
        for prefix, key in cases.items():
            sums, left = assign([cell(prefix)], lines)
            self.assertEqual((list(sums), left), ([key], []))
        sums, _left = assign([cell("4479", day=date(2026, 3, 6))], lines)
        self.assertEqual(list(sums), ["mobile"])
        sums, _left = assign([cell("3312", 8)], lines)
        self.assertEqual(list(sums), ["by name"])

    def test_lines_of_one_code_are_told_apart_by_their_price(self):
        lines = [
            Asked("old", "44", None, None, Decimal("0.1")),
            Asked("new", "44", None, None, Decimal("0.2")),
        ]
        sums, _left = assign([cell("44", price="0.2"), cell("44", price="0.3")], lines)
        self.assertEqual(
            {key: one.calls for key, one in sums.items()}, {"new": 1, "old": 1}
        )

    def test_a_line_may_be_of_several_codes(self):
        lines = [
            Asked("range", "441-443, 4470", None, None, None, ("441", "443", "4470")),
            Asked("country", "44", None, None, None),
        ]
        cases = {"4412": "range", "44701": "range", "4475": "country"}
        for prefix, key in cases.items():
            sums, _left = assign([cell(prefix)], lines)
            self.assertEqual(list(sums), [key], prefix)

    def test_a_cell_on_no_line_is_left(self):
        sums, left = assign([cell("33")], [Asked(1, "44", None, None, None)])
        self.assertEqual((sums, len(left)), ({}, 1))

    def test_one_line_that_says_nothing_is_about_all(self):
        whole, shortfall = (Asked(n, None, None, None, None) for n in (1, 2))
        sums, left = assign([cell("33"), cell("44", 8)], [whole])
        self.assertEqual(([sums[1].calls], left), ([2], []))
        sums, left = assign([cell("33")], [whole, shortfall])
        self.assertEqual((sums, len(left)), ({}, 1))

    def test_what_comes_again_on_every_invoice_is_found_however_small(self):
        now = {"44": 1, "49": 1, "33": -1, "7": 2}
        before = [{"44": 1, "49": 0, "33": 1}, {"44": 3, "49": 5}]
        self.assertEqual(repeated(now, before, 3), {"44"})
        self.assertEqual(repeated(now, before, 1), {"44", "49", "7"})
        self.assertEqual(repeated(now, before, 0), set())
        self.assertEqual(repeated(now, before, 4), set())

    def test_classes_follow_from_what_differs(self):
        ours = Sum(10, 600_000, 600, Decimal("1.00"))
        ten = Decimal(10)
        for line, expected in (
            ((ten, Decimal("0.1"), Decimal("1.00")), "equal"),
            ((ten, Decimal("0.1"), Decimal("1.004")), "equal"),
            ((ten, Decimal("0.12"), Decimal("1.20")), "rate"),
            ((Decimal(12), Decimal("0.1"), Decimal("1.20")), "duration"),
            ((ten, Decimal("0.1"), Decimal("1.20")), "sum"),
            ((None, None, Decimal("1.20")), "other"),
        ):
            with self.subTest(line):
                self.assertEqual(classify(line, ours, 2, 2), expected)
        self.assertEqual(classify((None, None, ten), None, 2, 2), "missing_here")


@tagged("post_install", "-at_install")
class TestCosts(CostCommon):
    def test_what_is_found_of_many_lines_is_written_at_once(self):
        self._calls()
        codes = ["447", "49", *(f"33{number:02}" for number in range(30))]
        lines = [{"prefix": code, "rate": "0.2", "amount": "0.2"} for code in codes]
        invoice = self._september(lines, tz="UTC")
        model, written = type(invoice.line_ids), []
        write = model.write
        with patch.object(
            model, "write", lambda self, vals: written.append(vals) or write(self, vals)
        ):
            invoice._reconcile_now()
        self.assertFalse(written)
        line = invoice.line_ids[0]
        self.assertEqual((line.ours_calls, line.ours_amount), (1, 0.1))
        self.assertEqual((line.difference, line.found), (0.1, "rate"))
        missing = invoice.line_ids[5]
        self.assertEqual((missing.ours_amount, missing.difference), (0, 0.2))
        self.assertEqual((missing.found, missing.unexplained), ("missing_here", 0.0))
        self.assertEqual(invoice.ours_total, 0.2)
        self.env.invalidate_all()
        self.assertEqual((line.difference, line.found), (0.1, "rate"))

    def test_ours_is_beside_each_line_in_the_suppliers_days(self):
        self._agree(tz="Europe/Berlin")
        self._calls()
        invoice = self._september(
            [
                {"prefix": "447", "minutes": "2", "rate": "0.1", "amount": "0.20"},
                {"prefix": "33", "minutes": "5", "rate": "0.1", "amount": "0.50"},
            ]
        )
        invoice.action_reconcile()
        self.assertRecordValues(
            invoice.line_ids,
            [
                {"ours_calls": 2, "ours_amount": 0.2, "found": "equal", "within": True},
                {
                    "ours_calls": 0,
                    "ours_amount": 0.0,
                    "found": "missing_here",
                    "within": False,
                },
            ],
        )
        # The call of 30 September 22:10 UTC is of October in Berlin.
        self.assertEqual(invoice.ours_unbilled, 0.0)
        self.assertEqual(invoice.difference, 0.5)
        invoice.unlink()
        utc = self._september([{"prefix": "447", "amount": "0.20"}], "INV-2", tz="UTC")
        utc.action_reconcile()
        self.assertEqual(utc.line_ids.ours_amount, 0.1)
        self.assertEqual(utc.ours_unbilled, 0.1)
        self.assertEqual(utc.unbilled_cells[0]["class"], "missing_there")

    def test_an_honest_invoice_of_one_line_is_right(self):
        self._calls()
        lines = [{"destination": "Voice traffic September", "amount": "0.20"}]
        invoice = self._september(lines, tz="UTC")
        invoice.action_reconcile()
        line = invoice.line_ids
        self.assertEqual((line.ours_amount, line.found), (0.2, "equal"))
        self.assertFalse(line.explanations)
        self.assertEqual(invoice.ours_unbilled, 0.0)

    def test_sums_that_are_kept_and_the_tail_are_all_usage_once(self):
        invoice = self._september([{"prefix": "447", "amount": "0.20"}], tz="UTC")
        self._calls()
        found = []
        for safe in (0, "half", "all"):
            self.env.cr.execute("SELECT array_agg(id ORDER BY id) FROM voip_usage_row")
            ids = self.env.cr.fetchone()[0]
            upto = {"half": ids[len(ids) // 2], "all": ids[-1]}.get(safe, 0)
            with patch.object(kept.witness, "REACHED_SQL", f"SELECT {upto}, %s"):
                kept.advance(self.env.cr)
            self.assertEqual(kept.reached(self.env.cr), upto)
            invoice.action_reconcile()
            found.append((invoice.line_ids.ours_amount, invoice.ours_unbilled))
        self.assertEqual(found, [(0.1, 0.1)] * 3)
        self.assertWhole()

    def test_lines_are_compared_from_sums_and_no_calls_are_scanned(self):
        """What came since the last sum is found by the index of its numbers."""
        self._agree(tz="UTC")
        self._calls()
        invoice = self._september([{"prefix": "447", "amount": "0.20"}])
        invoice.action_reconcile()
        asked = {
            "company": self.env.company.id,
            "suppliers": self.supplier.ids,
            "since": "2026-09-01",
            "until": "2026-10-01",
            "tz": "UTC",
            "currency": invoice.currency_id.id,
            "upto": kept.reached(self.env.cr),
        }
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(f"EXPLAIN {kept.CELLS}", asked)
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        self.assertIn("voip_supplier_cost_row", plan)
        self.assertNotRegex(plan, "Seq Scan on voip_(usage|cdr)_row")
        self.assertNotIn("voip_cdr_row", plan)

    def test_a_batch_that_is_undone_costs_nothing(self):
        self._calls()
        batches = self.env["voip.cdr.batch"].search(
            [("switch_id", "=", self.switch.id)]
        )
        with patch.object(kept.witness, "REACHED_SQL", "SELECT 2 ^ 62, %s"):
            kept.advance(self.env.cr)
        self.env.cr.execute("DELETE FROM voip_supplier_cost_progress")
        self.env.cr.execute(
            "INSERT INTO voip_supplier_cost_progress SELECT max(id) FROM voip_usage_row"
        )
        for batch in batches:
            batch.action_undo()
        invoice = self._september([{"prefix": "447", "amount": "0.20"}], tz="UTC")
        invoice.action_reconcile()
        self.assertEqual(invoice.line_ids.found, "missing_here")
        self.assertEqual(invoice.ours_unbilled, 0.0)

    def test_a_small_difference_that_is_repeated_is_beyond_tolerance(self):
        self._agree(repeated_invoices=2, line_percent=50, invoice_percent=10)
        for month, number in (("08", "R-1"), ("09", "R-2")):
            self._call("447700900123", f"2026-{month}-10T10:00:00Z")
            invoice = self._load_invoice(
                [{"prefix": "447", "amount": "0.11"}],
                number=number,
                period_start=f"2026-{month}-01",
                period_end=f"2026-{month}-28",
            )
            invoice.action_reconcile()
            line = invoice.line_ids
            self.assertEqual(line.repeated, number == "R-2")
            self.assertEqual(line.within, number == "R-1")
            self.assertTrue(invoice.is_within)

    def test_the_machine_door_answers_with_both_sides(self):
        self._calls()
        invoice = self._september(
            [{"prefix": "447", "minutes": "1", "amount": "0.20"}], tz="UTC"
        )
        answer = self.env["voip.supplier.invoice"].reconcile(invoice.id)
        self.assertEqual(answer["state"], "reconciled")
        self.assertEqual(
            (answer["ours"], answer["theirs"], answer["difference"]),
            ("0.20", "0.20", "0.00"),
        )
        first, second = answer["lines"]
        self.assertEqual(first["class"], "rate")
        self.assertEqual(
            first["ours"], {"calls": 1, "minutes": "1.00", "amount": "0.10"}
        )
        self.assertEqual((second["class"], second["prefix"]), ("missing_there", "49"))
        self.assertEqual(
            self.env["voip.supplier.invoice"].reconcile(invoice.id), answer
        )
