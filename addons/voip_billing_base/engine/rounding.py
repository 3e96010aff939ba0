"""Rounding of exact sums to a currency, once."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from .exact import INT64_MAX, largest, narrow

RATIO_PLACES = 8
TAX_PLACES = 6


def to_currency(amount, decimals):
    """Round an exact Decimal half-up to ``decimals`` places of its currency."""
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def tax_estimates(amounts, ratio, scale=8):
    """Estimated tax of amounts in units of 10**-scale.

    :param amounts: array of scaled integers
    :param ratio: Decimal of at most 8 decimals, tax per unit of amount (0.15 for 15 %);
        below zero where the amounts hold a tax that is not charged
    :return: scaled, int64 where all fit, else Python integers; rounded half-up on the
        magnitude to 6 decimals
    """
    if ratio < 0:
        return -tax_estimates(amounts, -ratio, scale)
    parts = int(ratio.scaleb(RATIO_PLACES))
    unit = 10 ** (scale - TAX_PLACES)
    divisor = 10**RATIO_PLACES * unit
    size = np.abs(amounts)
    if 2 * largest(size) * parts + divisor > INT64_MAX:
        size = size.astype(object)
    rounded = (2 * size * parts + divisor) // (2 * divisor) * unit
    return narrow(np.where(amounts < 0, -rounded, rounded))


def converted(amounts, rate, places=6, scale=8):
    """Amounts in another currency, half-up on the magnitude to ``places`` decimals.

    :param amounts: array of integers in units of 10**-scale
    :param rate: Decimal, units of the other currency for one
    :return: the same units, int64 where all fit, else Python integers
    """
    above, below = rate.as_integer_ratio()
    unit = 10 ** (scale - places)
    size = np.abs(amounts).astype(object)
    rounded = (2 * size * above + below * unit) // (2 * below * unit) * unit
    return narrow(np.where(amounts < 0, -rounded, rounded))
