"""Rate columns of calls with a compiled deck."""

from dataclasses import dataclass

import numpy as np

from .columns import build, check_digits, put
from .deck import JURISDICTIONS, MOMENTS
from .money import MULTIPLIER_LIMIT, MULTIPLIER_ONE, amounts, round_amounts
from .number_rules import MAX_DIGITS
from .parse import DURATION_LIMIT_MS, INT64_MAX
from .seconds import billed_seconds, whole_seconds

OK, NO_RATE, BLOCKED, ZERO = range(4)
STATUSES = ("ok", "no_rate", "blocked", "zero")
NO_TIME = -INT64_MAX  # a call without answer time
NO_PRICE = -1
NO_RATE_ID = -1

# column: (dtype, default, lowest, highest); no default = required
_COLUMNS = {
    "number": (np.int64, None, 0, 10**MAX_DIGITS - 1),
    "number_len": (np.int8, None, 0, MAX_DIGITS),
    "setup_us": (np.int64, None, NO_TIME, INT64_MAX),
    "duration_ms": (np.int64, None, 0, DURATION_LIMIT_MS),
    "caller": (np.int64, 0, 0, 10**MAX_DIGITS - 1),
    "caller_len": (np.int8, 0, 0, MAX_DIGITS),
    "answer_us": (np.int64, NO_TIME, NO_TIME, INT64_MAX),
    "jurisdiction": (np.int8, 0, 0, len(JURISDICTIONS) - 1),
    "multiplier": (np.int64, MULTIPLIER_ONE, 0, MULTIPLIER_LIMIT),
    "answered": (np.int8, 0, 0, 1),
}


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """Columns of one length, one row per call; build with :meth:`of`.

    Numbers are E.164 digits as an int and their count; a caller of 0 digits is
    unknown. ``duration_ms`` is the *answered* duration; ``answered`` (0 or 1) says
    whether it was answered at all and is duration > 0 where left out. Times are
    microseconds since 1970, ``answer_us`` :data:`NO_TIME` where there is none.
    ``jurisdiction`` are codes of ``JURISDICTIONS``; ``multiplier`` in millionths is
    the product of time bands and quality tiers.
    """

    number: np.ndarray
    number_len: np.ndarray
    setup_us: np.ndarray
    duration_ms: np.ndarray
    caller: np.ndarray
    caller_len: np.ndarray
    answer_us: np.ndarray
    jurisdiction: np.ndarray
    multiplier: np.ndarray
    answered: np.ndarray

    @classmethod
    def of(cls, **columns):
        """Check the columns given and fill the others with their defaults.

        :raise ValueError: for a missing column, a length or a value out of bounds
        """
        if columns.get("answered") is None and columns.get("duration_ms") is not None:
            answered = np.asarray(columns["duration_ms"]) > 0
            columns["answered"] = answered.astype(np.int8)
        calls = cls(**build(_COLUMNS, columns))
        check_digits(calls.number, calls.number_len, "number")
        check_digits(calls.caller, calls.caller_len, "caller")
        return calls

    def __len__(self):
        return len(self.number)


@dataclass(frozen=True, slots=True, eq=False)
class RatedCalls:
    """Columns of one length, one row per call.

    ``status`` is a position in :data:`STATUSES`: ``ok``; ``no_rate`` and ``blocked``
    belong in the error queue; ``zero`` is an unanswered call, kept with the rate it
    would have had, whose amount is the fee of the attempt. ``rate_index`` is the
    position in the deck's rates; it is -1, ``rate_id`` :data:`NO_RATE_ID` and ``price``
    :data:`NO_PRICE` without a rate: a missing price is not zero. ``free`` is True where
    nothing is charged by the seconds rules, so that only a fee of the attempt is left.
    ``price`` and ``amount`` are scaled by 10^8, the amount of a payback rate is
    negative; amounts are Python integers where one does not fit int64. ``at_us`` is the
    moment that decided.
    """

    rate_index: np.ndarray
    rate_id: np.ndarray
    price: np.ndarray
    seconds: np.ndarray
    billed: np.ndarray
    free: np.ndarray
    amount: np.ndarray
    status: np.ndarray
    at_us: np.ndarray


def deciding_moments(settings, calls):
    """Return the moment that picks the rate: answer time where known, or set-up."""
    if settings.decides == MOMENTS[1]:
        return calls.setup_us
    return np.where(calls.answer_us == NO_TIME, calls.setup_us, calls.answer_us)


def _statuses(rates, index, answered):
    status = np.where(index < 0, NO_RATE, OK).astype(np.int8)
    if rates.blocked.any():
        found = np.flatnonzero(index >= 0)
        status[found[rates.blocked[index[found]]]] = BLOCKED
    status[~answered] = ZERO
    return status


def _of_matched(index, values, missing):
    """Spread ``values(positions)`` over the calls that have a rate."""
    if index.size and index.min() >= 0:
        return values(index, slice(None))
    result = np.full(index.size, missing, np.int64)
    found = np.flatnonzero(index >= 0)
    result[found] = values(index[found], found)
    return result


def charge(deck, row, seconds, price, multiplier, first_price=None):
    """Charge answered calls, those that round to 0 seconds among them.

    :param row: int64 positions in the deck's rates
    :param first_price: of :meth:`~.deck.CompiledDeck.first_prices`
    :return: ``(billed seconds, free, amount)``
    """
    rates, settings = deck.rates, deck.settings
    initial = rates.initial[row]
    billed, free = billed_seconds(
        seconds,
        initial,
        rates.next[row],
        settings.formula,
        rates.grace[row],
        settings.grace_kind,
        np.ones(seconds.shape, bool),
    )
    amount = amounts(
        price,
        billed,
        rates.connect_fee[row],
        rates.min_charge[row],
        rates.max_charge[row],
        free,
        settings.decimals,
        settings.rounding,
        multiplier,
        first_price,
        initial,
        rates.attempt_fee[row] if deck.has_attempt_fees else None,
    )
    return billed, free, np.where(rates.payback[row], -amount, amount)


def _charge_attempts(deck, index, status, amount):
    """Charge calls that nobody answered the fee of their rate, if it has one.

    :return: ``amount``, int64 or Python integers as it came
    """
    rates, settings = deck.rates, deck.settings
    rows = np.flatnonzero((status == ZERO) & (index >= 0))
    fee = np.where(rates.blocked[index[rows]], 0, rates.attempt_fee[index[rows]])
    fees = round_amounts(fee, 1, settings.decimals, settings.rounding)
    return put(amount, rows, fees)


def rate_calls(deck, calls):
    """Rate every call; no call raises.

    :param deck: :class:`~.deck.CompiledDeck`
    :param calls: :class:`Calls`
    :return: :class:`RatedCalls`
    """
    rates = deck.rates
    at_us = deciding_moments(deck.settings, calls)
    index = deck.match(
        calls.number, calls.number_len, calls.caller, calls.caller_len, at_us
    )
    seconds = whole_seconds(calls.duration_ms, deck.settings.duration_rounding)
    answered = calls.answered == 1
    seconds = np.where(answered, seconds, 0)
    status = _statuses(rates, index, answered)
    price = _of_matched(
        index,
        lambda row, which: deck.prices(row, calls.jurisdiction[which]),
        NO_PRICE,
    )
    billed = np.zeros(index.size, np.int64)
    amount = np.zeros(index.size, np.int64)
    free = ~answered
    rows = np.flatnonzero(status == OK)
    if rows.size == index.size:
        rows = slice(None)
    first = deck.first_prices(index[rows], calls.jurisdiction[rows], price[rows])
    billed[rows], free[rows], charged = charge(
        deck, index[rows], seconds[rows], price[rows], calls.multiplier[rows], first
    )
    amount = put(amount, rows, charged)
    if deck.has_attempt_fees:
        amount = _charge_attempts(deck, index, status, amount)
    rate_id = _of_matched(index, lambda row, _which: rates.rate_id[row], NO_RATE_ID)
    return RatedCalls(
        index, rate_id, price, seconds, billed, free, amount, status, at_us
    )
