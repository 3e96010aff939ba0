"""What a file of a supplier is, from its name. No Odoo here."""

import re
from dataclasses import dataclass
from datetime import date

LINES, CALLS, PDF = "lines", "calls", "pdf"
_DAY = r"(\d{4}-\d{2}-\d{2})"
_LINES = re.compile(rf"(.+)_{_DAY}_{_DAY}\.(?:csv|txt|xlsx)", re.I)
_CALLS = re.compile(r"(.+)_calls\.(?:csv|txt|json|xlsx)(?:\.gz)?", re.I)
_PDF = re.compile(r"(.+)\.pdf", re.I)


@dataclass(frozen=True, slots=True)
class Named:
    """``kind`` of :data:`LINES`, :data:`CALLS`, :data:`PDF`; of lines the period.

    False is what a name does not say.
    """

    kind: str | bool
    number: str | bool
    first: date | None = None
    last: date | None = None


def named(name):
    """What a file is, or None where its name does not say.

    ``NUMBER_2026-09-01_2026-09-30.csv`` has the lines of an invoice of that period,
    ``NUMBER_calls.csv`` its call records, ``NUMBER.pdf`` is its picture.
    """
    if found := _LINES.fullmatch(name):
        number, *days = found.groups()
        try:
            first, last = map(date.fromisoformat, days)
        except ValueError:
            return None
        return Named(LINES, number, first, last) if first <= last else None
    if found := _CALLS.fullmatch(name):
        return Named(CALLS, found[1])
    if found := _PDF.fullmatch(name):
        return Named(PDF, found[1])
    return None


def guessed(name):
    """What the ending of a name alone says; never of which invoice it is."""
    name = name.lower()
    if name.endswith(".pdf"):
        return Named(PDF, False)
    if name.endswith((".gz", ".json")):
        return Named(CALLS, False)
    return Named(False, False)
