"""Exact numbers as text, and how people of a language read them.

A layout is a dict: ``decimal_point``, ``thousands_sep``, ``grouping`` (list of group
sizes from the right, the last repeats), ``date`` (strftime), ``currency`` (dict
``name``, ``symbol``, ``before``, ``decimals``); of a language from right to left
``minus``, which keeps its place before the number there.
"""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from functools import lru_cache

LARGEST_EXPONENT = 40
# What strftime knows; it writes out other signs as they are.
SIGNS = re.compile(r"%[-_0^#]?[aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZf%]")
PLAIN = {
    "decimal_point": ".",
    "thousands_sep": "",
    "grouping": [],
    "date": "%Y-%m-%d",
    "currency": {"name": "", "symbol": "", "before": False, "decimals": 2},
}
# Minus sign and no-break space: an amount is never split between two lines.
MINUS, GAP = "−", "\u00a0"


def number(value):
    """``value`` (text, int, Decimal) as a Decimal.

    :raises ValueError: it is no number, not finite, or beyond 40 digits
    """
    if isinstance(value, float | bool) or value is None:
        raise ValueError(f"{value!r} is no exact number")
    try:
        result = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError(f"{str(value)[:40]!r} is no number") from None
    if not result.is_finite() or abs(result.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"{str(value)[:40]!r} is out of bounds")
    return result


def rounded(value, decimals):
    """``value`` half up to ``decimals`` places."""
    with localcontext() as context:
        context.prec = 100
        return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def text_of(value):
    """A Decimal as plain text, never with an exponent or a negative zero."""
    text = format(value, "f")
    return text.lstrip("-") if not value else text


def grouped(digits, layout):
    """``digits`` of a whole number with the separators of ``layout``."""
    sizes = [size for size in layout["grouping"] if size > 0]
    separator = layout["thousands_sep"]
    if not separator or not sizes:
        return digits
    parts, rest = [], digits
    while rest:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        parts.append(rest[-size:])
        rest = rest[:-size]
    return separator.join(reversed(parts))


def number_text(value, decimals, layout):
    """``value`` with ``decimals`` places as people of the language write it."""
    value = rounded(number(value), decimals)
    whole, _point, places = text_of(abs(value)).partition(".")
    text = grouped(whole, layout)
    if places:
        text += layout["decimal_point"] + places
    return layout.get("minus", MINUS) + text if value < 0 else text


def money_text(value, layout, currency=None):
    """An amount with the symbol of its currency."""
    currency = currency or layout["currency"]
    text = number_text(value, currency["decimals"], layout)
    symbol = currency["symbol"] or currency["name"]
    if not symbol:
        return text
    return f"{symbol}{GAP}{text}" if currency["before"] else f"{text}{GAP}{symbol}"


def rate_text(value, layout, least=4):
    """A price with the decimals that it has, ``least`` at least, 8 at most."""
    value = number(value)
    _whole, _point, places = text_of(rounded(value, 8)).rstrip("0").partition(".")
    return number_text(value, max(least, len(places)), layout)


def minutes_text(seconds):
    """Seconds as minutes and seconds, ``m:ss``."""
    seconds = seconds if type(seconds) is int else int(number(seconds))
    sign = MINUS if seconds < 0 else ""
    return f"{sign}{abs(seconds) // 60}:{abs(seconds) % 60:02d}"


@lru_cache(maxsize=64)
def _refuse_unknown_signs(pattern):
    if "%" in SIGNS.sub("", pattern):
        raise ValueError(f"{pattern!r} is no date format, write it like %d.%m.%Y")


def date_text(value, pattern):
    """An ISO date or time in ``pattern`` of strftime.

    :raises ValueError: ``value`` is no date, ``pattern`` has a sign that strftime does
        not know, which it would write out
    """
    if not value:
        return ""
    _refuse_unknown_signs(pattern)
    text = str(value)
    kind = date if len(text) == 10 else datetime
    try:
        day = kind.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no date") from None
    return day.strftime(pattern)
