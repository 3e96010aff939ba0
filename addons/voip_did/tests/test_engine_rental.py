"""Rental against a count day by day."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import TransactionCase, tagged

from ..engine.rental import FOREVER, Months, booked_day, due, joined, owed

UNIT = 10**8
FIRST = 20_000


def months(**columns):
    """A row of the month of 31 days from ``FIRST``, held all of it, at price 0."""
    row = dict(first=FIRST, last=FIRST + 30, start=FIRST - 100, end=FOREVER, key=0)
    row |= dict(kept=0, pieces=1, whole=False, once=False) | columns
    kinds = {"whole": bool, "once": bool}
    return Months(**{k: np.array([v], kinds.get(k, np.int64)) for k, v in row.items()})


def line(*prices):
    """Prices of key 0: (day, units of 10**-8) each."""
    since, amounts = zip(*prices, strict=True)
    return {0: (np.array(since, np.int64), np.array(amounts, np.int64))}


def by_day(row, prices, pauses=()):
    """The same, a day after the other, in fractions."""
    first, last, start, end = (
        int(v[0]) for v in (row.first, row.last, row.start, row.end)
    )
    end = max(end, int(row.kept[0]))
    paid = [day for day in range(first, last + 1) if start <= day <= end]
    since, amounts = prices[0]

    def price(day):
        begun = [int(a) for s, a in zip(since, amounts, strict=True) if s <= day]
        return begun[-1] if begun else 0

    if not paid:
        return 0
    length = last - first + 1
    kept = int(row.kept[0])
    off = {day for day in paid if day > kept and any(b <= day <= e for b, e in pauses)}
    total = sum(Fraction(price(day), length) for day in paid if day not in off)
    if row.whole[0] or row.once[0]:
        total = Fraction(price(paid[0])) * (off != set(paid))
    total *= int(row.pieces[0])
    return (2 * total.numerator + total.denominator) // (2 * total.denominator)


@tagged("post_install", "-at_install")
class TestRentalEngine(TransactionCase):
    def test_what_a_month_costs(self):
        for columns, prices, wanted in (
            ({}, [(0, 5 * UNIT)], 5 * UNIT),
            ({"start": FIRST + 15}, [(0, 31 * UNIT)], 16 * UNIT),
            ({"end": FIRST}, [(0, 31 * UNIT)], UNIT),
            ({"start": FIRST + 30}, [(0, 10 * UNIT)], 32_258_065),
            ({"end": FIRST - 1}, [(0, 31 * UNIT)], 0),
            ({"end": FIRST - 1, "kept": FIRST + 30}, [(0, 31 * UNIT)], 31 * UNIT),
            ({"start": FIRST + 15, "whole": True}, [(0, 31 * UNIT)], 31 * UNIT),
            ({"pieces": 30}, [(0, UNIT)], 30 * UNIT),
            ({}, [(FIRST + 10, 31 * UNIT)], 21 * UNIT),
            ({}, [(0, 31 * UNIT), (FIRST + 10, 62 * UNIT)], 52 * UNIT),
            ({"whole": True}, [(0, 31 * UNIT), (FIRST + 10, 62 * UNIT)], 31 * UNIT),
            ({}, [(0, 10**17)], 10**17),
        ):
            amounts, _days = owed(months(**columns), line(*prices))
            self.assertEqual(int(amounts[0]), wanted, (columns, prices))

    @settings(max_examples=300, deadline=None)
    @given(
        st.integers(28, 31),
        st.integers(-40, 40),
        st.integers(0, 80),
        st.lists(
            st.tuples(st.integers(-50, 50), st.integers(0, 10**13)),
            min_size=1,
            max_size=4,
            unique_by=lambda pair: pair[0],
        ),
        st.booleans(),
        st.integers(0, 50),
        st.sampled_from([0, FIRST + 5, FIRST + 20]),
        st.lists(st.integers(-30, 60), max_size=6, unique=True),
    )
    def test_it_is_the_sum_of_its_days(
        self, length, begin, span, prices, whole, pieces, kept, marks
    ):
        row = months(
            last=FIRST + length - 1,
            start=FIRST + begin,
            end=FIRST + begin + span,
            whole=whole,
            pieces=pieces,
            kept=kept,
        )
        prices = line(*sorted((FIRST + day, price) for day, price in prices))
        marks = sorted(FIRST + mark for mark in marks)
        pauses = list(zip(marks[::2], marks[1::2], strict=False))
        spans = np.array(pauses, np.int64).reshape(-1, 2)
        rows = np.zeros(len(pauses), np.int64)
        amounts, _days = owed(row, prices, (rows, spans[:, 0], spans[:, 1]))
        self.assertEqual(int(amounts[0]), by_day(row, prices, pauses))

    def test_when_a_month_is_due(self):
        for columns, advance, today, wanted in (
            ({}, True, FIRST - 1, False),
            ({}, True, FIRST, True),
            ({}, False, FIRST + 30, False),
            ({}, False, FIRST + 31, True),
            ({"start": FIRST + 10}, True, FIRST + 9, False),
            ({"start": FIRST + 10}, True, FIRST + 10, True),
            ({"end": FIRST + 10}, False, FIRST + 11, True),
            ({"end": FIRST + 10}, False, FIRST + 10, False),
        ):
            found = due(months(**columns), np.array([advance]), np.array([today]))
            self.assertEqual(bool(found[0]), wanted, (columns, advance, today))

    def test_which_invoice_it_is_on(self):
        for columns, advance, wanted in (
            ({}, True, FIRST - 1),
            ({"start": FIRST}, True, FIRST),
            ({"start": FIRST + 7}, True, FIRST + 7),
            ({}, False, FIRST + 30),
            ({"end": FIRST + 7}, False, FIRST + 7),
        ):
            found = booked_day(months(**columns), np.array([advance]))
            self.assertEqual(int(found[0]), wanted, (columns, advance))

    def test_spans_that_meet_or_overlap_are_one(self):
        for spans, wanted in (
            ([], []),
            ([(5, 7), (1, 3)], [(1, 3), (5, 7)]),
            ([(4, 7), (1, 3)], [(1, 7)]),
            ([(1, 9), (2, 3), (9, 12)], [(1, 12)]),
        ):
            self.assertEqual(joined(spans), wanted, spans)
