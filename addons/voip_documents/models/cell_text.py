"""Cells as a spreadsheet program shows them: days in the order of their format."""

import re
from datetime import datetime, timedelta

from babel.dates import format_datetime

from odoo.tools.misc import babel_locale_parse, format_date

from ..engine.exact import minutes_text

PART = re.compile(r'\[[^]]*\]|"[^"]*"|[\\_*].|AM/PM|y+|m+|d+|h+|s+|.', re.IGNORECASE)
# What spreadsheet programs show as short days are in the reader's own language.
SHORT_DAY = "mm-dd-yy"
DAYS = {"d": "d", "dd": "dd", "ddd": "EEE", "dddd": "EEEE"}


def cell_text(env, cell):
    """The text of a cell: minutes, days as its number format says.

    :param cell: cell of openpyxl
    """
    value = cell.value
    if isinstance(value, timedelta):
        return minutes_text(round(value.total_seconds()))
    if not isinstance(value, datetime):
        return "" if value is None else value
    if cell.number_format == SHORT_DAY:
        return format_date(env, value.date())
    locale = babel_locale_parse(env.lang or "en_US")
    return "".join(
        format_datetime(value, part, locale=locale) if is_letter else part
        for part, is_letter in _unicode(cell.number_format)
    )


def _unicode(pattern):
    """Parts of a spreadsheet's pattern of days: (letters as Unicode gives them, True)
    or (plain text, False)."""
    parts = PART.findall(pattern.partition(";")[0])
    kinds = [part[0].lower() if part[0].lower() in "ymdhs" else "" for part in parts]
    hour = "h" if "AM/PM" in pattern.upper() else "H"
    for at, (part, kind) in enumerate(zip(parts, kinds, strict=True)):
        before = next(filter(None, reversed(kinds[:at])), "")
        after = next(filter(None, kinds[at + 1 :]), "")
        is_minute = kind == "m" and (before == "h" or after == "s")
        if kind == "d":
            yield DAYS.get(part.lower(), "EEEE"), True
        elif kind == "h":
            yield hour * len(part), True
        elif kind == "m" and not is_minute:
            yield part.upper(), True
        elif kind:
            yield part.lower(), True
        elif part.upper() == "AM/PM":
            yield "a", True
        elif part[0] not in "[_*":
            yield (part.strip('"') if part[0] == '"' else part[-1]), False
