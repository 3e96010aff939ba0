"""Exact figures of suppliers' invoices. No Odoo here."""

from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from zoneinfo import ZoneInfo

ZERO = Decimal(0)
UNIT = Decimal("0.00000001")
EXACT = Context(prec=60)
HUNDRED = Decimal(100)


def exact(value):
    """The Decimal that a float of 8 decimals was made of."""
    return Decimal(repr(float(value or 0))).quantize(UNIT, ROUND_HALF_UP, context=EXACT)


def text(value):
    """A Decimal as plain text with at least two decimals."""
    whole, _point, part = f"{value:.8f}".partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"


def printed_slack(count, line_decimals, total_decimals):
    """By how much the sum of printed lines may differ from a printed total.

    Each printed figure is at most half of its last decimal off.

    :param count: lines
    :return: Decimal
    """
    half = Decimal("0.5")
    lines = half.scaleb(-line_decimals) * count
    return lines + half.scaleb(-total_decimals)


def spread(amounts, decimals):
    """Amounts rounded to a currency so that they come to their sum, rounded once.

    Each gets what the rounded running total grows by: none is a whole unit off.

    :param amounts: Decimals
    :return: list of Decimals
    """
    unit = Decimal(1).scaleb(-decimals)
    rounded, running, before = [], ZERO, ZERO
    for amount in amounts:
        running += amount
        now = running.quantize(unit, ROUND_HALF_UP, context=EXACT)
        rounded.append(now - before)
        before = now
    return rounded


def percent(part, whole):
    """How many percent ``part`` is of ``whole``; of nothing it is 0 or 100."""
    if not whole:
        return HUNDRED if part else ZERO
    return abs(part) / abs(whole) * HUNDRED


def is_within(difference, base, least_percent, least_absolute):
    """Whether a difference is within a tolerance: the larger of both limits."""
    size = abs(difference)
    return size <= least_absolute or percent(difference, base) <= least_percent


def days_utc(zone, first, last):
    """Days of a zone, both included, as naive UTC (from, to).

    :param zone: IANA name
    """
    zone, days = ZoneInfo(zone), (first, last + timedelta(days=1))
    return tuple(
        datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)
        for day in days
    )
