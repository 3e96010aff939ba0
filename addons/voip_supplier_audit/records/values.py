"""One call record of a supplier as exact values. No Odoo here."""

import re
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

from odoo.addons.voip_rating.engine.parse import (
    BadValue,
    parse_decimal,
    parse_duration_ms,
    parse_int,
    quote,
)
from odoo.addons.voip_rating.engine.times import parse_time, text_utc

FIELDS = frozenset(
    "call_id caller called start duration prefix rate amount line".split()
)
# In the order of the COPY.
COLUMNS = (
    "start",
    "key",
    "mark",
    "company_id",
    "invoice_id",
    "line",
    "duration_ms",
    "amount",
    "rate",
    "called",
    "start_text",
    "call_id",
    "caller",
    "prefix",
)
# What a mark says of a record; its line of a file, or how a start was written, is not.
MARKED = (
    "start",
    "duration_ms",
    "amount",
    "rate",
    "called",
    "call_id",
    "caller",
    "prefix",
)
TEXT_LIMIT = 256
MOST_MONEY = Decimal(10) ** 9
MOST_LINE = 2**31 - 1
PREFIX = re.compile(r"[0-9+#*]{1,32}", re.ASCII)


class BadRecord(ValueError):
    """A record that was refused.

    :param code: error code of the machine doors
    """

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def read(record, zone):
    """A record by column, without its invoice and keys.

    :param record: object with called, start, duration (answered seconds) and amount;
        call_id, caller, prefix, rate, line (number in the supplier's file)
    :param zone: IANA zone of times without one
    :return: {column: exact value or None}
    :raises BadRecord: naming the field
    """
    if not isinstance(record, dict):
        raise BadRecord("missing_field", "a record must be an object of named values")
    if unknown := record.keys() - FIELDS:
        names = ", ".join(quote(name) for name in sorted(unknown, key=str)[:5])
        raise BadRecord("bad_value", f"{names}: a record has no such field")
    for name in ("called", "start", "duration", "amount"):
        if record.get(name) in (None, ""):
            raise BadRecord("missing_field", f"{name} is missing")
    return {
        "start": _try("bad_time", "start", _utc, record["start"], zone),
        "start_text": _text("start", str(record["start"])),
        "duration_ms": _try(
            "bad_duration", "duration", parse_duration_ms, record["duration"]
        ),
        **money(record),
        "called": _text("called", record["called"]),
        "call_id": _given(record, "call_id", _text),
        "caller": _given(record, "caller", _text),
        "line": _given(record, "line", _line),
    }


def money(record):
    """What a record costs: amount, and rate and prefix where they are given.

    :return: {amount, rate, prefix: exact value or None}
    :raises BadRecord: naming the field
    """
    names = ("amount", "rate", "prefix")
    return {name: money_of(name, record.get(name)) for name in names}


def money_of(name, value):
    """One of amount, rate and prefix.

    :return: Decimal, or the text of a prefix; None: it is not given
    :raises BadRecord: naming the field
    """
    if value is None or value == "":
        if name == "amount":
            raise BadRecord("missing_field", "amount is missing")
        return None
    if name == "prefix":
        return _prefix(name, value)
    return _money(name, value, -MOST_MONEY if name == "amount" else 0)


def content(found):
    """64 bits of what a record says, signed as PostgreSQL's."""
    parts = "\x1f".join(
        "" if found[name] is None else _plain(found[name]) for name in MARKED
    )
    return _bits(parts)


def identity(found, mark, times):
    """64 bits of which record of its invoice it is.

    With a line it is that line. Without, the ``times``-th record of this content in its
    call: a call that is sent again brings the same ones.
    """
    if found["line"] is not None:
        return _bits(f"line {found['line']}")
    return _bits(f"content {mark} {times}")


def file_text(digest, line):
    """What 64 bits are taken of for a line of a file.

    :param digest: SHA-256 of the file, hexadecimal
    """
    return f"file {digest} {line}"


def _bits(text):
    data = blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(data, "big", signed=True)


def _plain(value):
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def _try(code, key, reader, *arguments):
    try:
        return reader(*arguments)
    except BadValue as error:
        raise BadRecord(code, f"{key}: {error}") from error


def _utc(value, zone):
    return datetime.fromisoformat(text_utc(parse_time(value, zone))).replace(
        tzinfo=None
    )


def _given(record, key, reader, *limits):
    value = record.get(key)
    return None if value is None or value == "" else reader(key, value, *limits)


def _money(key, value, low):
    found = _try("bad_value", key, parse_decimal, value, low, MOST_MONEY)
    if found != round(found, 12):
        raise BadRecord("bad_value", f"{key}: {quote(value)} has more than 12 decimals")
    return found


def _line(key, value):
    return _try("bad_value", key, parse_int, value, 0, MOST_LINE)


def _text(key, value):
    if not isinstance(value, str) or len(value) > TEXT_LIMIT or not value.isprintable():
        raise BadRecord("bad_value", f"{key}: {quote(value)} is no printable text")
    return value.strip()


def _prefix(key, value):
    if not isinstance(value, str) or not PREFIX.fullmatch(value):
        raise BadRecord("bad_number", f"{key}: {quote(value)} is no code")
    return value
