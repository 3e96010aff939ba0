from dataclasses import replace

import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_supplier_audit.engine import classify, explain, pair

from . import audit_steps as steps
from .audit_world import CENT, HOUR, PERIOD, World


def dearer(over=110, line=4, seed=11):
    """A bill of which one code is dearer, and no price is printed."""
    bill = World(seed=seed).bill()
    rows = bill.line == line
    bill.price[rows] = bill.price[rows] * over // 100
    bill.amount[rows] = bill.charge(
        bill.seconds[rows], bill.price[rows], bill.line[rows]
    )
    return bill


def by_lines(bill, minutes=None):
    """Diagnose by lines that print minutes, but no price."""
    lines = steps.lines_of(bill, price=False)
    if minutes is not None:
        lines = replace(lines, seconds_ms=minutes)
    pricing = steps.pricing_of(bill.world, lines)
    tries = steps.usual.usual(pricing, steps.AGREED, (2 * HOUR,), steps.FACTORS)
    return steps.diagnose(pricing, steps.AGREED, tries)


def billed_ms(bill):
    """Minutes as printed to two decimals, of our own seconds, in milliseconds."""
    pricing = steps.pricing_of(bill.world, steps.lines_of(bill, price=False))
    seconds = pricing.figures(steps.AGREED).seconds
    return (2 * seconds * 100 + 60) // 120 * 600


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestPriced(BaseCase):
    def check(self, found, bill, line=4):
        dear = found.lines[line]
        [one] = dear.explanations
        self.assertEqual(one.kind, "rate")
        self.assertEqual(one.evidence["price"], bill.world.price[line] * 110 // 100)
        self.assertTrue(dear.within_tolerance)
        self.assertEqual(found.explained().keys(), {"rate"})
        money = f"{one.evidence['price'] / 10**8:.6f}"
        said = explain.sentence(one, lambda amount: f"{amount / 10**8:.6f}")
        self.assertIn(f"A price of {money} a minute", said)

    def test_a_dearer_code_is_told_with_its_price_where_records_say_so(self):
        for seed in (11, 12, 13):
            with self.subTest(seed=seed):
                bill = dearer(seed=seed)
                self.check(steps.explain(bill, True, price=False), bill)

    def test_a_dearer_code_is_told_where_the_agreed_price_is_printed(self):
        bill = dearer()
        bill.printed_price = bill.world.price
        self.check(steps.explain(bill, True), bill)

    def test_a_dearer_code_is_told_where_printed_minutes_are_ours(self):
        bill = dearer()
        [one] = by_lines(bill, billed_ms(bill)).lines[4].explanations
        self.assertEqual(one.kind, "rate")
        price = int(bill.world.price[4]) * 110 // 100
        self.assertLess(abs(one.evidence["price"] - price), price // 500)

    def test_nothing_is_told_of_sums_alone(self):
        self.assertEqual(by_lines(dearer()).explained(), {})

    def test_nothing_is_told_of_other_minutes(self):
        bill = dearer()
        self.assertEqual(by_lines(bill, billed_ms(bill) + 60_000).explained(), {})

    def test_a_little_more_is_no_other_price(self):
        for cents in (-2, 2):
            with self.subTest(cents):
                bill = World().bill()
                bill.line_amount = bill.summed(bill.amount)
                bill.line_amount[4] += cents * CENT
                told = by_lines(bill, billed_ms(bill)).explained()
                self.assertEqual(told, {})

    def test_a_printed_price_that_is_agreed_is_not_denied(self):
        """Then his product is wrong, not his price."""
        bill = dearer()
        bill.printed_price = bill.world.price
        lines = replace(steps.lines_of(bill), seconds_ms=billed_ms(bill))
        pricing = steps.pricing_of(bill.world, lines)
        found = steps.diagnose(pricing, steps.AGREED, ())
        self.assertEqual(found.explained(), {})


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestCredit(BaseCase):
    def test_a_credit_is_no_call_and_is_told_as_one(self):
        """It has the numbers and the moment of the call that it is about."""
        bill = World().bill()
        rows = np.array([3, 90])
        bill.append(rows, amount=np.array([-5 * 100 * CENT, -7 * CENT]))
        found = steps.explain(bill, True)
        lines = {}
        for place, row in enumerate(rows.tolist()):
            line = int(bill.line[row])
            lines[line] = lines.get(line, 0) + int(bill.amount[-2:][place])
        told = {
            line: sum(one.amount for one in result.explanations)
            for line, result in enumerate(found.lines)
            if result.explanations
        }
        self.assertEqual(told, lines)
        self.assertEqual(found.explained().keys(), {"credit"})

    def test_a_credit_takes_no_calls_place(self):
        world = World()
        bill = world.bill()
        bill.append(np.arange(20), amount=np.full(20, -CENT))
        theirs = steps.records_of(bill)
        match = pair.match(steps.records_of(world), theirs, bill.amount < 0)
        self.assertTrue((match.ours[:-20] == bill.of[:-20]).all())
        self.assertTrue((match.ours[-20:] == pair.NONE).all())
        self.assertEqual(classify.CLASSES[classify.CODE["credit"]], "credit")
        self.assertEqual(PERIOD[1] - PERIOD[0], 30 * 24 * HOUR)
