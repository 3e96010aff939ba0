"""One call of one side that is several records of the other."""

import numpy as np

from .nearest import WINDOW_MS
from .runs import spread

TOLERANCE_MS = 2_000
MOST = 8  # legs of a call
_TIME_BITS = 37


def find_legs(wholes, parts, pair, alone):
    """Find records left alone that, together, are as long as a call.

    A call is looked at when it has no pair, or one that is shorter than itself; its
    legs begin within it. Only all of them together are taken, and each once.

    :param wholes, parts: ``(key, start_ms, duration_ms)``, equal keys for equal numbers
    :param pair: int64, the part each whole is paired with, -1 = none
    :param alone: bool, which of the parts are left
    :return: ``(rows of wholes, rows of parts)``, a row per leg found
    """
    key, start, length = wholes
    paired = np.where(pair >= 0, parts[2][pair], 0) if parts[2].size else pair * 0
    open_ = np.flatnonzero((length - paired > TOLERANCE_MS) & (length > 0))
    left = np.flatnonzero(alone & (parts[2] > 0))
    nothing = np.empty(0, np.int64)
    if not open_.size or not left.size:
        return nothing, nothing
    known = np.unique(key[open_])
    place = np.minimum(known.searchsorted(parts[0][left]), known.size - 1)
    mine = known[place] == parts[0][left]
    left, place = left[mine], place[mine]
    if not left.size:
        return nothing, nothing
    begin = min(start[open_].min(), parts[1][left].min()) - 2 * WINDOW_MS
    composite = (place.astype(np.int64) << _TIME_BITS) + (parts[1][left] - begin)
    order = np.argsort(composite)
    composite, left = composite[order], left[order]
    at = known.searchsorted(key[open_]).astype(np.int64) << _TIME_BITS
    at += start[open_] - begin
    low = composite.searchsorted(at - WINDOW_MS)
    high = composite.searchsorted(at + length[open_] + WINDOW_MS, side="right")
    total = np.concatenate(([0], np.cumsum(parts[2][left])))
    missing = (length - paired)[open_]
    fits = np.abs(total[high] - total[low] - missing) <= TOLERANCE_MS * (high - low)
    legs = high - low + (pair[open_] >= 0)
    fits &= (legs >= 2) & (legs <= MOST)
    owner, rows = spread(low[fits], high[fits])
    return _once(open_[fits][owner], left[rows])


def _once(whole, part):
    """Leave out wholes any leg of which another one claims, too."""
    distinct, place, counts = np.unique(part, return_inverse=True, return_counts=True)
    shared = np.unique(whole[counts[place] > 1])
    keep = ~np.isin(whole, shared)
    return whole[keep], part[keep]
