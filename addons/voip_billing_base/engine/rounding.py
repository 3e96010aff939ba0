"""Rounding of exact sums to a currency, once."""

from decimal import ROUND_HALF_UP, Decimal


def to_currency(amount, decimals):
    """Round an exact Decimal half-up to ``decimals`` places of its currency."""
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def tax_estimate(amount, ratio, scale=8):
    """Estimated tax of an amount in units of 10**-scale.

    :param amount: int, scaled
    :param ratio: Decimal, tax per unit of amount (0.15 for 15 %)
    :return: int, scaled, rounded half-up to 6 decimals
    """
    exact = Decimal(amount).scaleb(-scale) * ratio
    rounded = exact.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)
    return int(rounded.scaleb(scale))
