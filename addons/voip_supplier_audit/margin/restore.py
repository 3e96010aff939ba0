"""Which price per minute brings a given sale, by the rating engine. No Odoo here.

Fees, minimum charges and the rounding of each call are not proportional to the price,
so a rule of three would miss: the calls are charged again at each price that is tried.
What they come to never falls with the price, so halving finds the least one.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from odoo.addons.voip_rating.engine.money import (
    NONE,
    ONE,
    PRICE_LIMIT,
    PRICE_SCALE,
    amounts,
)


@dataclass(frozen=True, slots=True)
class Charge:
    """How a rate charges: scaled integers (10^-8), and the deck's rounding.

    ``first`` is the price of the first increment or None: it stays as it is.
    """

    connect_fee: int
    min_charge: int
    max_charge: int
    attempt_fee: int
    first: int | None
    initial: int
    decimals: int
    rounding: str


@dataclass(frozen=True, slots=True)
class Billed:
    """Calls by length: ``seconds`` billed, whether ``free`` of all but the attempt's
    fee, ``calls`` of each; reversals count as minus one. Sequences of one length."""

    seconds: list
    free: list
    calls: list


def sale_at(price, charge, billed):
    """What the calls come to at a price (both scaled by 10^8)."""
    seconds = np.asarray(billed.seconds, np.int64)
    size = seconds.size

    def column(value):
        return np.full(size, value, np.int64)

    each = amounts(
        column(price),
        seconds,
        column(charge.connect_fee),
        column(charge.min_charge),
        column(charge.max_charge),
        np.asarray(billed.free, bool),
        charge.decimals,
        charge.rounding,
        first_price=None if charge.first is None else column(charge.first),
        initial=column(charge.initial),
        attempt_fee=column(charge.attempt_fee) if charge.attempt_fee else None,
    )
    pairs = zip(each.tolist(), billed.calls, strict=True)
    return sum(int(amount) * int(calls) for amount, calls in pairs)


def restoring_price(price, sold, needed, charge, billed):
    """The least price per minute at which the calls bring ``needed``.

    :param price: Decimal, that rated them
    :param sold: Decimal, what they came to at it, in the deck's currency
    :param needed: Fraction, in the deck's currency
    :return: Decimal with at most the deck's decimals, above ``price``; None where no
        price does, for a maximum charge or free calls, or the price is enough
    """
    # Of whatever else moved the amounts (a multiplier) nothing changes with the price.
    rest = scaled(sold) - sale_at(scaled(price), charge, billed)
    target = needed * ONE - rest
    if Fraction(sale_at(scaled(price), charge, billed)) >= target:
        return None
    unit = 10 ** (PRICE_SCALE - charge.decimals)
    low, step, top = scaled(price) // unit, 1, PRICE_LIMIT * ONE // unit - 1

    def brings(steps):
        return Fraction(sale_at(steps * unit, charge, billed)) >= target

    while low + step < top and not brings(low + step):
        low, step = low + step, step * 2
    high = min(low + step, top)
    if not brings(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if brings(middle) else (middle, high)
    return Decimal(high * unit).scaleb(-PRICE_SCALE)


def scaled(value):
    """A Decimal of at most 8 decimals as integer of 10^-8."""
    return int(Decimal(value).scaleb(PRICE_SCALE).to_integral_value())


def charge_of(values, priced):
    """The :class:`Charge` of a rate's row.

    :param values: {column of ``voip_rate``: Decimal or int}, with the deck's
        ``decimals`` and ``rounding``
    :param priced: Decimal, the price that rated the calls; a price of their
        jurisdiction is taken for the first increment too
    """
    first = values["first_price"]
    own = first >= 0 and priced == values["price_per_minute"]
    return Charge(
        connect_fee=scaled(values["connect_fee"]),
        min_charge=scaled(values["min_charge"]),
        max_charge=scaled(values["max_charge"]) or NONE,
        attempt_fee=scaled(values["attempt_fee"]),
        first=scaled(first) if own else None,
        initial=values["initial_increment"],
        decimals=values["decimals"],
        rounding=values["rounding"],
    )
