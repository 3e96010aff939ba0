"""Numbers and their particulars as they come by the machine door. No Odoo here."""

import re
from decimal import Decimal

from odoo.addons.voip_rating.engine.parse import (
    BadValue,
    parse_decimal,
    parse_int,
    quote,
)

KINDS = ("local", "mobile", "national", "toll_free", "shared")
CAPABILITIES = ("voice", "sms", "fax")
REQUIRED = ("number",)
FIELDS = (
    "number",
    "kind",
    "country",
    "area",
    "two_way",
    "capabilities",
    "channels",
    "supplier",
    "cost_setup",
    "cost_monthly",
    "cost_currency",
)
MOST_CHANNELS = 10_000
MOST_COST = Decimal(10) ** 9
AREA_LIMIT = 100
_SEPARATORS = str.maketrans("", "", " -.()/")
_E164 = re.compile(r"[1-9][0-9]{3,14}", re.ASCII)
_PATTERN = re.compile(r"[0-9*?]{1,32}", re.ASCII)


class BadNumberRow(ValueError):
    """A value that was refused.

    :param code: error code of the machine doors
    """

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def e164(value):
    """The digits of a number in international form, without +: 4 to 15 of them.

    :raises BadNumberRow: it is none (ITU-T E.164, clause 6.2.1)
    """
    if value is None or value == "":
        raise BadNumberRow("missing_field", "number is missing")
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        raise BadNumberRow("bad_number", f"number: {quote(value)} is no text")
    digits = value.strip().translate(_SEPARATORS).removeprefix("+")
    if not _E164.fullmatch(digits):
        why = "must be 4 to 15 digits that begin with a country code"
        raise BadNumberRow("bad_number", f"number: {quote(value)} {why}")
    return digits


def row(given):
    """One number as exact values, of the fields that were given.

    :param given: {field: value} with names of :data:`FIELDS`
    :raises BadNumberRow: naming the field
    """
    if not isinstance(given, dict):
        raise BadNumberRow("missing_field", "a number must be an object")
    if unknown := given.keys() - set(FIELDS):
        names = ", ".join(quote(name) for name in sorted(unknown, key=str)[:5])
        raise BadNumberRow("bad_value", f"{names}: a number has no such field")
    found = {"number": e164(given.get("number"))}
    for name, read in READERS.items():
        if given.get(name) not in (None, ""):
            found[name] = _read(read, name, given[name])
    if found.keys() & {"cost_setup", "cost_monthly"} and "cost_currency" not in found:
        raise BadNumberRow("missing_field", "cost_currency is missing, a cost is given")
    return found


def _read(read, name, value):
    try:
        return read(name, value)
    except BadValue as error:
        raise BadNumberRow("bad_value", f"{name}: {error}") from error


def pattern(value):
    """A search by digits as LIKE reads it: ``*4455`` ends so, ``?`` is one digit.

    Without * and ? the digits stand anywhere in the number.

    :raises BadNumberRow: it holds something else than digits, * and ?
    """
    text = value.strip().translate(_SEPARATORS).removeprefix("+")
    if not _PATTERN.fullmatch(text):
        why = "may hold digits, * for any digits and ? for one"
        raise BadNumberRow("bad_number", f"pattern: {quote(value)} {why}")
    if "*" not in text and "?" not in text:
        return f"%{text}%"
    return text.replace("*", "%").replace("?", "_")


def begins(text):
    """The digits before the first wildcard of a :func:`pattern`."""
    return re.match("[0-9]*", text)[0]


def above(digits):
    """The first digits that sort after all numbers which begin so; None: there are
    none."""
    stem = digits.rstrip("9")
    return stem[:-1] + str(int(stem[-1]) + 1) if stem else None


def _kind(name, value):
    if value not in KINDS:
        words = ", ".join(KINDS)
        raise BadNumberRow("bad_value", f"{name}: {quote(value)} is none of {words}")
    return value


def _flag(name, value):
    if not isinstance(value, bool):
        raise BadNumberRow("bad_value", f"{name}: must be true or false")
    return value


def _text(name, value):
    if not isinstance(value, str) or not value.isprintable():
        raise BadNumberRow("bad_value", f"{name}: {quote(value)} is no text")
    if len(value) > AREA_LIMIT:
        raise BadNumberRow("bad_value", f"{name}: at most {AREA_LIMIT} characters")
    return value.strip()


def _capabilities(name, value):
    if not isinstance(value, list) or not all(v in CAPABILITIES for v in value):
        words = ", ".join(CAPABILITIES)
        raise BadNumberRow("bad_value", f"{name}: must be a list of {words}")
    return sorted(set(value))


def _count(_name, value):
    return parse_int(value, 0, MOST_CHANNELS)


def _cost(_name, value):
    return parse_decimal(value, 0, MOST_COST)


READERS = {
    "kind": _kind,
    "country": _text,
    "area": _text,
    "two_way": _flag,
    "capabilities": _capabilities,
    "channels": _count,
    "supplier": _text,
    "cost_setup": _cost,
    "cost_monthly": _cost,
    "cost_currency": _text,
}
