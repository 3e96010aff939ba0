"""The rating rules for one call, in plain Python with Decimal and text prefixes.

Written apart from the engine and sharing no code with it: the tests compare both, and
the demo (``tools/demo/rating.py``) the whole product. Standard library only.
Times are microseconds, money is Decimal, durations are milliseconds.
"""

import decimal
import math
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

CONTEXT = decimal.Context(prec=100)
WAYS = {
    "half_up": decimal.ROUND_HALF_UP,
    "up": decimal.ROUND_UP,
    "down": decimal.ROUND_DOWN,
    "half_even": decimal.ROUND_HALF_EVEN,
}
SECOND_WAYS = {
    "up": decimal.ROUND_CEILING,
    "nearest": decimal.ROUND_HALF_UP,
    "down": decimal.ROUND_FLOOR,
}


@dataclass(frozen=True)
class Rate:
    """One rate version; ``None`` stands for: no such price, no maximum, no end."""

    rate_id: int
    prefix: str
    price: Decimal
    origin: str = ""
    price_intra: Decimal | None = None
    price_local: Decimal | None = None
    price_indeterminate: Decimal | None = None
    first_price: Decimal | None = None
    connect_fee: Decimal = Decimal(0)
    min_charge: Decimal = Decimal(0)
    max_charge: Decimal | None = None
    attempt_fee: Decimal = Decimal(0)
    initial: int = 1
    next: int = 1
    grace: int = 0
    effective_from: int = 0
    effective_to: int | None = None
    blocked: bool = False
    payback: bool = False


@dataclass(frozen=True)
class Deck:
    """The rates and the settings of a deck."""

    rates: tuple
    formula: str = "A"
    rounding: str = "half_up"
    decimals: int = 6
    duration_rounding: str = "up"
    grace_kind: str = "threshold"
    decides: str = "answer"

    @cached_property
    def by_prefix(self):
        """{prefix: its rates}; a deck may have any number of prefixes."""
        found = defaultdict(list)
        for rate in self.rates:
            found[rate.prefix].append(rate)
        return dict(found)


@dataclass(frozen=True)
class Call:
    """One call; ``answer_us`` is None where it is not known.

    ``answered`` None: calls of no duration were not answered.
    """

    number: str
    setup_us: int
    duration_ms: int
    caller: str = ""
    answer_us: int | None = None
    jurisdiction: str = "inter"
    multiplier: Decimal = Decimal(1)
    answered: bool | None = None


def find_rate(deck, call, at_us):
    """Try the prefixes of a number from the longest to the shortest."""
    for length in range(len(call.number), -1, -1):
        fitting = [
            rate
            for rate in deck.by_prefix.get(call.number[:length], ())
            if rate.effective_from <= at_us
            and (rate.effective_to is None or at_us < rate.effective_to)
            and call.caller.startswith(rate.origin)
        ]
        if fitting:
            return max(
                fitting,
                key=lambda rate: (len(rate.origin), rate.effective_from, rate.rate_id),
            )
    return None


def price_of(rate, jurisdiction):
    """Pick the price per minute."""
    if jurisdiction == "intra" and rate.price_intra is not None:
        return rate.price_intra
    if jurisdiction == "local" and rate.price_local is not None:
        return rate.price_local
    if jurisdiction == "indeterminate":
        if rate.price_indeterminate is not None:
            return rate.price_indeterminate
        if rate.price_intra is not None and rate.price_intra > rate.price:
            return rate.price_intra
    return rate.price


def first_price_of(rate, jurisdiction):
    """Pick the price of the first increment: only the price per minute has its own."""
    stated = {
        "intra": rate.price_intra,
        "local": rate.price_local,
        "indeterminate": rate.price_indeterminate,
    }
    replaced = stated.get(jurisdiction) is not None
    if jurisdiction == "indeterminate" and rate.price_intra is not None:
        replaced = replaced or rate.price_intra > rate.price
    if replaced or rate.first_price is None:
        return price_of(rate, jurisdiction)
    return rate.first_price


def seconds_of(duration_ms, way):
    """Round milliseconds to whole seconds."""
    exact = Decimal(duration_ms) / 1000
    return int(exact.quantize(Decimal(1), rounding=SECOND_WAYS[way]))


def increments(d, i, n, formula):
    """Apply the formulas as they are written down."""
    if formula == "C":
        return math.ceil(Fraction(max(d, i), n)) * n
    if d <= i:
        return i
    if formula == "B":
        return math.ceil(Fraction(d, n)) * n
    return i + math.ceil(Fraction(d - i, n)) * n


def billed_of(d, rate, deck):
    """Return ``(billed seconds, free)`` of an answered call of d seconds."""
    if rate.grace and deck.grace_kind == "threshold" and d <= rate.grace:
        return 0, True
    if deck.grace_kind == "deduction":
        d -= rate.grace
    if deck.grace_kind == "addition":
        d += rate.grace
    if d <= 0:
        return 0, False
    return increments(d, rate.initial, rate.next, deck.formula), False


def amount_of(first, price, billed, rate, deck, multiplier):
    """Return the rounded amount of a call that is not free."""
    with decimal.localcontext(CONTEXT):
        opening = min(billed, rate.initial)
        minutes = (first * opening + price * (billed - opening)) / 60
        amount = (rate.connect_fee + minutes) * multiplier
        amount = max(amount, rate.min_charge)
        if rate.max_charge is not None:
            amount = min(amount, rate.max_charge)
        amount += rate.attempt_fee
        amount = rounded(amount, deck.decimals, deck.rounding)
        return -amount if rate.payback else amount


def fee_of(rate, deck):
    """Return what is left of a call that is free: the fee of its attempt."""
    if rate is None or rate.blocked:
        return Decimal(0)
    return rounded(rate.attempt_fee, deck.decimals, deck.rounding)


def rounded(value, decimals, way):
    """Round once; a value of up to 100 digits is exact."""
    with decimal.localcontext(CONTEXT):
        return value.quantize(Decimal(1).scaleb(-decimals), rounding=WAYS[way])


def convert(amount, factor, decimals, way):
    """Return an amount in another currency, rounded once."""
    with decimal.localcontext(CONTEXT):
        return rounded(amount * factor, decimals, way)


def rate_call(deck, call):
    """Return ``(status, rate id, price, seconds, billed, free, amount)``."""
    at_us = call.setup_us
    if deck.decides == "answer" and call.answer_us is not None:
        at_us = call.answer_us
    rate = find_rate(deck, call, at_us)
    rate_id = rate.rate_id if rate else None
    price = price_of(rate, call.jurisdiction) if rate else None
    d = seconds_of(call.duration_ms, deck.duration_rounding)
    answered = call.duration_ms > 0 if call.answered is None else call.answered
    if not answered:
        return "zero", rate_id, price, 0, 0, True, fee_of(rate, deck)
    if rate is None:
        return "no_rate", None, None, d, 0, False, Decimal(0)
    if rate.blocked:
        return "blocked", rate_id, price, d, 0, False, Decimal(0)
    billed, free = billed_of(d, rate, deck)
    if free:
        return "ok", rate_id, price, d, 0, True, fee_of(rate, deck)
    first = first_price_of(rate, call.jurisdiction)
    amount = amount_of(first, price, billed, rate, deck, call.multiplier)
    return "ok", rate_id, price, d, billed, False, amount
