"""From milliseconds of talk to billed seconds.

d = answered duration in whole seconds, i = initial and n = next increment:

- A, blocks after the initial: d <= i → i, else i + ceil((d - i) / n) · n
- B, round the total:          d <= i → i, else ceil(d / n) · n
- C, increment over all:       ceil(max(d, i) / n) · n

Grace of g seconds, by its meaning:

- threshold: d <= g costs nothing, above it the whole call is charged
- deduction: the first g seconds are taken off; the connect fee stays, so a call that
  lies wholly inside them bills 0 seconds and is not free
- addition: g seconds are added
"""

import numpy as np

from .codes import check_range, choose
from .parse import DURATION_LIMIT_MS

FORMULAS = ("A", "B", "C")
GRACE_KINDS = ("threshold", "deduction", "addition")
DURATION_ROUNDINGS = ("up", "nearest", "down")

DURATION_LIMIT = DURATION_LIMIT_MS // 1000
INCREMENT_LIMIT = 86_400
GRACE_LIMIT = 86_400
# Longest call plus grace, rounded up by less than one increment.
BILLED_LIMIT = DURATION_LIMIT + GRACE_LIMIT + INCREMENT_LIMIT


def whole_seconds(duration_ms, mode="up"):
    """Round milliseconds to whole seconds.

    :param duration_ms: int64 array, 0 to 100 hours
    :param mode: ``up``, ``nearest`` (half up) or ``down``
    :return: int64 array of seconds
    """
    added = (999, 500, 0)[choose(mode, DURATION_ROUNDINGS, "duration rounding")]
    ms = check_range(duration_ms, 0, DURATION_LIMIT_MS, "duration in ms")
    return (ms + added) // 1000


def _ceil_to(seconds, step):
    return -(-seconds // step) * step


def _formula_a(seconds, initial, following):
    return initial + _ceil_to(np.maximum(seconds - initial, 0), following)


def _formula_b(seconds, initial, following):
    return np.where(seconds <= initial, initial, _ceil_to(seconds, following))


def _formula_c(seconds, initial, following):
    return _ceil_to(np.maximum(seconds, initial), following)


_APPLY = (_formula_a, _formula_b, _formula_c)


def _increments(seconds, initial, following, formula):
    code = choose(formula, FORMULAS, "formula")
    if isinstance(code, int):
        return _APPLY[code](seconds, initial, following)
    results = [apply(seconds, initial, following) for apply in _APPLY]
    return np.select([code == 0, code == 1], results[:2], results[2])


def _after_grace(seconds, grace, kind):
    """Seconds that go into the increments: 0 where nothing is left to bill."""
    shift = np.where(kind == 1, -grace, np.where(kind == 2, grace, 0))
    return np.maximum(seconds + shift, 0)


def billed_seconds(
    seconds,
    initial,
    following,
    formula="A",
    grace=0,
    grace_kind="threshold",
    answered=None,
):
    """Apply grace and increments.

    All arguments are arrays of one shape or scalars.

    :param seconds: int64, whole seconds of the answered duration
    :param initial: initial increment, >= 1
    :param following: next increment, >= 1
    :param formula: ``A``, ``B``, ``C`` or codes into :data:`FORMULAS`
    :param grace: seconds, 0 = none
    :param grace_kind: a name or codes of :data:`GRACE_KINDS`
    :param answered: bool; left out, calls of 0 seconds were not answered. One that was,
        and rounds to 0, bills 0 seconds and is not free
    :return: ``(billed, free)``: int64 seconds, and True where nothing is charged for
        the call, not even a connect fee: unanswered, or free by threshold
    :raise ValueError: for an increment below 1
    :raise OverflowError: beyond 100 hours, or increments or grace beyond a day
    """
    seconds = check_range(seconds, 0, DURATION_LIMIT, "seconds")
    initial = check_range(initial, 1, INCREMENT_LIMIT, "initial increment", ValueError)
    following = check_range(
        following, 1, INCREMENT_LIMIT, "next increment", ValueError
    )
    grace = check_range(grace, 0, GRACE_LIMIT, "grace")
    free = seconds == 0 if answered is None else ~np.asarray(answered, bool)
    counted = seconds
    if grace.any():
        kind = choose(grace_kind, GRACE_KINDS, "grace kind")
        free = free | ((kind == 0) & (seconds <= grace))
        counted = _after_grace(seconds, grace, kind)
    billed = _increments(counted, initial, following, formula)
    return np.where(free | (counted == 0), 0, billed), free
