"""Runs of equal values in sorted columns, and the like."""

import numpy as np


def starts(values):
    """True at each row of a sorted column where another value begins."""
    first = np.ones(values.size, bool)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def occurrence(values):
    """Of each row of a sorted column: how many equal ones lie before it."""
    place = np.arange(values.size)
    first = np.where(starts(values), place, 0)
    return place - np.maximum.accumulate(first)


def spread(lows, highs):
    """All places of half-open ranges, one after the other.

    :param lows, highs: int64 arrays, ``lows <= highs``
    :return: ``(owner, place)``: the range each place is of, and the place
    """
    counts = highs - lows
    owner = np.repeat(np.arange(counts.size), counts)
    before = np.cumsum(counts) - counts
    return owner, np.arange(owner.size) - before[owner] + lows[owner]


def sums(values, first):
    """Exact sums of int64 ``values`` over the runs that begin where ``first``."""
    if not values.size:
        return values
    return np.add.reduceat(values, np.flatnonzero(first))
