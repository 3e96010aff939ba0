"""Costs of numbers beside lines: all of it is on a line or left."""

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_supplier_audit.engine.named import assign

from ..engine.rental import Cost, Line

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))


def cost(number, amount="3.00", month=MARCH):
    return Cost(number, *month, Decimal(amount))


def line(key, *codes, amount="3.00", day=None):
    return Line(key, codes, day, *MARCH, Decimal(amount))


def amounts(found):
    return {
        key: [(cost.number, str(part)) for cost, part in rows]
        for key, rows in found.items()
    }


NUMBERS = st.text("49", min_size=3, max_size=6)
MONEY = st.integers(1, 900).map(lambda cents: Decimal(cents) / 100)


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestEngineRentalLines(BaseCase):
    def test_a_number_is_on_the_line_that_names_it_most_exactly(self):
        lines = [line("all"), line("city", "4930"), line("one", "4930555000")]
        costs = [cost("4930555000"), cost("4930555001"), cost("4420")]
        found, left = assign(costs, lines)
        self.assertEqual(
            amounts(found),
            {
                "one": [("4930555000", "3.00")],
                "city": [("4930555001", "3.00")],
                "all": [("4420", "3.00")],
            },
        )
        self.assertFalse(left)

    def test_a_day_names_the_month_and_without_one_the_period_does(self):
        lines = [line("april", "49", day=date(2026, 4, 9)), line("march", "49")]
        found, left = assign(
            [cost("491"), cost("491", month=APRIL), cost("44", month=APRIL)], lines
        )
        self.assertEqual(
            {key: len(rows) for key, rows in found.items()}, {"april": 1, "march": 1}
        )
        self.assertEqual(len(left), 1)

    def test_setup_and_rental_of_a_number_share_what_it_costs(self):
        lines = [
            line("setup", "491", amount="1.00"),
            line("month", "491", amount="3.50"),
        ]
        found, _left = assign([cost("491", "4.00")], lines)
        self.assertEqual(
            amounts(found), {"setup": [("491", "1.00")], "month": [("491", "3.00")]}
        )

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(st.tuples(NUMBERS, MONEY), max_size=8, unique_by=lambda x: x[0]),
        st.lists(st.tuples(st.lists(NUMBERS, max_size=2), MONEY), max_size=5),
    )
    def test_nothing_is_lost_and_nothing_is_counted_twice(self, costs, lines):
        costs = [Cost(number, *MARCH, amount) for number, amount in costs]
        lines = [
            Line(key, tuple(codes), None, *MARCH, amount)
            for key, (codes, amount) in enumerate(lines)
        ]
        found, left = assign(costs, lines)
        for one in costs:
            parts = [
                part for rows in found.values() for owner, part in rows if owner == one
            ]
            whole = [x.amount for x in left if x == one]
            self.assertEqual(sum(parts) + sum(whole), one.amount)
