"""Lines of which all calls were charged at a price that nobody agreed.

The price is told where calls of the supplier's records cost just what it says, or,
without records, where a line prints our minutes and no price: nothing but the price is
left then. It is the one of the fewest decimals that makes the line right.
"""

from dataclasses import replace

import numpy as np

from .supposed import Pricing

DECIMALS = (2, 3, 4, 5, 6)
LEAST_CALLS = 3
REPRODUCED = 0.8  # of the calls with an amount of theirs
# By so much another price is further than what the printed amount leaves open.
FAR = 10
_ONE = 10**8


def find_priced(pricing, rule, target, rows, tolerance, calls=None):
    """Find prices that make lines right.

    :param pricing: :class:`~.supposed.Pricing`
    :param rule: :class:`~.rules.Rule` that holds of the whole invoice
    :param target: scaled amounts of theirs, without what records prove
    :param rows: int64, the lines that are looked at
    :param tolerance: scaled, of each line
    :param calls: :class:`~.tally.OurCalls` with amounts of theirs, or None
    :return: {line: (scaled amount: theirs minus ours, evidence)}
    """
    before = pricing.figures(rule)
    rows = rows[(before.seconds[rows] > 0) & (target[rows] > 0)]
    if not rows.size or rule.factor != (1, 1) or rule.minutes:
        return {}
    work = _Work(pricing, rule, target, rows, tolerance, calls)
    found = {}
    for decimals in DECIMALS:
        for row, price, amount, count in work.right_at(10 ** (8 - decimals)):
            gap = amount - int(before.amount[row])
            found.setdefault(row, (gap, {"price": price, "calls": count}))
    return {row: one for row, one in found.items() if one[0]}


class _Work:
    def __init__(self, pricing, rule, target, rows, tolerance, calls):
        self.pricing, self.rule = pricing, replace(rule, printed_rate=True)
        self.target, self.rows, self.calls = target, rows, calls
        self.tolerance = tolerance
        none, one = (np.full(rows.size, price) for price in (0, _ONE))
        self.free, self.full = self.at(none), self.at(one)
        figures = self.free.figures(self.rule), self.full.figures(self.rule)
        self.billed = figures[1].amount[rows] - figures[0].amount[rows]
        self.wanted = self._wanted(figures[0])

    def at(self, price):
        """The pricing of the lines at other prices."""
        prices = np.full(len(self.pricing.lines), -1, np.int64)
        prices[self.rows] = price
        lines = replace(self.pricing.lines, price=prices)
        return Pricing(self.pricing.tally, lines, self.pricing.period)

    def _wanted(self, free):
        """Scaled prices that lines, or the calls on them, come right with; float."""
        over = (self.target - free.amount)[self.rows].astype(float)
        under = self.billed.astype(float)
        if self.calls is not None:
            none, one = (p.call_amounts(self.rule) for p in (self.free, self.full))
            known = (self.calls.their_amount >= 0) & (one > none)
            line, size = self.calls.line[known], len(self.pricing.lines)
            beyond = self.calls.their_amount[known] - none[known]
            over = np.bincount(line, beyond, size)[self.rows]
            under = np.bincount(line, (one - none)[known], size)[self.rows]
        return over * _ONE / np.maximum(under, 1)

    def right_at(self, unit):
        """``(line, scaled price, scaled amount, calls)`` of what comes right at prices
        of whole units and has evidence."""
        price = np.rint(self.wanted / unit).astype(np.int64) * unit
        price = np.clip(price, 0, 1_000 * _ONE)
        tried, rows = self.at(price), self.rows
        figures = tried.figures(self.rule)
        apart = np.abs(figures.amount[rows] - self.target[rows])
        right = (apart <= self.tolerance[rows]) & (price > 0)
        if self.calls is None:
            right &= self._told_by_minutes(figures)
        else:
            right &= self._given(tried)
        for place in np.flatnonzero(right).tolist():
            row = int(rows[place])
            amount, count = figures.amount[row], figures.calls[row]
            yield row, int(price[place]), int(amount), int(count)

    def _told_by_minutes(self, figures):
        """Whether minutes are printed and ours, and calls, where they are printed; the
        price is not, and clearly another one."""
        lines, rows = self.pricing.lines, self.rows
        apart = np.abs(lines.seconds_ms - figures.seconds * 1000)
        same = (lines.seconds_ms >= 0) & (apart <= lines.minute_unit)
        same &= (lines.calls < 0) | (lines.calls == figures.calls)
        same &= lines.price < 0
        agreed = self.pricing.figures(replace(self.rule, printed_rate=False)).amount
        return (same & (np.abs(figures.amount - agreed) > FAR * self.tolerance))[rows]

    def _given(self, tried):
        """Whether calls have amounts of theirs, and these are they."""
        amounts, size = tried.call_amounts(self.rule), len(self.pricing.lines)
        known = (self.calls.their_amount >= 0) & (amounts > 0)
        same = known & (amounts == self.calls.their_amount)
        count, hits = (
            np.bincount(self.calls.line[which], minlength=size)[self.rows]
            for which in (known, same)
        )
        return (hits >= LEAST_CALLS) & (hits >= REPRODUCED * count)
