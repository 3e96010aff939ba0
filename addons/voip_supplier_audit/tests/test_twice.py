"""Usage that another invoice of the supplier has billed already."""

from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..costs.billed import Other, beside_others, without_billed
from ..costs.match import Asked, Cell
from .cost_common import CostCommon

DAY = date(2026, 9, 5)


def cell(prefix, amount="10", day=DAY):
    return Cell(prefix, None, Decimal("0.1"), day, 4, 60_000, 60, Decimal(amount))


def other(share="1", first=DAY, last=DAY, prefix="447"):
    line = Asked("line", prefix, None, None, None)
    return Other("INV-1", first, last, (line,), {"line": Decimal(share)})


@tagged("post_install", "-at_install")
class TestBilled(BaseCase):
    def test_what_another_invoice_billed_is_not_there_again(self):
        left, billed = without_billed([cell("4479"), cell("49")], [other()])
        self.assertEqual([one.prefix for one in left], ["49"])
        found = [(one.cell.prefix, one.number, one.amount) for one in billed]
        self.assertEqual(found, [("4479", "INV-1", Decimal(10))])

    def test_of_what_was_billed_in_part_the_rest_is_there(self):
        left, billed = without_billed([cell("447")], [other("0.9")])
        self.assertEqual([(one.amount, one.calls) for one in left], [(Decimal(1), 4)])
        self.assertEqual([one.amount for one in billed], [Decimal(9)])
        left, billed = without_billed([cell("447")], [other("0.9"), other("0.9")])
        self.assertEqual((left, sum(one.amount for one in billed)), ([], Decimal(10)))

    def test_other_days_and_codes_are_nobody_elses(self):
        cells = [cell("447", day=date(2026, 9, 6)), cell("33"), cell("447", "0")]
        for others in ([other(last=DAY)], [other("0")], []):
            left, billed = without_billed(cells[:2], others)
            self.assertEqual((left, billed), (cells[:2], []))
        self.assertEqual(beside_others(cells, [other("0")]), [cells[0], cells[1]])


@tagged("post_install", "-at_install")
class TestTwice(CostCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._agree(dispute_days=366)

    def _decided(self, number="INV-1", amount="0.10"):
        invoice = self._september([{"prefix": "447", "amount": amount}], number)
        invoice.action_reconcile()
        invoice.action_accept_rest()
        invoice.action_decide()
        return invoice

    def _again(self, amount="0.10", number="INV-2"):
        lines = [{"prefix": "447", "amount": amount, "minutes": "1", "rate": "0.1"}]
        invoice = self._september(lines, number)
        invoice.action_reconcile()
        return invoice

    def test_the_same_usage_under_another_number_is_told_and_not_accepted(self):
        self._calls()
        self._decided()
        again = self._again()
        line = again.line_ids
        self.assertRecordValues(
            line,
            [
                {
                    "ours_amount": 0.0,
                    "ours_calls": 0,
                    "difference": 0.1,
                    "unexplained": 0.0,
                    "found": "duplicate",
                    "within": False,
                }
            ],
        )
        self.assertEqual(line.explained, "Billed already on invoice INV-1: 0.10.")
        again.action_accept_within()
        self.assertEqual(line.decision, "open")
        again.action_dispute_above()
        self.assertEqual(line.disputed_amount, 0.1)
        again.action_decide()
        self.assertEqual(again.claim_ids.amount, 0.1)
        self.assertWhole()

    def test_a_line_that_is_there_twice_is_charged_twice(self):
        self._calls()
        line = {"prefix": "447", "amount": "0.10", "calls": 1}
        invoice = self._september([line, line, {**line, "amount": "0.03"}])
        invoice.action_reconcile()
        self.assertEqual(
            invoice.line_ids.mapped("found"), ["equal", "duplicate", "missing_here"]
        )
        self.assertEqual(
            invoice.line_ids[1].explained,
            "Billed already on another line of this invoice: 0.10.",
        )
        self.assertEqual(invoice.line_ids[1].unexplained, 0.0)
        self.assertWhole()

    def test_the_earlier_of_two_open_invoices_has_it(self):
        self._calls()
        first = self._again(number="INV-1")
        second = self._again()
        first.action_reconcile()
        self.assertEqual(first.line_ids.found, "equal")
        self.assertEqual(second.line_ids.found, "duplicate")
        first.line_ids.action_reject()
        second.action_reconcile()
        self.assertEqual(second.line_ids.found, "equal")

    def test_what_was_claimed_of_the_first_may_be_billed_anew(self):
        self._calls()
        first = self._again("0.30", number="INV-1")
        first.line_ids.sudo().write({"decision": "disputed", "disputed_amount": 0.3})
        first.line_ids.reason = "Wrong price."
        first.action_decide()
        second = self._again()
        self.assertEqual(second.line_ids.found, "equal")
        first.claim_ids.reason = "Right after all."
        first.claim_ids.action_concede()
        second.action_reconcile()
        self.assertEqual(second.line_ids.found, "duplicate")

    def test_two_invoices_of_a_month_have_codes_of_their_own(self):
        self._calls()
        first = self._again(number="INV-1")
        self.assertEqual(first.ours_unbilled, 0.1)
        second = self._september([{"prefix": "49", "amount": "0.10"}], "INV-2")
        second.action_reconcile()
        first.action_reconcile()
        for invoice in (first, second):
            self.assertEqual((invoice.ours_unbilled, invoice.difference), (0.0, 0.0))

    def test_what_he_forgot_is_billed_later(self):
        self._calls()
        self._decided(amount="0.04")
        rest = self._again("0.06")
        self.assertEqual(rest.line_ids.ours_amount, 0.06)
        self.assertTrue(rest.line_ids.within)
