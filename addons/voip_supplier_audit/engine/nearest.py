"""Pairs of calls with equal numbers that are nearest in time and duration.

The cost of a pair is the difference of the starts plus three times that of the
durations (at most half a minute). The cheapest pairs of either side's own choice are
taken first, round by round. A pair whose runner-up costs little more is ambiguous, and
whatever is paired in a crowd.
"""

import numpy as np

from .runs import occurrence, spread, starts

WINDOW_MS = 30_000
DURATION_FACTOR = 3
DURATION_LIMIT_MS = 30_000
CLOSE_MS = 2_000  # a runner-up this near makes a pair ambiguous
NEIGHBOURS = 48  # most candidates of one call, the nearest in time
STEPS_S = (60, 30, 6)  # whole minutes, half minutes, tenths of a minute
STEP_SHARE = 0.97
_TIME_BITS = 37  # four years in milliseconds
_FAR = np.iinfo(np.int64).max


def printed_step(duration_ms):
    """Seconds that durations are rounded up to: 60, 30, 6, else 1."""
    seconds = duration_ms[duration_ms > 0]
    for step in STEPS_S:
        if seconds.size >= 20 and (seconds % (step * 1000) == 0).mean() > STEP_SHARE:
            return step
    return 1


def _as_printed(duration_ms, step):
    """Durations rounded up as the other side prints them; milliseconds."""
    return duration_ms if step == 1 else -(-duration_ms // (step * 1000)) * step * 1000


def nearest(ours, theirs):
    """Pair calls.

    :param ours, theirs: ``(key, start_ms, duration_ms)`` int64 arrays; starts of one
        clock; equal keys for equal numbers
    :return: ``(rows of ours, rows of theirs, doubt)``; doubt is int8: 0 none, 1 a
        runner-up, 2 a crowd
    """
    if not ours[0].size or not theirs[0].size:
        return _nothing()
    mine, other, cost, crowded = _candidates(ours, theirs)
    if not mine.size:
        return _nothing()
    taken = _rounds(mine, other, cost, ours[0].size, theirs[0].size)
    doubt = np.where(crowded[taken], 2, _ambiguous(mine, other, cost, taken))
    return mine[taken], other[taken], doubt.astype(np.int8)


def _nothing():
    rows = np.empty(0, np.int64)
    return rows, rows, np.empty(0, np.int8)


def _composites(ours, theirs):
    """Key and start as one sortable int64 a side, and the rows they are of.

    Keys that only they have fall out.
    """
    # Sorted keys are looked up many times faster than unsorted ones.
    my_rows, rows = np.argsort(ours[0]), np.argsort(theirs[0])
    mine, other = ours[0][my_rows], theirs[0][rows]
    first = starts(mine)
    known = mine[first]
    place = np.minimum(known.searchsorted(other), known.size - 1)
    found = known[place] == other
    place, rows = place[found], rows[found]
    begin = min(ours[1].min(), theirs[1].min()) - 2 * WINDOW_MS
    mine = (np.cumsum(first) - 1 << _TIME_BITS) + (ours[1][my_rows] - begin)
    other = (place << _TIME_BITS) + (theirs[1][rows] - begin)
    return mine, my_rows, other, rows


def _candidates(ours, theirs):
    """Pairs within the window: rows of ours, of theirs, costs (ms), and crowded ones.

    Where one call has more than :data:`NEIGHBOURS`, only the nearest are looked at.
    """
    mine, my_rows, other, rows = _composites(ours, theirs)
    my_order, order = np.argsort(mine), np.argsort(other)
    mine, my_rows = mine[my_order], my_rows[my_order]
    other, rows = other[order], rows[order]
    low = other.searchsorted(mine - WINDOW_MS)
    high = other.searchsorted(mine + WINDOW_MS, side="right")
    crowded = high - low > NEIGHBOURS
    if crowded.any():
        # The n-th of a moment looks about the n-th there.
        middle = np.clip(other.searchsorted(mine) + occurrence(mine), low, high)
        low = np.maximum(low, middle - NEIGHBOURS // 2)
        high = np.minimum(high, middle + NEIGHBOURS // 2)
    owner, place = spread(low, high)
    apart = np.abs(mine[owner] - other[place])
    crowded = crowded[owner]
    owner, place = my_rows[owner], rows[place]
    step = printed_step(theirs[2])
    longer = np.abs(_as_printed(ours[2], step)[owner] - theirs[2][place])
    cost = apart + np.minimum(DURATION_FACTOR * longer, DURATION_LIMIT_MS)
    return owner, place, cost, crowded


def _rounds(mine, other, cost, my_size, size):
    """Places of the candidates taken, cheapest mutual choice first."""
    value = (cost << 31) | np.arange(cost.size)
    left = np.arange(cost.size)
    taken = []
    my_best, best = np.full(my_size, _FAR), np.full(size, _FAR)
    while left.size:
        a, b, v = mine[left], other[left], value[left]
        my_best[a], best[b] = _FAR, _FAR
        np.minimum.at(my_best, a, v)
        np.minimum.at(best, b, v)
        won = left[(my_best[a] == v) & (best[b] == v)]
        taken.append(won)
        my_best[mine[won]], best[other[won]] = -1, -1
        left = left[(my_best[a] != -1) & (best[b] != -1)]
    return np.concatenate(taken)


def _ambiguous(mine, other, cost, taken):
    """True where another candidate of either call costs at most a little more."""
    result = np.zeros(taken.size, bool)
    not_taken = np.ones(cost.size, bool)
    not_taken[taken] = False
    for rows in (mine, other):
        runner_up = np.full(rows.max() + 1, _FAR)
        np.minimum.at(runner_up, rows[not_taken], cost[not_taken])
        result |= runner_up[rows[taken]] <= cost[taken] + CLOSE_MS
    return result
