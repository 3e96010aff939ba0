"""Calls counted by what decides their cost, so that a rule is tried on few rows.

A *cell* is one rate on one line of the invoice. Time is cut at every moment that a rule
may ask for (when a price changes, when the period begins and ends, in each zone); a
*class* is the time between two of them, parted by what a record says of the call.
"""

from dataclasses import dataclass

import numpy as np

from .runs import distinct, starts, sums

NEVER = np.iinfo(np.int64).max
ALWAYS = -NEVER
# What is known of a call beside its price.
PLAIN, LEFT_OUT, UNANSWERED = range(3)
FLAGS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Agreed:
    """Rates as agreed, a row per rate; money scaled by 10^8, prices per minute.

    From ``agreed_us`` on ``price`` counts, before it ``old_price`` (-1: the same);
    ``stated_us`` is the date that the supplier gave for it. ``max_charge`` -1 = none.
    """

    price: np.ndarray
    old_price: np.ndarray
    agreed_us: np.ndarray
    stated_us: np.ndarray
    initial: np.ndarray
    following: np.ndarray
    connect_fee: np.ndarray
    min_charge: np.ndarray
    max_charge: np.ndarray

    @classmethod
    def of(cls, price, **columns):
        """Fill what is not given: per second, without fees, the same price always."""
        size = len(price)
        defaults = {
            "old_price": -1,
            "agreed_us": ALWAYS,
            "initial": 1,
            "following": 1,
            "connect_fee": 0,
            "min_charge": 0,
            "max_charge": -1,
        }
        for name, value in defaults.items():
            columns.setdefault(name, np.full(size, value, np.int64))
        columns.setdefault("stated_us", columns["agreed_us"])
        columns["old_price"] = np.where(
            columns["old_price"] < 0, price, columns["old_price"]
        )
        made = {name: np.asarray(value, np.int64) for name, value in columns.items()}
        return cls(price=np.asarray(price, np.int64), **made)


@dataclass(frozen=True, slots=True, eq=False)
class OurCalls:
    """Our calls about the period, a day more on either side; columns of one length.

    ``line`` and ``rate`` are positions; ``start_us`` the moment that decides, by our
    clock; of unanswered calls ``duration_ms`` is how long they rang. ``their_ms`` is
    the duration by their record, ours where both agree or there is none;
    ``their_amount`` (scaled) what their record charges, -1 = no record; ``left_out``
    says that their records lack the call.
    """

    line: np.ndarray
    rate: np.ndarray
    start_us: np.ndarray
    duration_ms: np.ndarray
    answered: np.ndarray
    their_ms: np.ndarray
    their_amount: np.ndarray
    left_out: np.ndarray

    @classmethod
    def of(cls, line, rate, start_us, duration_ms, answered, **known):
        """Columns without records, unless ``known`` has what they say."""
        size = len(line)
        known.setdefault("their_ms", duration_ms)
        known.setdefault("their_amount", np.full(size, -1, np.int64))
        known.setdefault("left_out", np.zeros(size, bool))
        return cls(line, rate, start_us, duration_ms, answered, **known)


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Groups of calls that cost the same under any rule.

    Groups lie by slot: a class of a cell that has calls, of few lines most classes, of
    99,000 lines one of a hundred. ``slot_cell`` and ``slot_class`` say which; ``first``
    is the first group of each slot, ``slot`` the slot of each group. ``group_of`` is
    the group of each call; ``cell_line`` and ``cell_rate`` are of the cells,
    ``borders`` the moments that time is cut at.
    """

    count: np.ndarray
    rate: np.ndarray
    line: np.ndarray
    duration_ms: np.ndarray
    their_ms: np.ndarray
    answered: np.ndarray
    first: np.ndarray
    slot: np.ndarray
    slot_cell: np.ndarray
    slot_class: np.ndarray
    group_of: np.ndarray
    cell_line: np.ndarray
    cell_rate: np.ndarray
    borders: np.ndarray
    agreed: Agreed

    def by_slot(self, values):
        """Exact sums over the calls of each slot of a value per group."""
        return sums(values * self.count, self.first)

    def by_line(self, slots, lines):
        """Sums of a column of the slots by line."""
        cells = sums(slots, starts(self.slot_cell))
        result = np.zeros(lines, np.int64)
        # Each cell has calls.
        np.add.at(result, self.cell_line, cells)
        return result


def tally(calls, agreed, borders):
    """Count calls.

    :param calls: :class:`OurCalls`
    :param agreed: :class:`Agreed`
    :param borders: int64 moments that a rule may ask for
    :return: :class:`Tally`
    """
    borders = np.unique(borders[(borders != NEVER) & (borders != ALWAYS)])
    cells, cell = distinct(_packed(calls.line, calls.rate))
    period = borders.searchsorted(calls.start_us, side="right")
    flag = np.where(calls.answered, np.where(calls.left_out, LEFT_OUT, 0), UNANSWERED)
    slot = cell * ((borders.size + 1) * FLAGS) + period * FLAGS + flag
    order = np.lexsort((calls.their_ms, calls.duration_ms, slot))
    columns = [slot[order], calls.duration_ms[order], calls.their_ms[order]]
    first = np.logical_or.reduce([starts(column) for column in columns])
    group_of = np.empty(order.size, np.int64)
    group_of[order] = np.cumsum(first) - 1
    head = order[first]
    used = slot[head]
    begins = starts(used)
    slot_cell, slot_class = np.divmod(used[begins], (borders.size + 1) * FLAGS)
    return Tally(
        count=np.diff(np.append(np.flatnonzero(first), order.size)),
        rate=calls.rate[head],
        line=calls.line[head],
        duration_ms=calls.duration_ms[head],
        their_ms=calls.their_ms[head],
        answered=calls.answered[head],
        first=begins,
        slot=np.cumsum(begins) - 1,
        slot_cell=slot_cell,
        slot_class=slot_class,
        group_of=group_of,
        cell_line=(cells >> 32).astype(np.int64),
        cell_rate=(cells & 0xFFFFFFFF).astype(np.int64),
        borders=borders,
        agreed=agreed,
    )


def _packed(line, rate):
    return (line.astype(np.int64) << 32) | rate.astype(np.int64)
