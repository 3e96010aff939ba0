"""The price that restores a margin, against trying every price."""

import random
from decimal import Decimal
from fractions import Fraction

from odoo.tests import BaseCase, tagged

from ..margin.restore import (
    Billed,
    Charge,
    restoring_price,
    sale_at,
    scaled,
)
from ..margin.terms import Sums, Terms

ONE = 10**8
PLAIN = {
    "connect_fee": 0,
    "min_charge": 0,
    "max_charge": -1,
    "attempt_fee": 0,
    "first": None,
    "initial": 1,
    "decimals": 4,
    "rounding": "half_up",
}


def charge(**values):
    return Charge(**{**PLAIN, **values})


@tagged("post_install", "-at_install")
class TestMarginPrice(BaseCase):
    def _price(self, price, needed, charge, billed):
        sold = Decimal(sale_at(scaled(price), charge, billed)).scaleb(-8)
        return restoring_price(Decimal(price), sold, Fraction(needed), charge, billed)

    def test_a_plain_price_is_rounded_up_to_the_decimals_of_the_deck(self):
        minute = Billed([60], [False], [3])
        # 3 minutes have to bring 0.1000: 0.0333… rounds up.
        found = self._price("0.0100", "0.1", charge(), minute)
        self.assertEqual(found, Decimal("0.0334"))
        fine = self._price("0.0100", "0.1", charge(decimals=6), minute)
        self.assertEqual(fine, Decimal("0.033334"))

    def test_a_price_that_is_enough_is_not_raised(self):
        minute = Billed([60], [False], [1])
        self.assertIsNone(self._price("0.05", "0.05", charge(), minute))

    def test_no_price_passes_a_maximum_charge_or_sells_free_calls(self):
        capped = charge(max_charge=ONE // 100)
        minute = Billed([60], [False], [1])
        self.assertIsNone(self._price("0.005", "0.02", capped, minute))
        free = Billed([0], [True], [5])
        self.assertIsNone(self._price("0.01", "0.02", charge(), free))

    def test_what_else_moved_the_amounts_stays(self):
        """0.5 more than the engine says: that part does not grow with the price."""
        minute = Billed([60], [False], [1])
        found = restoring_price(
            Decimal("0.1"), Decimal("0.6"), Fraction("0.8"), charge(), minute
        )
        self.assertEqual(found, Decimal("0.3"))

    def test_the_found_price_suffices_and_the_next_lower_does_not(self):
        rng, found_any = random.Random(8), 0
        for _case in range(300):
            each = charge(
                connect_fee=rng.choice((0, ONE // 100)),
                min_charge=rng.choice((0, 0, ONE // 50)),
                max_charge=rng.choice((-1, -1, ONE)),
                attempt_fee=rng.choice((0, ONE // 1000)),
                first=rng.choice((None, ONE // 20)),
                initial=rng.choice((1, 30, 60)),
                decimals=rng.randint(0, 8),
                rounding=rng.choice(("half_up", "up", "down", "half_even")),
            )
            size = rng.randint(1, 6)
            lengths = [rng.randint(0, 900) for _one in range(size)]
            billed = Billed(
                lengths,
                [not length for length in lengths],
                [rng.randint(1, 40) for _one in range(size)],
            )
            price = Decimal(rng.randint(0, 400)).scaleb(-4)
            sold = sale_at(scaled(price), each, billed)
            needed = Fraction(sold, ONE) * rng.randint(101, 200) / 100
            found = self._price(price, needed, each, billed)
            if found is None:
                continue
            found_any += 1
            unit = 10 ** (8 - each.decimals)
            self.assertEqual(scaled(found) % unit, 0)
            self.assertGreater(found, price)
            self.assertGreaterEqual(sale_at(scaled(found), each, billed), needed * ONE)
            lower = scaled(found) - unit
            if lower >= scaled(price):
                self.assertLess(sale_at(lower, each, billed), needed * ONE)
        self.assertGreater(found_any, 200)

    def test_margin_is_what_is_left_of_the_sale_after_cost_and_overhead(self):
        terms = Terms(Decimal(15), Decimal("0.002"), Decimal(3))
        sums = Sums(Decimal(10), Decimal(8), 6_000, 50)
        # 100 minutes cost 0.20 and 3 % of 10 are 0.30.
        self.assertEqual(sums.overhead(terms), Decimal("0.50000000"))
        self.assertEqual(sums.margin(terms), Decimal("1.5"))
        self.assertEqual(sums.percent(terms), Decimal("15.0000"))
        self.assertFalse(sums.is_below(terms), "exactly the threshold is enough")
        more = Sums(Decimal(10), Decimal("8.00000001"), 6_000, 50)
        self.assertTrue(more.is_below(terms))
        self.assertEqual(sums.needed(terms), 10)

    def test_what_was_given_away_is_below_and_what_costs_nothing_is_not(self):
        terms = Terms(Decimal(15))
        self.assertTrue(Sums(Decimal(0), Decimal("0.01"), 60, 1).is_below(terms))
        self.assertFalse(Sums(Decimal(0), Decimal(0), 0, 0).is_below(terms))
        self.assertFalse(Sums(Decimal(0), Decimal(0), 60, 1).is_below(terms))
        self.assertIsNone(Sums(Decimal(0), Decimal(1), 60, 1).percent(terms))

    def test_no_sale_is_enough_where_the_terms_take_all_of_it(self):
        terms = Terms(Decimal(60), overhead_percent=Decimal(40))
        self.assertIsNone(Sums(Decimal(1), Decimal(1), 60, 1).needed(terms))
