"""Amounts of sessions, against tables by hand and plain Decimal."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.rate import (
    NO_POOL,
    UNSAID,
    WORDS,
    Lines,
    Terms,
    costs,
    marked_up,
    rate,
)

ONE = 10**8
MODES = (ROUND_HALF_UP, ROUND_UP, ROUND_DOWN, ROUND_HALF_EVEN)

EXAMPLES = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def rated(lines, sessions=None, included=(), before=()):
    """:func:`rate` of tuples (session, units, price, per, given, pool)."""
    columns = np.array(lines, np.int64).reshape(-1, 6).T
    sessions = sessions or [(0, 6, 0, 1)] * (int(columns[0].max(initial=-1)) + 1)
    minimum, decimals, mode, charged = np.array(sessions, np.int64).reshape(-1, 4).T
    terms = Terms(minimum, decimals, mode, charged.astype(bool))
    return rate(Lines(*columns), terms, included, before)


def line(session, units, price, per=1000, given_=UNSAID, pool=NO_POOL):
    return session, units, int(Decimal(price) * ONE), per, given_, pool


def shown(slices):
    """[(session, word, units, amount)]"""
    return [
        (session, WORDS[word], units, str(Decimal(amount) / ONE))
        for session, word, units, amount in zip(
            slices.session.tolist(),
            slices.word.tolist(),
            slices.units.tolist(),
            slices.amount.tolist(),
            strict=True,
        )
    ]


@tagged("post_install", "-at_install")
class TestRate(BaseCase):
    def test_tokens_by_hand(self):
        # gpt-4o-realtime at 0.005, 0.04, 0.0025, 0.0025 and 0.02, 0.08 per 1,000.
        slices, _after = rated(
            [
                line(0, 5, "0.005"),
                line(0, 25, "0.04"),
                line(0, 5, "0.0025"),
                line(0, 65, "0.0025"),
                line(0, 20, "0.02"),
                line(0, 30, "0.08"),
            ]
        )
        amounts = [amount for *_rest, amount in shown(slices)]
        self.assertEqual(
            amounts, ["0.000025", "0.001", "0.000013", "0.000163", "0.0004", "0.0024"]
        )

    def test_fixed_fee_plan_of_120_minutes(self):
        slices, _after = rated([line(0, 7200, "0.56", per=60)])
        self.assertEqual(Decimal(shown(slices)[0][3]) + 800, Decimal("867.20"))

    def test_included_units_are_used_up_in_order(self):
        lines = [line(0, 600, "1", pool=0), line(0, 300, "1", pool=0)]
        lines += [line(1, 300, "1", pool=0), line(2, 50, "1", pool=1)]
        slices, after = rated(lines, included=[1000, 0], before=[50, 0])
        self.assertEqual(
            shown(slices),
            [
                (0, "included", 600, "0"),
                (0, "included", 300, "0"),
                (1, "included", 50, "0"),
                (1, "", 250, "0.25"),
                (2, "", 50, "0.05"),
            ],
        )
        self.assertEqual(after.tolist(), [1250, 50])
        self.assertEqual(slices.first.tolist(), [True, True, True, False, True])

    def test_a_minimum_is_charged_as_what_lacks(self):
        terms = [(ONE // 10, 6, 0, 1), (ONE // 10, 6, 0, 1), (ONE // 10, 6, 0, 1)]
        lines = [line(0, 50, "1"), line(1, 100, "1")]
        slices, _after = rated(lines, terms)
        self.assertEqual(
            shown(slices),
            [
                (0, "", 50, "0.05"),
                (0, "minimum", 1, "0.05"),
                (1, "", 100, "0.1"),
                (2, "minimum", 1, "0.1"),
            ],
        )

    def test_who_is_not_charged_pays_nothing_and_uses_nothing_up(self):
        lines = [line(0, 500, "1", pool=0), line(1, 500, "1", pool=0)]
        terms = [(ONE, 6, 0, 0), (0, 6, 0, 1)]
        slices, after = rated(lines, terms, included=[400], before=[0])
        self.assertEqual(
            shown(slices),
            [
                (0, "not_charged", 500, "0"),
                (1, "included", 400, "0"),
                (1, "", 100, "0.1"),
            ],
        )
        self.assertEqual(after.tolist(), [500])

    def test_an_amount_that_is_given_stays(self):
        slices, _after = rated([line(0, 0, "0", given_=123_456), line(0, 9, "1")])
        self.assertEqual(slices.amount.tolist(), [123_456, 900_000])

    def test_a_column_too_wide_for_64_bits_is_exact(self):
        slices, _after = rated([line(0, 10**12, "1000000")])
        self.assertEqual(int(slices.amount[0]), 10**12 * 10**6 * ONE // 1000)

    @EXAMPLES
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 10**12),
                st.integers(0, 10**14),
                st.sampled_from((60, 1000)),
            ),
            min_size=1,
            max_size=8,
        ),
        st.integers(0, 8),
        st.integers(0, 3),
        st.integers(0, 10**10),
    )
    def test_amounts_equal_plain_decimals(self, given_, decimals, mode, minimum):
        lines = [(0, u, p, per, UNSAID, NO_POOL) for u, p, per in given_]
        slices, _after = rated(lines, [(minimum, decimals, mode, 1)])
        unit, total = Decimal(1).scaleb(-decimals), Decimal(0)
        for place, (units, price, per) in enumerate(given_):
            wanted = (Decimal(units * price) / per / ONE).quantize(unit, MODES[mode])
            self.assertEqual(Decimal(int(slices.amount[place])) / ONE, wanted)
            total += wanted
        least = max(total, Decimal(minimum) / ONE)
        self.assertEqual(Decimal(sum(map(int, slices.amount))) / ONE, least)

    @EXAMPLES
    @given(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(0, 500), st.integers(-1, 2)),
            max_size=20,
        ),
        st.lists(st.integers(0, 900), min_size=3, max_size=3),
    )
    def test_included_units_equal_a_plain_count(self, given_, included):
        given_.sort(key=lambda one: one[0])
        lines = [line(s, u, "1", pool=pool) for s, u, pool in given_]
        slices, after = rated(lines, [(0, 8, 0, 1)] * 3, included, [0, 0, 0])
        left, wanted = list(included), []
        for _session, units, pool in given_:
            free = min(units, left[pool]) if pool >= 0 else 0
            if pool >= 0:
                left[pool] -= free
            wanted.append(units - free)
        paid = [0] * len(given_)
        for place, word, units in zip(
            slices.line.tolist(), slices.word, slices.units.tolist(), strict=True
        ):
            paid[place] += units if WORDS[word] == "" else 0
        self.assertEqual(paid, wanted)
        used = [sum(u for _s, u, p in given_ if p == pool) for pool in range(3)]
        self.assertEqual(after.tolist(), used)

    @EXAMPLES
    @given(st.integers(0, 10**12), st.integers(0, 10**14), st.integers(0, 10**8))
    def test_costs_and_mark_ups_equal_plain_decimals(self, units, price, markup):
        unit = Decimal("0.00000001")
        cost = costs(np.array([units]), np.array([price]), np.array([1000]))[0]
        wanted = (Decimal(units * price) / 1000 / ONE).quantize(unit, ROUND_HALF_UP)
        self.assertEqual(Decimal(int(cost)) / ONE, wanted)
        wanted = Decimal(price) / ONE * (1 + Decimal(markup) / 10**6)
        found = Decimal(marked_up(price, markup)) / ONE
        self.assertEqual(found, wanted.quantize(unit, ROUND_HALF_UP))
