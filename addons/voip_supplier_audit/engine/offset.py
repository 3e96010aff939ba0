"""How the clock of the supplier's records differs from ours.

Differences of calls that are likely the same are put in a histogram of seconds, which
smoothed over a minute shows the offset among chance hits; medians of six hours give a
robust line through what lies near it, so that a clock that drifts is followed. A clock
change (a daylight-saving night) has a second peak a multiple of a quarter of an hour
away, and a moment from which on it counts.
"""

from dataclasses import dataclass

import numpy as np

from .records import HOUR_US, SECOND_US
from .runs import occurrence, starts

REACH_S = 26 * 3_600  # zones differ by at most 26 hours
SMOOTH_S = 61
BIN_US = 6 * HOUR_US
NEAR_US = (600 * SECOND_US, 90 * SECOND_US)  # about the peak, then about the line
SAMPLE = 200_000  # calls looked at
LEAST = 5  # calls that say so
ALIKE_S = 11  # seconds within which differences are alike
STEP_S = 900  # zones change by quarters of an hour
STEP_SHARE = 0.02  # of the higher peak
ZONE_TOLERANCE_US = 120 * SECOND_US


@dataclass(frozen=True, slots=True)
class Clock:
    """Their clock minus ours.

    ``offset_us`` counts at ``at_us``; ``drift`` is seconds a second (0.0002 = 200 ppm);
    from ``step_at_us`` (their clock; None: never) on ``step_us`` is added. ``calls``
    says how many calls the figures rest on, 0 = unknown, taken as no difference.
    """

    offset_us: int = 0
    drift: float = 0.0
    at_us: int = 0
    step_at_us: int | None = None
    step_us: int = 0
    calls: int = 0

    def ours(self, theirs_us):
        """Moments of their clock as ours would show them; int64 microseconds."""
        drifted = np.rint((theirs_us - self.at_us) * self.drift).astype(np.int64)
        result = theirs_us - self.offset_us - drifted
        if self.step_at_us is not None:
            result -= np.where(theirs_us >= self.step_at_us, self.step_us, 0)
        return result

    def away(self, theirs_us):
        """What the other side of a step adds to moments near it; 0 far from it.

        A clock that goes back shows an hour twice: which of them is meant, it does not
        say.
        """
        late = theirs_us >= self.step_at_us
        near = np.abs(theirs_us - self.step_at_us) <= 2 * abs(self.step_us)
        return np.where(near, np.where(late, self.step_us, -self.step_us), 0)

    @property
    def zone_us(self):
        """The part of the offset that is a zone: whole quarters of an hour, or 0."""
        quarter = STEP_S * SECOND_US
        zone = round(self.offset_us / quarter) * quarter
        return zone if abs(self.offset_us - zone) <= ZONE_TOLERANCE_US else 0


def same_calls(ours_key, ours_us, theirs_key, theirs_us):
    """Rows that are likely the same call: of keys as frequent here as there.

    The n-th here goes with the n-th there. Of most number pairs there is one call.

    :param ours_key, theirs_key: int64, equal for equal numbers
    :return: ``(rows of ours, rows of theirs)``
    """
    part = max(theirs_key.size // SAMPLE, 1)  # keys are spread: any part of them does
    mine, my_key, my_nth, my_count = _ordered(ours_key, ours_us, part)
    other, other_key, other_nth, other_count = _ordered(theirs_key, theirs_us, part)
    if not mine.size:
        return mine, mine
    first = my_key.searchsorted(other_key)
    place = np.minimum(first + other_nth, mine.size - 1)
    fits = (my_key[place] == other_key) & (my_nth[place] == other_nth)
    fits &= my_count[place] == other_count
    return mine[place[fits]], other[fits]


def _ordered(key, moment, part):
    rows = np.flatnonzero(key % part == 0)
    order = rows[np.lexsort((moment[rows], key[rows]))]
    sorted_key = key[order]
    nth = occurrence(sorted_key)
    begins = np.flatnonzero(starts(sorted_key))
    sizes = np.diff(np.append(begins, order.size))
    return order, sorted_key, nth, np.repeat(sizes, sizes)


def is_at_end(difference_us, length_us):
    """Whether their moments are the ends of calls: with the lengths taken off, they are
    as far from ours by far more often.

    :param difference_us: int64, theirs minus ours of calls that are likely the same
    :param length_us: int64, how long they are
    """
    step = max(difference_us.size // SAMPLE, 1)
    gaps = difference_us[::step], (difference_us - length_us)[::step]
    begin, end = (_most_alike(gap) for gap in gaps)
    return end >= max(LEAST, gaps[0].size // 2) and end > 2 * begin


def _most_alike(difference_us):
    """How many differences are within a few seconds of each other, at most."""
    seconds = np.rint(difference_us / SECOND_US).astype(np.int64)
    seconds = seconds[np.abs(seconds) <= REACH_S]
    sums = np.cumsum(np.bincount(seconds + REACH_S, minlength=2 * REACH_S + 1))
    return int((sums[ALIKE_S:] - sums[:-ALIKE_S]).max())


def estimate(theirs_us, difference_us):
    """Find the clock.

    :param theirs_us: int64, moments of calls by their clock
    :param difference_us: int64, theirs minus ours of each; chance hits may be among
        them
    :return: :class:`Clock`
    """
    step = max(theirs_us.size // SAMPLE, 1)
    theirs_us, difference_us = theirs_us[::step], difference_us[::step]
    within = np.abs(difference_us) < REACH_S * SECOND_US
    theirs_us, difference_us = theirs_us[within], difference_us[within]
    if theirs_us.size < LEAST:
        return Clock()
    peak, other = _peaks(difference_us)
    if other is None:
        return _line(theirs_us, difference_us, peak)
    return _stepped(theirs_us, difference_us, peak, other)


def _peaks(difference_us):
    """The offset that most differences lie about, and a second one or None; in µs."""
    seconds = np.rint(difference_us / SECOND_US).astype(np.int64)
    counts = np.bincount(seconds + REACH_S, minlength=2 * REACH_S + 1)
    sums = np.concatenate(([0], np.cumsum(counts)))
    around = sums[SMOOTH_S:] - sums[:-SMOOTH_S]
    half = SMOOTH_S // 2
    best = int(np.argmax(around))
    top, first = int(around[best]), best + half - REACH_S
    step = np.arange(around.size) + half - REACH_S - first
    # A drift within the days widens a peak; that is no second one.
    apart = np.abs(step) - np.rint(np.abs(step) / STEP_S) * STEP_S
    allowed = (np.abs(step) > STEP_S // 2) & (np.abs(apart) <= half)
    allowed &= np.abs(step) <= 2 * 3_600
    around = np.where(allowed, around, 0)
    second = int(np.argmax(around))
    if around[second] < max(LEAST, STEP_SHARE * top):
        return first * SECOND_US, None
    return first * SECOND_US, (second + half - REACH_S) * SECOND_US


def _line(theirs_us, difference_us, peak_us):
    """A robust line through the differences near the peak."""
    at_us = int(theirs_us.min())
    offset, drift = float(peak_us), 0.0
    for near in NEAR_US:
        expected = offset + (theirs_us - at_us) * drift
        close = np.abs(difference_us - expected) <= near
        if close.sum() < LEAST:
            return Clock()
        offset, drift = _through(theirs_us[close] - at_us, difference_us[close])
    return Clock(round(offset), drift, at_us, calls=int(close.sum()))


def _through(elapsed_us, difference_us):
    """Theil-Sen through medians of six hours: ``(offset at 0, drift)``."""
    bins = elapsed_us // BIN_US
    order = np.argsort(bins, kind="stable")
    borders = np.flatnonzero(starts(bins[order]))[1:]
    groups = np.split(order, borders)
    at = np.array([np.median(elapsed_us[rows]) for rows in groups])
    level = np.array([np.median(difference_us[rows]) for rows in groups])
    first, second = np.triu_indices(at.size, 1)
    slope = 0.0
    if at.size > 3:
        apart = at[second] - at[first]
        slope = float(np.median((level[second] - level[first]) / apart))
    if abs(slope * (at[-1] - at[0])) < SECOND_US:
        slope = 0.0
    return float(np.median(level - slope * at)), slope


def _stepped(theirs_us, difference_us, peak, other):
    """A clock that changes once between two offsets, if one moment parts them."""
    near = NEAR_US[1]
    at_peak = np.abs(difference_us - peak) <= near
    rows = np.flatnonzero(at_peak | (np.abs(difference_us - other) <= near))
    rows = rows[np.argsort(theirs_us[rows], kind="stable")]
    vote = np.where(at_peak[rows], 1, -1)
    before = np.concatenate(([0], np.cumsum(vote)))
    score = 2 * before - before[-1]  # the peak before the cut, the other one after
    cut = int(np.argmax(np.abs(score)))
    if cut in (0, rows.size) or abs(score[cut]) < 0.9 * rows.size:
        return _line(theirs_us, difference_us, peak)
    early, late = (peak, other) if score[cut] > 0 else (other, peak)
    step_at = int(theirs_us[rows[cut]])
    step = round((late - early) / (STEP_S * SECOND_US)) * STEP_S * SECOND_US
    level = difference_us - np.where(theirs_us >= step_at, step, 0)
    line = _line(theirs_us, level, early)
    return Clock(line.offset_us, line.drift, line.at_us, step_at, step, line.calls)
