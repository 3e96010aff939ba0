"""Integer columns that cannot overflow: int64 where it surely fits, else Python's.

The greatest value of a column decides for all of it, so that the usual column costs one
comparison; wide columns (dtype object) go through the same functions.
"""

import numpy as np

INT64_MAX = 2**63 - 1
# Sums below it may be added to or subtracted from each other.
ROOM = 2**61


def largest(values):
    """The largest magnitude of a column, 0 when it is empty."""
    return max(int(values.max(initial=0)), -int(values.min(initial=0)))


def narrow(values):
    """A column of Python integers as int64 where all of them fit."""
    if values.dtype != object or largest(values) > INT64_MAX:
        return values
    return values.astype(np.int64)


def put(column, rows, values):
    """Set ``column[rows]``; returns the column, widened where ``values`` are wide."""
    if values.dtype == object and column.dtype != object:
        column = column.astype(object)
    column[rows] = values
    return column


def add_at(totals, groups, values):
    """Add ``values`` to the totals of their groups; returns the totals."""
    if totals.dtype != object:
        if largest(totals) + largest(values) * len(values) > ROOM:
            totals = totals.astype(object)
    np.add.at(totals, groups, values)
    return totals


def sum_groups(groups, count, values):
    """Sums of ``values`` per group number."""
    return add_at(np.zeros(count, np.int64), groups, values)
