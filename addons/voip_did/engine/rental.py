"""What the rental of numbers costs by a day, exactly, for any number of them at once.

A fee of a month costs its price for the whole month and ``price × days / days of the
month`` for a part of it, rounded once, half up, to 10**-8. A price that changes within
the month counts for the days it is in force. What is charged is always the difference
to what was charged before: a second run finds nothing, a change in the past is made
good by the next one.
"""

from dataclasses import dataclass

import numpy as np

from odoo.addons.voip_billing_base.engine.exact import ROOM, largest, narrow, put

FOREVER = 2**31 - 1


@dataclass(slots=True)
class Months:
    """Columns of n rows, each a fee of an assignment in one month; days since 1970.

    ``start`` and ``end`` are the first and the last day of the assignment, ``FOREVER``
    where it is open; ``key`` names the row's prices; ``kept`` is the last day up to
    which a plan that gives nothing back has charged the month, 0 else; ``pieces`` is
    what the price is counted by, channels for instance.
    """

    first: np.ndarray
    last: np.ndarray
    start: np.ndarray
    end: np.ndarray
    key: np.ndarray
    kept: np.ndarray
    pieces: np.ndarray
    whole: np.ndarray
    once: np.ndarray

    def __len__(self):
        return len(self.first)


def held(months):
    """(first, last day) that is paid for in each month; last < first where none is."""
    last = np.minimum(np.maximum(months.end, months.kept), months.last)
    return np.maximum(months.first, months.start), last


def joined(spans):
    """Spans ``(first, last)`` of days in order, those that meet or overlap as one."""
    found = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def owed(months, prices, pauses=None):
    """(amounts, days): what each row costs in all, scaled by 10**8.

    :param months: :class:`Months`. A row is ``whole`` where a part of a month costs as
        much as all of it, and ``once`` where it is charged once for the assignment;
        both cost the price of the first day
    :param prices: {key: (days, prices)}: arrays of the same length, the days ascending,
        each price (scaled by 10**8) in force from its day on. Before the first day
        nothing is charged
    :param pauses: (rows, first days, last days), int arrays: spans of days that cost
        nothing, which do not overlap within a row. What costs the same for a part of a
        month as for all of it costs nothing where all its days are paused
    """
    first, last = held(months)
    length = months.last - months.first + 1
    paused, begin, end = _clipped(months, pauses, first, last)
    days = np.maximum(last - first + 1, 0)
    np.subtract.at(days, paused, np.maximum(end - begin + 1, 0))
    total = np.zeros(len(months), np.int64)
    flat = months.whole | months.once
    start_price = price_on_first(months, prices)
    for key, (since, price) in prices.items():
        rows = np.flatnonzero(months.key == key)
        part = _weighted(since, price, first[rows], last[rows], length[rows])
        part = _without(part, rows, (paused, begin, end), since, price, length)
        part = np.where(flat[rows], _scaled(start_price[rows], length[rows]), part)
        part = np.where(days[rows] > 0, part, 0)
        total = put(total, rows, _scaled(part, months.pieces[rows]))
    return _divided(total, length), days


def _clipped(months, pauses, first, last):
    """Pauses within the days that are paid for; what is kept is paid, paused or not."""
    if pauses is None:
        return (np.zeros(0, np.int64),) * 3
    rows, begin, end = pauses
    begin = np.maximum(np.maximum(begin, first[rows]), months.kept[rows] + 1)
    return rows, begin, np.minimum(end, last[rows])


def _without(part, rows, pauses, since, price, length):
    """``part`` of the rows ``rows`` less what their paused days would have cost."""
    paused, begin, end = pauses
    place = np.full(len(length), -1, np.int64)
    place[rows] = np.arange(len(rows))
    mine = np.flatnonzero(place[paused] >= 0)
    if not mine.size:
        return part
    at = paused[mine]
    less = _weighted(since, price, begin[mine], end[mine], length[at])
    if less.dtype == object:
        part = part.astype(object)
    np.subtract.at(part, place[at], less)
    return part


def _weighted(since, price, first, last, length):
    """Sum of price × days in force, of each row."""
    total = np.zeros(len(first), np.int64)
    until = np.append(since[1:] - 1, FOREVER)[: len(since)]
    for begin, end, value in zip(since, until, price, strict=True):
        days = np.minimum(last, end) - np.maximum(first, begin) + 1
        total = total + _scaled(np.int64(value), np.maximum(days, 0))
    return total


def _scaled(price, days):
    """price × days; Python integers where int64 might not hold the sums of them."""
    price = np.broadcast_to(np.asarray(price), days.shape)
    if largest(price) * max(largest(days), 1) * 64 > ROOM:
        price = price.astype(object)
    return price * days


def _divided(total, length):
    """total / length, half up on the magnitude."""
    size = np.abs(total)
    return narrow(np.where(total < 0, -1, 1) * ((2 * size + length) // (2 * length)))


def due(months, advance, today):
    """Rows that are charged by ``today``.

    In advance a month is due on its first day that is paid for; in arrears on the day
    after its last one.

    :param advance: bool array
    :param today: array, the day at each account
    """
    first, last = held(months)
    return np.where(advance, first <= today, last < today) & (first <= months.last)


def booked_day(months, advance):
    """The day on which each row is charged, when nothing of it was charged before.

    What is paid in advance belongs on the invoice that ends the day before the month,
    together with the usage of the month before it; the first month of an assignment on
    the invoice of its first day.
    """
    _first, last = held(months)
    fresh = months.start >= months.first
    return np.where(advance, np.where(fresh, months.start, months.first - 1), last)


def price_on_first(months, prices):
    """The price of the first day that is paid for in each row, scaled by 10**8."""
    first, _last = held(months)
    found = np.zeros(len(months), np.int64)
    for key, (since, price) in prices.items():
        rows = np.flatnonzero(months.key == key)
        at = np.searchsorted(since, first[rows], side="right") - 1
        if len(price):
            found[rows] = np.where(at < 0, 0, price[np.maximum(at, 0)])
    return found
