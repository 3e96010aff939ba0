"""Two lines of an invoice that have each other's figures."""

import numpy as np

# So many pairs of alike amounts say nothing any more, and would fill the memory.
MOST_ALIKE = 5_000_000


def find_swapped(lines, figures, tolerance, wrong):
    """Find lines whose names were swapped.

    Amounts alone may agree by chance: calls or minutes must be printed, and agree.

    :param lines: :class:`~.supposed.Lines`; ``figures``: ours of them
    :param tolerance: scaled, of each line; ``wrong``: bool, the lines looked at
    :return: {line: (the other line, scaled amount: theirs minus ours)}
    """
    rows = np.flatnonzero(wrong & (figures.calls > 0))
    amounts = lines.amount[rows], figures.amount[rows]
    theirs, ours = (rows[places] for places in _alike(*amounts, tolerance[rows]))
    same = _told(lines, figures, theirs, ours) & (theirs != ours)
    one, other = _mutual(theirs[same], ours[same], len(lines))
    gaps = (lines.amount[one] - figures.amount[one]).tolist()
    found = zip(one.tolist(), other.tolist(), gaps, strict=True)
    return {line: (pair, gap) for line, pair, gap in found}


def _alike(theirs, ours, tolerance):
    """Positions ``(a, b)`` of which theirs of a is ours of b."""
    order = np.argsort(ours, kind="stable")
    widest = tolerance.max(initial=0)
    first = np.searchsorted(ours[order], theirs - widest, side="left")
    counts = np.searchsorted(ours[order], theirs + widest, side="right") - first
    if counts.sum() > MOST_ALIKE:
        counts = np.zeros_like(counts)
    a = np.repeat(np.arange(theirs.size), counts)
    begin = np.repeat(np.cumsum(counts) - counts, counts)
    b = order[np.repeat(first, counts) + np.arange(a.size) - begin]
    close = np.abs(theirs[a] - ours[b]) <= np.maximum(tolerance[a], tolerance[b])
    return a[close], b[close]


def _told(lines, figures, theirs, ours):
    """Whether calls or minutes that are printed agree, and no calls differ."""
    calls = lines.calls[theirs] == figures.calls[ours]
    apart = np.abs(lines.seconds_ms[theirs] - figures.seconds[ours] * 1000)
    minutes = (apart <= lines.minute_unit) & (lines.seconds_ms[theirs] >= 0)
    printed = lines.calls[theirs] >= 0
    return np.where(printed, calls, minutes)


def _mutual(one, other, size):
    """Pairs that are so both ways, each with no third."""
    code = one * size + other
    both = np.isin(code, other * size + one)
    one, other = one[both], other[both]
    counts = np.bincount(one, minlength=size)
    alone = (counts[one] == 1) & (counts[other] == 1)
    return one[alone], other[alone]
