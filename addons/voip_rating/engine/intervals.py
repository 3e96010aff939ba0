"""Longest prefix match on disjoint sorted intervals of 15-digit numbers.

Prefix 4479 is the interval [447900000000000, 448000000000000); longer prefixes are cut
out of shorter ones, so the longest match of a million numbers is one ``searchsorted``.
"""

from dataclasses import dataclass

import numpy as np

from .columns import POW10
from .number_rules import MAX_DIGITS


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Compiled distinct prefixes (slots).

    ``bounds`` are the sorted first numbers of the intervals, ``owner`` the slot of each
    (-1 = none), ``parent`` the next shorter prefix around each slot (-1 = none) and
    ``length`` its digits. ``parent`` and ``length`` end with a row for slot -1.
    """

    bounds: np.ndarray
    owner: np.ndarray
    parent: np.ndarray
    length: np.ndarray

    def find(self, numbers, lengths):
        """Return the slot of the longest prefix of each number, -1 = none.

        :param numbers: int64 array of E.164 digits
        :param lengths: int8 array of their count, 0..15
        """
        padded = numbers * POW10[MAX_DIGITS - lengths]
        slot = self.owner[self.bounds.searchsorted(padded, side="right") - 1]
        # A number shorter than the prefix it fell into matches only what surrounds it.
        rows = np.flatnonzero(self.length[slot] > lengths)
        while rows.size:
            slot[rows] = self.parent[slot[rows]]
            rows = rows[self.length[slot[rows]] > lengths[rows]]
        return slot


def compile_prefixes(prefixes, lengths):
    """Compile distinct prefixes.

    :param prefixes: int64 array of digits
    :param lengths: int array of their count, 0..15
    :return: :class:`Intervals` whose slots are the positions in ``prefixes``
    """
    size = POW10[MAX_DIGITS - lengths]
    start = prefixes * size
    bounds = np.sort(np.concatenate(([0], start, start + size)))
    bounds = bounds[np.append(True, bounds[1:] != bounds[:-1])]
    first, last = bounds.searchsorted(start), bounds.searchsorted(start + size)
    owner = np.full(bounds.size, -1, np.int32)
    parent = np.full(prefixes.size + 1, -1, np.int32)
    for length in np.unique(lengths).tolist():
        slots = np.flatnonzero(lengths == length)
        parent[slots] = owner[first[slots]]
        _paint(owner, slots, first[slots], last[slots])
    change = np.append(True, owner[1:] != owner[:-1])
    return Intervals(
        bounds[change], owner[change], parent, np.append(lengths, 0).astype(np.int8)
    )


def _paint(owner, slots, first, last):
    """Give the segments [first, last) of each slot to it; slots do not overlap."""
    count = last - first
    offset = np.repeat(first - (np.cumsum(count) - count), count)
    owner[offset + np.arange(offset.size)] = np.repeat(slots, count)
