"""What is different about each call, and the money that this proves by itself."""

from dataclasses import dataclass

import numpy as np

from .nearest import printed_step
from .pair import DUPLICATE, LEG, Match
from .records import HOUR_US, SECOND_US
from .results import Fact
from .rules import Supposition

CLASSES = (
    "equal",
    "missing_here",
    "missing_there",
    "duration",
    "rate",
    "rounding",
    "increments",
    "time_zone",
    "period_edge",
    "effective_date",
    "unanswered",
    "unknown_code",
    "currency",
    "duplicate",
    "out_of_period",
    "credit",
)
CODE = {name: code for code, name in enumerate(CLASSES)}
NO_LINE = -1
_ZONES_US = 20 * HOUR_US  # further than zones reach, so that a day is none
UNKNOWN = -1  # a price or amount that is not printed
# Classes whose money is theirs alone: we expected nothing of these records.
FACTS = {
    "duplicate": "duplicate",
    "missing_here": "missing_here",
    "unknown_code": "unknown_code",
    "unanswered": "unanswered",
    "period_edge": "period_edge",
    "credit": "credit",
}


@dataclass(frozen=True, slots=True, eq=False)
class Charged:
    """What one side charges for its records; columns of one length.

    ``line`` is the position of the invoice's line (-1 = of none), ``amount`` and
    ``price`` (per minute) are scaled by 10^8, ``price`` -1 = not printed;
    ``other_price`` is the price of another date (of ours only), ``seconds_ms`` the
    duration, ``answered`` whether somebody took the call, by that side.
    """

    line: np.ndarray
    amount: np.ndarray
    price: np.ndarray
    other_price: np.ndarray
    seconds_ms: np.ndarray
    answered: np.ndarray


@dataclass(frozen=True, slots=True)
class Limits:
    """What is still the same.

    :param period: ``(from, to)``, microseconds by our clock
    :param duration_ms: difference of durations
    :param rounding: scaled amount of one call
    :param factor: their currency in ours ``(over, under)``, if one is suspected
    """

    period: tuple
    duration_ms: int = 5_000
    rounding: int = 1_000_000
    factor: tuple | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Codes of :data:`CLASSES` of theirs and ours, and the supplier's zone (µs)."""

    theirs: np.ndarray
    ours: np.ndarray
    zone_us: int


def classify(match: Match, ours: Charged, theirs: Charged, ours_us, limits):
    """Class of each record.

    :param ours_us: int64 starts of ours
    :return: :class:`Classes`; a leg has the class of its call; what is below nothing is
        a credit, which is of no call
    """
    zone = find_zone(match, ours, ours_us, limits.period)
    paired = match.ours >= 0
    other = np.where(paired, match.ours, 0)
    code = np.zeros(len(theirs.line), np.int8)
    if len(ours.line):
        code[paired] = _pairs(match, ours, theirs, other, limits)[paired]
        _mark_edges(code, paired, ours_us[other], limits.period, zone)
        # An attempt may cost something by agreement.
        dearer = theirs.amount > ours.amount[other]
        unanswered = paired & ~ours.answered[other] & dearer
        code[unanswered] = CODE["unanswered"]
    unknown = theirs.line == NO_LINE
    code[~paired] = np.where(
        unknown[~paired], CODE["unknown_code"], CODE["missing_here"]
    )
    code[match.way == DUPLICATE] = CODE["duplicate"]
    code[theirs.amount < 0] = CODE["credit"]
    return Classes(code, _of_ours(match, ours, ours_us, code, limits, zone), zone)


def set_foreign(classes, match, foreign):
    """Mark what is not compared: calls of ours that cost another currency.

    :param foreign: bool, a row per call of ours
    """
    classes.ours[foreign] = CODE["currency"]
    paired = np.flatnonzero(match.ours >= 0)
    classes.theirs[paired[foreign[match.ours[paired]]]] = CODE["currency"]


def _pairs(match, ours, theirs, other, limits):
    """Class of each pair by its duration, price and amount."""
    gap = np.abs(theirs.amount - ours.amount[other])
    step = printed_step(theirs.seconds_ms) * 1000
    mine = ours.seconds_ms[other]
    rounded = -(-mine // step) * step
    apart = np.minimum(
        np.abs(theirs.seconds_ms - mine), np.abs(theirs.seconds_ms - rounded)
    )
    priced = theirs.price >= 0
    same_price = ~priced | (theirs.price == ours.price[other])
    conditions = [
        gap == 0,
        (apart > limits.duration_ms) & (match.way != LEG),
        priced & (theirs.price == ours.other_price[other]) & ~same_price,
        ~same_price,
        _is_factor(theirs.amount, ours.amount[other], limits),
        gap <= limits.rounding,
    ]
    names = ("equal", "duration", "effective_date", "rate", "currency", "rounding")
    return np.select(conditions, [CODE[name] for name in names], CODE["increments"])


def _is_factor(theirs, ours, limits):
    if limits.factor is None:
        return np.zeros(theirs.size, bool)
    over, under = limits.factor
    return (np.abs(theirs * under - ours * over) <= limits.rounding * under) & (
        theirs != ours
    )


def _mark_edges(code, paired, moments, period, zone):
    """Pairs beyond the period: as agreed, or even as the supplier's zone cuts it."""
    first, last = period
    outside = paired & ((moments < first) | (moments >= last))
    beyond = paired & ((moments < first - zone) | (moments >= last - zone))
    code[outside] = CODE["time_zone"]
    code[beyond] = CODE["period_edge"]


def _of_ours(match, ours, ours_us, theirs_code, limits, zone):
    first, last = limits.period
    code = np.full(len(ours.line), CODE["missing_there"], np.int8)
    paired = match.theirs >= 0
    code[paired] = theirs_code[match.theirs[paired]]
    alone = ~paired
    shifted = (ours_us < first - zone) | (ours_us >= last - zone)
    code[alone & shifted] = CODE["time_zone"]
    code[alone & ((ours_us < first) | (ours_us >= last))] = CODE["out_of_period"]
    code[alone & (ours.amount == 0)] = CODE["equal"]
    code[match.my_way == DUPLICATE] = CODE["duplicate"]
    return code


def find_zone(match, ours, ours_us, period):
    """Zone of the supplier's period ahead of the one agreed, in microseconds.

    The zone by which the calls at both ends of the period are there or lacking as they
    must; if there is none, as calls of before were added, that of the end alone; 0
    unless it explains most of them.
    """
    near = [np.abs(ours_us - moment) < _ZONES_US for moment in period]
    for rows in (near[0] | near[1], near[1]):
        rows = np.flatnonzero(rows & (ours.amount > 0))
        zone = _zone_of(ours_us[rows], match.theirs[rows] >= 0, period)
        if zone:
            return zone
    return 0


def _zone_of(moments, there, period):
    best, least, agreed = 0, None, None
    for quarters in sorted(range(-56, 57), key=abs):
        zone = quarters * 900 * SECOND_US
        inside = (moments >= period[0] - zone) & (moments < period[1] - zone)
        wrong = int((inside != there).sum())
        agreed = wrong if agreed is None else agreed
        if least is None or wrong < least:
            best, least = zone, wrong
    return best if agreed - least >= 5 and least <= agreed // 4 else 0


def facts(classes, match, theirs, lines):
    """What the records prove: :class:`~.results.Fact` of each kind.

    What came with an ambiguous pair is left out.

    :param lines: number of lines of the invoice
    """
    result = []
    certain = ~match.ambiguous & (theirs.line != NO_LINE)
    for name, kind in FACTS.items():
        rows = np.flatnonzero((classes.theirs == CODE[name]) & certain)
        if rows.size:
            columns = [
                _by_line(theirs.line[rows], values, lines)
                for values in (
                    theirs.amount[rows],
                    np.ones(rows.size, np.int64),
                    -(-theirs.seconds_ms[rows] // 1000),
                )
            ]
            result.append(Fact(kind, *columns))
    return result


def _by_line(line, values, lines):
    result = np.zeros(lines, np.int64)
    np.add.at(result, line, values)
    return result


def known_of_ours(classes, match, ours, theirs):
    """What the records say of our calls, for :meth:`~.tally.OurCalls.of`.

    :return: ``their_ms``, ``their_amount`` and ``left_out`` by name
    """
    paired = np.flatnonzero((match.theirs >= 0) & (match.my_way != LEG))
    other = match.theirs[paired]
    certain = ~match.ambiguous[other]
    paired, other = paired[certain], other[certain]
    their_ms = ours.seconds_ms.copy()
    longer = classes.theirs[other] == CODE["duration"]
    their_ms[paired[longer]] = theirs.seconds_ms[other[longer]]
    their_amount = np.full(len(ours.line), UNKNOWN, np.int64)
    plain = ~np.isin(classes.theirs[other], [CODE["unanswered"], CODE["period_edge"]])
    their_amount[paired[plain]] = theirs.amount[other[plain]]
    left_out = classes.ours == CODE["missing_there"]
    return {"their_ms": their_ms, "their_amount": their_amount, "left_out": left_out}


def proven(classes, ours, known):
    """What the records say of all calls, as suppositions that hold.

    :param known: of :func:`known_of_ours`
    """
    found = []
    if classes.zone_us:
        found.append(Supposition("time_zone", {"zone_us": classes.zone_us}))
    if known["left_out"].any():
        found.append(Supposition("missing_there", {"left_out": True}))
    if (known["their_ms"] != ours.seconds_ms).any():
        found.append(Supposition("duration", {"their_durations": True}))
    return found
