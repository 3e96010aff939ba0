"""Costs of AI usage beside lines: all of it is on a line or left."""

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_supplier_audit.engine.named import assign

from ..engine.usage import Cost, Line

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
KINDS = ("input", "input.cached", "input.cached.audio", "output", "output.audio")


def line(key, model=None, kind="", amount="3.00", day=None):
    return Line(key, model, kind, day, FIRST, LAST, Decimal(amount))


def cost(model, kind, amount="3.00", day=FIRST):
    return Cost(model, kind, day, Decimal(amount))


def amounts(found):
    return {
        key: [(one.kind, str(part)) for one, part in rows]
        for key, rows in found.items()
    }


MONEY = st.integers(1, 900).map(lambda cents: Decimal(cents) / 100)


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestEngineUsageLines(BaseCase):
    def test_a_cost_is_on_the_line_that_names_it_most_exactly(self):
        lines = [
            line("all"),
            line("model", 1),
            line("kind", kind="input"),
            line("both", 1, "input.cached"),
            line("day", 1, "input.cached", day=LAST),
        ]
        found, left = assign(
            [
                cost(2, "output"),
                cost(1, "output"),
                cost(2, "input.cached"),
                cost(1, "input.cached.audio"),
                cost(1, "input.cached", day=LAST),
            ],
            lines,
        )
        self.assertEqual([len(rows) for rows in found.values()], [1] * 5)
        self.assertFalse(left)

    def test_a_kind_holds_its_parts_and_no_kind_that_begins_alike(self):
        found, left = assign(
            [cost(1, "input.cached"), cost(1, "input.cache_write")],
            [line("cached", kind="input.cached")],
        )
        self.assertEqual(amounts(found), {"cached": [("input.cached", "3.00")]})
        self.assertEqual([one.kind for one in left], ["input.cache_write"])

    def test_lines_alike_share_and_other_days_are_left(self):
        lines = [line("a", amount="1.00"), line("b", amount="1.50")]
        found, left = assign(
            [cost(1, "input", "4.00"), cost(1, "input", day=date(2026, 4, 1))], lines
        )
        self.assertEqual(
            amounts(found), {"a": [("input", "1.00")], "b": [("input", "3.00")]}
        )
        self.assertEqual(len(left), 1)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(st.integers(0, 2), st.sampled_from(KINDS), MONEY),
            max_size=8,
            unique_by=lambda x: x[:2],
        ),
        st.lists(
            st.tuples(
                st.none() | st.integers(0, 2), st.sampled_from(("", *KINDS)), MONEY
            ),
            max_size=5,
        ),
    )
    def test_nothing_is_lost_and_nothing_is_counted_twice(self, costs, lines):
        costs = [Cost(model, kind, FIRST, amount) for model, kind, amount in costs]
        lines = [
            Line(key, model, kind, None, FIRST, LAST, amount)
            for key, (model, kind, amount) in enumerate(lines)
        ]
        found, left = assign(costs, lines)
        for one in costs:
            parts = [
                part for rows in found.values() for owner, part in rows if owner == one
            ]
            whole = [x.amount for x in left if x == one]
            self.assertEqual(sum(parts) + sum(whole), one.amount)
