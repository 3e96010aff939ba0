"""Strict readers of single values: text or number in, exact value out.

Every reader raises :class:`BadValue` (a ``ValueError``) with a reason for a person
and never any other exception, whatever it is given. Only ASCII digits count.
Text with an exponent, a thousands separator, a unit or a decimal comma is refused:
who knows the layout of a file repairs it before it comes here.
"""

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal

DURATION_LIMIT_MS = 360_000_000  # 100 hours
INT64_MAX = 2**63 - 1

# The caller's decimal context may be narrower than a value read here.
EXACT = Context(prec=120)

_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,24}(?:\.[0-9]{1,40})?|\.[0-9]{1,40})")
_INTEGER = re.compile(r"[+-]?[0-9]{1,24}")
_TEXT_LIMIT = 80
_MAGNITUDE_LIMIT = 40
_TRUE = frozenset(("1", "t", "true", "y", "yes"))
_FALSE = frozenset(("0", "f", "false", "n", "no"))
_UNIT_TO_MS = {"s": 3, "ms": 0, "us": -3}


class BadValue(ValueError):
    """A value that was refused; the message is the reason."""


class BadDuration(BadValue):
    """A duration that was refused."""


def quote(value, limit=40):
    """Return ``value`` in quotes, cut to ``limit`` characters, safe to print."""
    if isinstance(value, str):
        text = str(value[: limit + 1])
    else:
        try:
            text = repr(value)
        except Exception:  # any object may come in, also one that cannot be shown
            text = f"<{type(value).__name__}>"
    shown = "".join(
        char if char.isprintable() else ascii(char)[1:-1] for char in text[:limit]
    )
    return f"'{shown}{'…' if len(text) > limit else ''}'"


def ascii_text(value, error=BadValue):
    """Return the text without outer spaces; refuse anything not printable ASCII."""
    text = value.strip(" ")
    if not text:
        raise error("empty value")
    if len(text) > _TEXT_LIMIT:
        raise error(f"{quote(text)} is too long")
    if not (text.isascii() and text.isprintable()):
        raise error(f"{quote(value)} has characters other than plain ASCII")
    return text


def _decimal_of(value, error):
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise error(f"{quote(value)} is not a number")
    if isinstance(value, str):
        text = ascii_text(value, error)
        if not _DECIMAL.fullmatch(text):
            raise error(f"{quote(value)} is not a plain decimal number")
        return Decimal(text)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise error(f"{quote(value)} is not a finite number")
        # The shortest text of a float is what its sender meant.
        value = Decimal(float.__repr__(value))
    elif isinstance(value, int):
        if abs(value) >= 10**_MAGNITUDE_LIMIT:
            raise error("the number is too large")
        return Decimal(value)
    return _bounded(value, error)


def _bounded(value, error):
    if not value.is_finite():
        raise error(f"{quote(value)} is not a finite number")
    if not value:
        return Decimal(0)
    exponent = value.as_tuple().exponent
    if value.adjusted() >= _MAGNITUDE_LIMIT or exponent < -_MAGNITUDE_LIMIT:
        raise error(f"{quote(value)} has too many digits")
    return value


def parse_decimal(value, low=None, high=None, error=BadValue):
    """Read a finite decimal from text, int, float or Decimal, exactly.

    :param low: smallest value accepted
    :param high: largest value accepted
    :param error: the class to raise, a :class:`BadValue`
    :return: Decimal; minus zero becomes zero
    """
    number = _decimal_of(value, error)
    if low is not None and number < low:
        raise error(f"{quote(value)} is below {low}")
    if high is not None and number > high:
        raise error(f"{quote(value)} is above {high}")
    return number if number else Decimal(0)


def parse_int(value, low=-INT64_MAX - 1, high=INT64_MAX, error=BadValue):
    """Read a whole number from text, int, or an integral float or Decimal."""
    if isinstance(value, str) and not _INTEGER.fullmatch(ascii_text(value, error)):
        raise error(f"{quote(value)} is not a whole number")
    number = parse_decimal(value, low, high, error)
    if number != number.to_integral_value():
        raise error(f"{quote(value)} is not a whole number")
    return int(number)


def parse_bool(value, error=BadValue):
    """Read yes or no from a boolean, 0 / 1, or their usual English words."""
    if isinstance(value, bool):
        return value
    text = ascii_text(value, error).lower() if isinstance(value, str) else None
    if isinstance(value, int) and value in (0, 1):
        text = str(int(value))
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise error(f"{quote(value)} is neither yes nor no")


def parse_duration_ms(value, unit="s"):
    """Read a duration and return whole milliseconds, half rounded up.

    :param value: text or number, 0 to 100 hours
    :param unit: unit of the value: ``s``, ``ms`` or ``us``
    :raise BadDuration: with the reason
    """
    number = parse_decimal(value, low=0, error=BadDuration)
    ms = EXACT.scaleb(number, _UNIT_TO_MS[unit])
    ms = int(ms.to_integral_value(rounding=ROUND_HALF_UP))
    if ms > DURATION_LIMIT_MS:
        raise BadDuration(f"{quote(value)} {unit} is longer than 100 hours")
    return ms
