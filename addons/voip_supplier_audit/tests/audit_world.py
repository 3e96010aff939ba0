"""A supplier's month with planted errors, billed without the code that is tested.

Calls begin at least a minute away from every quarter of an hour, so that clocks that
tick otherwise than ours put none of them on another day. Money is scaled by 10^8.
"""

from dataclasses import dataclass, replace

import numpy as np

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
PERIOD = (1_790_812_800_000_000, 1_790_812_800_000_000 + 30 * DAY)
CHANGE = PERIOD[0] + 15 * DAY
STATED = CHANGE - 7 * DAY
INCREMENTS = ((1, 1), (30, 6), (30, 18), (60, 60))
CENT = 1_000_000
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Terms:
    """How the supplier bills; the first values are what was agreed."""

    initial: int = 0
    following: int = 0
    formula: str = "A"
    decimals: int = 6
    rounding: str = "half_up"
    fee: int = 0
    least: int = 0
    zone: int = 0
    edge: int = 0
    change: int = CHANGE
    unanswered: bool = False
    price_over: int = 100  # percent
    factor: tuple = (1, 1)


class World:
    """Our calls and the supplier's records of them, made from a seed."""

    def __init__(self, lines=12, calls=1_500, seed=11):
        self.random = random = np.random.default_rng(seed)
        self.price = random.integers(20, 900, lines) * 10_000
        self.old = np.where(np.arange(lines) % 3 == 0, self.price * 7 // 10, self.price)
        self.initial, self.following = np.array(INCREMENTS)[np.arange(lines) % 4].T
        self.lines = lines
        self.line = random.integers(0, lines, calls)
        quarters = random.integers(-96, 31 * 96, calls)
        within = random.integers(60, 840, calls)
        self.start = PERIOD[0] + (quarters * 900 + within) * SECOND
        self.answered = random.random(calls) < 0.8
        self.seconds = random.geometric(1 / 110, calls) + 1
        self.caller = random.integers(331_000_000_00, 331_999_999_99, calls)
        self.called = (447_100 + self.line) * 1_000_000 + random.integers(
            0, 1_000_000, calls
        )

    def bill(self, terms=None):
        """The supplier's :class:`Bill` by its terms."""
        return Bill(self, terms or Terms())


class Bill:
    """Records of the supplier and the lines that they add up to."""

    def __init__(self, world, terms):
        self.world, self.terms = world, terms
        first = PERIOD[0] - terms.zone - terms.edge
        last = PERIOD[1] - terms.zone
        taken = (world.start >= first) & (world.start < last)
        taken &= world.answered | terms.unanswered
        self.of = np.flatnonzero(taken)
        self.line = world.line[self.of]
        self.seconds = world.seconds[self.of].copy()
        self.start = world.start[self.of]
        self.caller, self.called = world.caller[self.of], world.called[self.of]
        change = terms.change if terms.change == NEVER else terms.change - terms.zone
        new = self.start >= change
        price = np.where(new, world.price[self.line], world.old[self.line])
        self.printed_price = world.price * terms.price_over // 100
        if terms.price_over != 100:
            price = self.printed_price[self.line]
        self.price = price
        self.amount = self.charge(self.seconds, self.price, self.line)
        self.line_amount = None
        self.swapped = []

    def charge(self, seconds, price, line):
        """Amounts of calls, one at a time in Python's integers."""
        terms, world = self.terms, self.world
        result = []
        columns = seconds.tolist(), price.tolist(), line.tolist()
        for d, p, n in zip(*columns, strict=True):
            first = terms.initial or int(world.initial[n])
            then = terms.following or int(world.following[n])
            if terms.formula == "A":
                billed = first + max(-(-(d - first) // then), 0) * then
            elif terms.formula == "B":
                billed = first if d <= first else -(-d // then) * then
            else:
                billed = -(-max(d, first) // then) * then
            sixtieths = max(p * billed + terms.fee * 60, terms.least * 60)
            unit = 60 * 10 ** (8 - terms.decimals)
            if terms.rounding == "up":
                amount = -(-sixtieths // unit) * (unit // 60)
            else:
                amount = (2 * sixtieths + unit) // (2 * unit) * (unit // 60)
            result.append(amount)
        return np.array(result, np.int64)

    def append(self, rows, **changed):
        """Add copies of records ``rows`` with some columns changed."""
        for name in ("line", "seconds", "start", "caller", "called", "price", "amount"):
            column = getattr(self, name)
            values = changed.get(name, column[rows])
            setattr(self, name, np.concatenate((column, values)))
        self.of = np.concatenate((self.of, np.full(len(rows), -1)))

    def remove(self, rows):
        keep = np.ones(len(self.of), bool)
        keep[rows] = False
        for name in (
            "of",
            "line",
            "seconds",
            "start",
            "caller",
            "called",
            "price",
            "amount",
        ):
            setattr(self, name, getattr(self, name)[keep])

    def some(self, share):
        """Rows of a share of the records inside the agreed period."""
        inside = (self.start >= PERIOD[0] + DAY) & (self.start < PERIOD[1] - DAY)
        rows = np.flatnonzero(inside)
        count = max(int(share * rows.size), 5)
        return self.world.random.choice(rows, count, replace=False)

    def summed(self, values):
        result = np.zeros(self.world.lines, np.int64)
        np.add.at(result, self.line, values)
        return result

    def printed(self):
        """``(amounts in whole cents, calls, seconds in ms)`` of the lines."""
        amount = self.summed(self.amount)
        over, under = self.terms.factor
        if self.line_amount is not None:
            amount = self.line_amount
        amount = (2 * amount * over + CENT * under) // (2 * CENT * under) * CENT
        calls = self.summed(np.ones(len(self.of), np.int64))
        swapped = self.swapped
        amount[swapped], calls[swapped] = amount[swapped[::-1]], calls[swapped[::-1]]
        return amount, calls


# === What can be planted === #


def with_terms(**changed):
    def plant(world, terms):
        return replace(terms, **changed)

    plant.of_terms = True
    return plant


def duplicates(bill):
    bill.append(bill.some(0.01))


def extra_calls(bill):
    rows = bill.some(0.01)
    other = bill.world.random.integers(10**10, 2 * 10**10, rows.size)
    bill.append(rows, caller=other, called=bill.called[rows] // 10**6 * 10**6 + 7)


def lost_calls(bill):
    bill.remove(bill.some(0.01))


def longer(bill):
    rows = bill.some(0.02)
    bill.seconds[rows] += 75
    bill.amount[rows] = bill.charge(
        bill.seconds[rows], bill.price[rows], bill.line[rows]
    )


def dear_line(bill):
    """One line at a price a fifth higher, as is printed on it."""
    rows = bill.line == 4
    bill.price[rows] = bill.price[rows] * 6 // 5
    bill.printed_price[4] = bill.printed_price[4] * 6 // 5
    bill.amount[rows] = bill.charge(
        bill.seconds[rows], bill.price[rows], bill.line[rows]
    )


def swapped_names(bill):
    bill.swapped = [5, 9]


# name: (kind that must be named, plant, needs the supplier's records)
PLANTS = {
    "price of all lines": ("rate", with_terms(price_over=105), False),
    "price of a line": ("rate", dear_line, False),
    "old deck": ("old_rate", with_terms(change=NEVER), False),
    "late increase": ("late_increase", with_terms(change=STATED), False),
    "minutes": ("increments", with_terms(initial=60, following=60), False),
    "30 and 6": ("increments", with_terms(initial=30, following=6), False),
    "minute, then seconds": ("increments", with_terms(initial=60, following=1), False),
    "formula B": ("formula", with_terms(formula="B"), False),
    "formula C": ("formula", with_terms(formula="C"), False),
    "up to 4 decimals": ("rounding", with_terms(rounding="up", decimals=4), False),
    "whole cents": ("rounding", with_terms(decimals=2), False),
    "cents up": ("rounding", with_terms(rounding="up", decimals=2), False),
    "connect fee": ("connect_fee", with_terms(fee=CENT), False),
    "minimum": ("minimum", with_terms(least=4 * CENT), False),
    "zone +2": ("time_zone", with_terms(zone=2 * HOUR), False),
    "zone -5": ("time_zone", with_terms(zone=-5 * HOUR), False),
    "day before": ("period_edge", with_terms(edge=DAY), False),
    "unanswered": ("unanswered", with_terms(unanswered=True), False),
    "currency": ("currency", with_terms(factor=(113, 100)), False),
    "tax": ("tax", with_terms(factor=(119, 100)), False),
    "swapped names": ("swapped_names", swapped_names, False),
    "duplicates": ("duplicate", duplicates, True),
    "calls of others": ("missing_here", extra_calls, True),
    "calls not charged": ("missing_there", lost_calls, True),
    "longer calls": ("duration", longer, True),
}


def planted(world, names):
    """The bill of a world with some of :data:`PLANTS`, the copies at last."""
    names = sorted(names, key=lambda name: name == "duplicates")
    terms = Terms()
    for name in names:
        if hasattr(PLANTS[name][1], "of_terms"):
            terms = PLANTS[name][1](world, terms)
    bill = world.bill(terms)
    for name in names:
        if not hasattr(PLANTS[name][1], "of_terms"):
            PLANTS[name][1](bill)
    return bill
