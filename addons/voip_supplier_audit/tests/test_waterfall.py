"""A waterfall comes to what is ours, and its bars are seen."""

import random
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..cockpit.waterfall import placed, waterfall


@tagged("post_install", "-at_install")
class TestWaterfall(BaseCase):
    def test_steps_run_from_billed_to_ours(self):
        causes = [("rate", Decimal(5)), ("late_increase", Decimal(20))]
        steps = waterfall(Decimal(200), Decimal(0), Decimal(10), causes, Decimal(3))
        self.assertEqual(
            [(step.key, step.end) for step in steps],
            [
                ("billed", 200),
                ("fees", 190),
                ("late_increase", 170),
                ("rate", 165),
                ("unexplained", 162),
                ("ours", 162),
            ],
        )
        self.assertEqual([s.amount for s in steps[1:5]], [-10, -20, -5, -3])

    def test_any_waterfall_is_whole_and_within_its_axis(self):
        chance = random.Random(7)
        for _round in range(500):
            money = [Decimal(chance.randint(-500, 500)) / 4 for _each in range(5)]
            total = Decimal(chance.randint(-100, 4000))
            causes = [("rate", money[0]), ("tax", money[1])]
            steps = waterfall(total, money[2], money[3], causes, money[4])
            self.assertEqual(steps[-1].end, total - sum(money))
            self.assertEqual(sum(s.amount for s in steps[:-1]), steps[-1].end)
            _begin, bars = placed(steps)
            for left, width in bars:
                self.assertTrue(0 <= left <= left + width <= 100, (left, width))

    def test_little_beside_much_is_seen(self):
        causes = [("rate", Decimal(2))]
        steps = waterfall(Decimal(1000), Decimal(0), Decimal(0), causes, Decimal(0))
        begin, bars = placed(steps)
        self.assertGreater(begin, 900)
        self.assertGreater(bars[1][1], 30)
