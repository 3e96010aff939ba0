"""Exact money on scaled integers: 1.00 is 100,000,000 (8 decimals).

An amount is computed as an exact fraction and rounded once per call:
(connect fee + first price · seconds of the first increment / 60 + price per minute ·
the other billed seconds / 60) · multiplier, then at least the minimum charge, then at
most the maximum charge, then the fee of the attempt is added, then rounded. The
fraction is kept in sixtieths of a scaled unit, so no digit is lost before the one
rounding.

Prices, fees and charges are below 10^17 scaled and fit int64, sixty times as well. A
product fits as long as the greatest factors of its columns say so; columns of which
they do not are computed on Python integers (dtype object), with the same functions and
the same result. What comes out is int64 again where all of it fits.

No call passes 10^15: price < 10^9, billed <= 532,800 s and a multiplier of 100 give
less than 8.9·10^14. A conversion may; whoever converts compares with AMOUNT_LIMIT.
"""

from decimal import Decimal

import numpy as np

from .codes import check_range, choose
from .columns import narrow, put
from .parse import EXACT, INT64_MAX, BadValue, parse_decimal, quote
from .seconds import BILLED_LIMIT

PRICE_SCALE = 8
ONE = 10**PRICE_SCALE
PRICE_LIMIT = 10**9  # exclusive, for prices, fees and charges
AMOUNT_LIMIT = 10**15  # largest amount of a call or conversion, in currency units
MULTIPLIER_ONE = 1_000_000  # multipliers have six decimals
MULTIPLIER_LIMIT = 100 * MULTIPLIER_ONE
ROUNDINGS = ("half_up", "up", "down", "half_even")
NONE = -1  # no such price, no maximum

_TOP = PRICE_LIMIT * ONE - 1


class BadPrice(BadValue):
    """A price or amount that was refused."""


def to_scaled(value, limit=PRICE_LIMIT):
    """Read a price: text, int, float or Decimal to a scaled int.

    :raise BadPrice: not a plain number, negative, not below ``limit``, or with more
        than 8 decimals
    """
    number = parse_decimal(value, low=0, error=BadPrice)
    if number >= limit:
        raise BadPrice(f"{quote(value)} is not below {limit}")
    scaled = EXACT.scaleb(number, PRICE_SCALE)
    if scaled != scaled.to_integral_value():
        raise BadPrice(f"{quote(value)} has more than {PRICE_SCALE} decimals")
    return int(scaled)


def from_scaled(value):
    """Return the exact Decimal of one scaled int."""
    return EXACT.scaleb(Decimal(int(value)), -PRICE_SCALE)


def _text(value):
    digits = f"{abs(value):09d}"
    text = f"{digits[:-8]}.{digits[-8:]}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text


def to_text(values):
    """Return plain decimal texts of scaled ints, without trailing zeros."""
    return [_text(int(value)) for value in values]


def _round_quotient(numerator, denominator, mode):
    """Round numerator / denominator, numerator >= 0, to whole numbers."""
    quotient = numerator // denominator
    twice = 2 * (numerator - quotient * denominator)
    if mode == 0:
        return quotient + (twice >= denominator)
    if mode == 1:
        return quotient + (twice > 0)
    if mode == 2:
        return quotient
    odd = quotient % 2 == 1
    return quotient + ((twice > denominator) | ((twice == denominator) & odd))


def _unit(decimals):
    return 10 ** (PRICE_SCALE - decimals)


def _settings_groups(decimals, mode, size):
    """Yield ``(rows, decimals, mode code)`` for each distinct pair of settings."""
    decimals = check_range(decimals, 0, PRICE_SCALE, "decimals", ValueError)
    code = choose(mode, ROUNDINGS, "rounding")
    if decimals.ndim == 0 and isinstance(code, int):
        yield slice(None), int(decimals), code
        return
    key = np.broadcast_to(decimals * len(ROUNDINGS) + code, (size,))
    for pair in np.unique(key).tolist():
        places, way = divmod(pair, len(ROUNDINGS))
        yield np.flatnonzero(key == pair), places, way


def _top(values):
    return int(values.max(initial=0))


def gross_sixtieths(price, billed, connect_fee, first_price=None, initial=0):
    """Return connect fee + price · seconds / 60 in sixtieths of a scaled unit.

    :param first_price: per minute of the first ``initial`` seconds; None: as price
    """
    price = check_range(price, 0, _TOP, "price per minute (scaled)")
    billed = check_range(billed, 0, BILLED_LIMIT, "billed seconds")
    connect_fee = check_range(connect_fee, 0, _TOP, "connect fee (scaled)")
    if _top(price) * _top(billed) + _top(connect_fee) * 60 > INT64_MAX:
        price, connect_fee = price.astype(object), connect_fee.astype(object)
    if first_price is None:
        return price * billed + connect_fee * 60
    first = check_range(first_price, 0, _TOP, "price of the first increment (scaled)")
    top = max(_top(price), _top(first))
    if top * _top(billed) + _top(connect_fee) * 60 > INT64_MAX:
        price, first = price.astype(object), first.astype(object)
    opening = np.minimum(billed, initial)
    return first * opening + price * (billed - opening) + connect_fee * 60


def add_attempt_fee(numerator, parts, attempt_fee, free):
    """Add what the attempt costs; of ``free`` calls it is all that is left."""
    fee = check_range(attempt_fee, 0, _TOP, "attempt fee (scaled)")
    charged = np.where(free, 0, numerator)
    if _top(charged) + _top(fee) * parts > INT64_MAX:
        charged, fee = charged.astype(object), fee.astype(object)
    return charged + fee * parts


def apply_multiplier(sixtieths, multiplier, ceiling):
    """Multiply exactly; returns ``(numerators, parts of one scaled unit)``.

    :param multiplier: int64 array or scalar in millionths
    :param ceiling: largest charge that will be compared with the result
    """
    factor = check_range(multiplier, 0, MULTIPLIER_LIMIT, "multiplier (millionths)")
    if not factor.size or (factor == MULTIPLIER_ONE).all():
        return sixtieths, 60
    parts = 60 * MULTIPLIER_ONE
    top = max(_top(sixtieths), 1) * _top(factor)
    if 2 * max(top, parts * max(ceiling, ONE)) > INT64_MAX:
        sixtieths, factor = sixtieths.astype(object), factor.astype(object)
    return sixtieths * factor, parts


def clamp(numerator, parts, min_charge, max_charge):
    """Raise to the minimum, then cut to the maximum charge (``-1`` = none)."""
    # Where the numerators are Python integers the bounds must be, not to wrap.
    kind = numerator.dtype
    result = numerator
    if min_charge.any():
        result = np.maximum(result, min_charge.astype(kind) * parts)
    limited = max_charge != NONE
    if limited.any():
        most = np.minimum(result, max_charge.astype(kind) * parts)
        result = np.where(limited, most, result)
    return result


def round_amounts(numerator, parts, decimals, mode):
    """Round ``numerator / parts`` scaled units to ``decimals``; scaled."""
    result = np.empty(numerator.shape, numerator.dtype)
    for rows, places, code in _settings_groups(decimals, mode, numerator.size):
        unit = _unit(places)
        result[rows] = _round_quotient(numerator[rows], parts * unit, code) * unit
    return narrow(result)


def amounts(
    price,
    billed,
    connect_fee,
    min_charge,
    max_charge,
    free,
    decimals=6,
    mode="half_up",
    multiplier=MULTIPLIER_ONE,
    first_price=None,
    initial=0,
    attempt_fee=None,
):
    """Return the rounded amount of each call, scaled by 10^8.

    Arrays are of one length; money columns are scaled ints below 10^9 units. The
    amounts are int64, or Python integers where one of them does not fit.

    :param max_charge: ``-1`` where there is none; it wins over a higher minimum
    :param free: bool array, True where nothing is charged but the fee of the attempt
    :param decimals: 0 to 8, scalar or array
    :param mode: name or codes of :data:`ROUNDINGS`, scalar or array
    :param multiplier: in millionths, of all but the fee of the attempt
    :param first_price: per minute of the first ``initial`` seconds; None: as price
    :param attempt_fee: beside minimum and maximum; None: there is none
    :raise OverflowError: naming the bound a value breaks
    """
    min_charge = check_range(min_charge, 0, _TOP, "minimum charge (scaled)")
    max_charge = check_range(max_charge, NONE, _TOP, "maximum charge (scaled)")
    gross = gross_sixtieths(price, billed, connect_fee, first_price, initial)
    ceiling = max(_top(min_charge), _top(max_charge))
    numerator, parts = apply_multiplier(np.atleast_1d(gross), multiplier, ceiling)
    numerator = clamp(numerator, parts, min_charge, max_charge)
    if attempt_fee is not None:
        numerator = add_attempt_fee(numerator, parts, attempt_fee, free)
        return round_amounts(numerator, parts, decimals, mode)
    result = round_amounts(numerator, parts, decimals, mode)
    result[np.broadcast_to(free, result.shape)] = 0
    return result


def _convert_group(values, rate, decimals, mode):
    rate = parse_decimal(rate, error=BadPrice)
    if rate <= 0:
        raise BadPrice(f"exchange rate {quote(rate)} is not above zero")
    over, under = rate.as_integer_ratio()
    denominator = under * _unit(decimals)
    size = np.abs(values)
    if 2 * max(_top(size) * over, denominator) > INT64_MAX:
        size = size.astype(object)
    result = _round_quotient(size * over, denominator, mode) * _unit(decimals)
    return np.where(values < 0, -result, result)


def convert(values, rates, decimals, mode="half_up", group=None):
    """Convert amounts to another currency, exactly, rounded once, sign kept.

    :param values: array of scaled integers
    :param rates: one Decimal, or a sequence of Decimals picked by ``group``
    :param group: int array, position in ``rates`` for each value
    :return: scaled, int64 where all fit, else Python integers; rounding is on the
        magnitude
    :raise BadPrice: for a rate that is not a positive number
    """
    if values.dtype != object:
        values = check_range(values, -INT64_MAX, INT64_MAX, "amount (scaled)")
    code = choose(mode, ROUNDINGS, "rounding")
    decimals = int(check_range(decimals, 0, PRICE_SCALE, "decimals", ValueError))
    if group is None:
        return narrow(_convert_group(values, rates, decimals, code))
    group = check_range(group, 0, len(rates) - 1, "group", IndexError)
    result = np.zeros(values.shape, np.int64)
    for number in np.unique(group).tolist():
        rows = group == number
        part = _convert_group(values[rows], rates[number], decimals, code)
        result = put(result, rows, narrow(part))
    return result
