"""Lines of an invoice and its terms as they come by the machine door. No Odoo here."""

import json
import re
from datetime import date
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo, available_timezones

from odoo.addons.voip_billing_base.reader.values import BadCell
from odoo.addons.voip_rating.engine.parse import (
    BadValue,
    parse_decimal,
    parse_int,
    quote,
)
from odoo.addons.voip_rating.sheets.cells import codes

MOST_MONEY = Decimal(10) ** 12
MOST_COUNT = 10**12
NAME_LIMIT = 200
KINDS = ("usage", "fee", "tax")
FIELDS = frozenset("prefix destination day rate calls minutes amount kind".split())
PREFIX = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)


class BadTerm(ValueError):
    """A value that was refused.

    :param code: error code of the machine doors
    """

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def terms(values):
    """The terms of an invoice.

    :param values: {number, date, period_start, period_end, tz, currency, total}
    :return: the same with dates, and Decimals for the amounts
    :raises BadTerm: naming the field
    """
    found = {
        "number": _name("number", values["number"]),
        "period_start": day("period_start", values["period_start"]),
        "period_end": day("period_end", values["period_end"]),
        "currency": _name("currency", values["currency"]),
        "total": _decimal("total", values["total"]),
        "tz": zone_name(values["tz"]),
    }
    given = values["date"]
    found["date"] = found["period_end"] if given is None else day("date", given)
    if found["period_end"] < found["period_start"]:
        raise BadTerm("bad_time", "period_end is before period_start")
    return found


def line(row, kinds=KINDS):
    """One line as exact values.

    :param kinds: those that a line may have
    :return: {prefix, name, day, rate, calls, minutes, amount, kind}; None where absent
    :raises BadTerm: naming the field
    """
    if not isinstance(row, dict):
        raise BadTerm("missing_field", "a line must be an object of named values")
    if unknown := row.keys() - FIELDS:
        names = ", ".join(quote(name) for name in sorted(unknown, key=str)[:5])
        raise BadTerm("bad_value", f"{names}: a line has no such field")
    kind = row.get("kind") or "usage"
    if kind not in kinds:
        names = ", ".join(kinds)
        raise BadTerm("bad_value", f"kind: {quote(kind)} is none of {names}")
    found = {
        "kind": kind,
        "prefix": _prefix(row.get("prefix")),
        "name": _optional(row, "destination", _name),
        "day": _optional(row, "day", day),
        "rate": _optional(row, "rate", _decimal, 0),
        "calls": _optional(row, "calls", _count),
        "minutes": _optional(row, "minutes", _decimal),
        "amount": _decimal("amount", row.get("amount")),
    }
    if kind == "usage" and not (found["prefix"] or found["name"] or found["day"]):
        why = "a line of usage names a prefix, a destination or a day"
        raise BadTerm("missing_field", why)
    return found


def mark(found, lines):
    """What an invoice of the same content has, too: 64 hexadecimal digits."""
    text = json.dumps([found, lines], sort_keys=True, default=_plain)
    return sha256(text.encode()).hexdigest()


def day(key, value):
    """A calendar day.

    :raises BadTerm: it is none
    """
    if type(value) is date:
        return value
    if value is None or value == "":
        raise BadTerm("missing_field", f"{key} is missing")
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadTerm("bad_time", f"{key}: {quote(value)} is no day") from error


def zone_name(value):
    """An IANA zone; None: none was given.

    :raises BadTerm: there is no such zone
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str) or value not in available_timezones():
        raise BadTerm("bad_time", f"tz: {quote(value)} is no time zone")
    return ZoneInfo(value).key


def _optional(row, key, reader, *limits):
    value = row.get(key)
    return None if value is None or value == "" else reader(key, value, *limits)


def _decimal(key, value, low=None):
    if value is None or value == "":
        raise BadTerm("missing_field", f"{key} is missing")
    try:
        found = parse_decimal(value, -MOST_MONEY if low is None else low, MOST_MONEY)
    except BadValue as error:
        raise BadTerm("bad_value", f"{key}: {error}") from error
    if found != round(found, 8):
        shown = quote(str(value))
        raise BadTerm("bad_value", f"{key}: {shown} has more than 8 decimals")
    return found


def _count(key, value):
    try:
        return parse_int(value, 0, MOST_COUNT)
    except BadValue as error:
        raise BadTerm("bad_value", f"{key}: {error}") from error


def _name(key, value):
    if value is None or value == "":
        raise BadTerm("missing_field", f"{key} is missing")
    if not isinstance(value, str) or len(value) > NAME_LIMIT:
        raise BadTerm("bad_value", f"{key}: {quote(value)} is not a name")
    if not value.isprintable() or not value.strip():
        raise BadTerm("bad_value", f"{key}: {quote(value)} is not printable")
    return value.strip()


def codes_of(prefix):
    """The codes that a line names: ``441-443, 4470`` is four.

    :param prefix: as :func:`line` gives it, or as somebody entered it
    :return: tuple; empty for one code, for none, and for what is no code
    """
    if not prefix or PREFIX.fullmatch(prefix):
        return ()
    try:
        return tuple(codes(prefix))
    except BadCell:
        return ()


def _prefix(value):
    if value is None or value == "":
        return None
    if isinstance(value, str) and PREFIX.fullmatch(value):
        return value
    if not isinstance(value, str) or len(value) > NAME_LIMIT:
        why = f"prefix: {quote(value)} is not 1 to 15 digits beginning with 1 to 9"
        raise BadTerm("bad_number", why)
    try:
        found = codes(value)
    except BadCell as error:
        raise BadTerm("bad_number", f"prefix: {error}") from error
    return found[0] if len(found) == 1 else " ".join(value.split())


def _plain(value):
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat()
