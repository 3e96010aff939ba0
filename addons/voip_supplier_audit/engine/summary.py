"""An invoice beside our own figures, by destination, prefix, day or rate."""

from dataclasses import dataclass

import numpy as np

from .runs import starts, sums

MILLION = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Figures by key, sorted by it: calls, milliseconds, scaled amounts; int64."""

    key: np.ndarray
    calls: np.ndarray
    seconds_ms: np.ndarray
    amount: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Both sides by key; what one side lacks is 0 there, and told by ``here`` and
    ``there``. ``difference`` is theirs minus ours, ``ppm`` that in millionths of ours
    (of 0: a million); ``over`` says that it is beyond the tolerance."""

    key: np.ndarray
    ours: Totals
    theirs: Totals
    here: np.ndarray
    there: np.ndarray
    difference: np.ndarray
    ppm: np.ndarray
    over: np.ndarray


def totals(key, calls, seconds_ms, amount):
    """Sum rows of one key.

    :param key: int64 (position of a destination, a prefix, days since 1970 …)
    :return: :class:`Totals`
    """
    order = np.argsort(key, kind="stable")
    first = starts(key[order])
    columns = [sums(c[order], first) for c in (calls, seconds_ms, amount)]
    return Totals(key[order][first], *columns)


def compare(ours, theirs, percent_ppm=0, absolute=0):
    """Set both sides side by side.

    :param ours, theirs: :class:`Totals`
    :param percent_ppm: tolerance of a row in millionths of ours (5 % = 50,000)
    :param absolute: tolerance of a row, scaled; a row is over when beyond both
    :return: :class:`Compared`
    """
    key = np.union1d(ours.key, theirs.key)
    mine, here = _spread(key, ours)
    other, there = _spread(key, theirs)
    difference = other.amount - mine.amount
    ppm = [_ppm(int(d), int(o)) for d, o in zip(difference, mine.amount, strict=True)]
    ppm = np.array(ppm, np.int64)
    over = (np.abs(ppm) > percent_ppm) & (np.abs(difference) > absolute)
    return Compared(key, mine, other, here, there, difference, ppm, over)


def _ppm(difference, ours):
    if ours == 0:
        return MILLION * ((difference > 0) - (difference < 0))
    sign = -1 if difference < 0 else 1
    return sign * min(abs(difference) * MILLION // abs(ours), 2**62)


def _spread(key, side):
    place = key.searchsorted(side.key)
    columns = []
    for values in (side.calls, side.seconds_ms, side.amount):
        column = np.zeros(key.size, np.int64)
        column[place] = values
        columns.append(column)
    known = np.zeros(key.size, bool)
    known[place] = True
    return Totals(key, *columns), known


def repeated(differences, periods, share_ppm, base):
    """Keys that are over by little, but in each of the last periods the same way.

    :param differences: int64, a row per period and a column per key, scaled
    :param periods: how many must agree
    :param share_ppm: least share of the ``base`` (ours, same shape), in millionths
    :return: bool array, one per key
    """
    last, ours = differences[-periods:], base[-periods:]
    if len(last) < periods:
        return np.zeros(differences.shape[1], bool)
    enough = np.abs(last) > ours // MILLION * share_ppm
    one_way = (last > 0).all(axis=0) | (last < 0).all(axis=0)
    return one_way & enough.all(axis=0)


def sum_difference(amounts, total, unit):
    """What an invoice's total has beyond its lines, within what printing allows.

    :param amounts: scaled amounts of the lines; ``total`` scaled; ``unit``: the printed
        unit of the lines, scaled: each may be off by half of it
    :return: ``(difference, within)``
    """
    difference = int(total) - sum(int(amount) for amount in amounts)
    return difference, 2 * abs(difference) <= unit * max(len(amounts), 1)
