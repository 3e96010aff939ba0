"""One cell of a sheet as an exact value, or the reason why it is none.

A cell is a text, or what a spreadsheet knows: ``Decimal``, ``datetime``, ``bool``.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

MARKS = (".", ",")
SHAPES = ("ymd", "dmy", "mdy")
TEXT_LIMIT = 80
# Digits of a number that spreadsheets keep; further ones became zeros.
DIGITS = 15
# A cell of a CSV that begins so would be a formula in a spreadsheet.
_BLANK = r"\s\x00-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
_MARK = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(rf'["{_BLANK}]*{_MARK}|[\t\r\n]')
# Where a program that takes another delimiter than the file's, as Excel does by its
# language, begins a cell in the midst of a text; a signed number there is none.
_DELIMITER = r"[;,\t\r\n]"
_NUMBER = rf"[{_BLANK}]*[+\-]\d[\d ]*(?:\.\d+)?%?[{_BLANK}]*(?:{_DELIMITER}|$)"
_LATER = re.compile(rf"""({_DELIMITER})(?=["'{_BLANK}]*{_MARK})(?!{_NUMBER})""")
_MARKED = re.compile(rf"""({_DELIMITER})'(?=["'{_BLANK}]*{_MARK})""")
_SIGNS = re.compile(r"[€$£¥₹]|\b[A-Z]{3}\b")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_BRACKETS = re.compile(r"\( ?([0-9.,][^()+-]*?) ?\)")
_PLAIN = re.compile(r"[+-]?\d{0,24}(?:\.\d{1,24})?")
_CLOCK = (
    r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.0+)?(?: ?([AP])\.?M\.?)?"
    r"(?: ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?)?"
)
_DATE = re.compile(
    r"(\d{1,4})([./ -])(\d{1,2}|[A-Z]{3,9})\2(\d{1,4})" + _CLOCK, re.IGNORECASE
)
# Mar 28, 2027
_NAMED = re.compile(
    r"([A-Z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})" + _CLOCK, re.IGNORECASE
)
# Days that a spreadsheet counts since the end of 1899, of the years 2000 to 2099.
_COUNTED = re.compile(r"\d{5}(?:\.\d{1,12})?")
_FIRST_DAY, _FIRST, _LAST = datetime(1899, 12, 30), 36526, 73051
_SHORT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTHS = (
    "january february march april may june july august september october november"
    " december"
).split()
_TRUE = frozenset(("1", "t", "true", "y", "yes", "x"))
_FALSE = frozenset(("", "0", "f", "false", "n", "no"))


class BadCell(ValueError):
    """A cell that cannot be read; the message is the reason."""


def shown(cell, limit=40):
    """A cell in quotes, short and printable."""
    text = cell if isinstance(cell, str) else str(cell)
    text = "".join(char if char.isprintable() else "?" for char in text[: limit + 1])
    return f"'{text[:limit]}{'…' if len(text) > limit else ''}'"


def clean(cell):
    """The text of a cell, without outer spaces and the marks of :func:`harmless`."""
    if isinstance(cell, str):
        text = _MARKED.sub(r"\1", cell) if "'" in cell else cell
        return _SPACES.sub(" ", text).strip(" ").removeprefix("'").strip(" ")
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else str(cell)


def is_kept(value):
    """Whether the number of a spreadsheet keeps all figures of a Decimal."""
    return len(value.normalize().as_tuple().digits) <= DIGITS


def plain(value):
    """A Decimal in figures, without zeros behind its last one."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def harmless(text):
    """A text that no spreadsheet takes for a formula, whichever delimiter it cuts at.

    An apostrophe stands before what would be one; :func:`clean` gives the text back.
    """
    plain = text[1:].replace(".", "").replace(",", "").replace(" ", "")
    if text.startswith(("+", "-")) and plain.isdigit():
        return text
    later = _LATER.sub(r"\1'", text)
    return f"'{later}" if _FORMULA.match(text) or text.startswith("'") else later


def unmarked(text):
    """A text for a cell that holds no formula, as of a workbook: :func:`clean` gives it
    back."""
    if _MARKED.search(text):
        text = _LATER.sub(r"\1'", text)
    return f"'{text}" if text.startswith("'") else text


# === Numbers === #


def number(cell, mark="."):
    """An exact number.

    :param mark: decimal mark of texts; the other one, a space and an apostrophe group
        thousands. Brackets are a minus, as accountants write it. A number that a
        spreadsheet knows has none of these.
    :raises BadCell: no number, or groups that are not of three digits
    """
    if isinstance(cell, Decimal):
        return cell
    if not isinstance(cell, str):
        raise BadCell(f"{shown(cell)} is not a number")
    text = _SIGNS.sub("", clean(cell)).strip(" ")
    if len(text) > TEXT_LIMIT:
        raise BadCell(f"{shown(cell)} is too long for a number")
    if found := _BRACKETS.fullmatch(text):
        text = f"-{found[1]}"
    text = _ungrouped(text, mark)
    if not text.isascii() or not _PLAIN.fullmatch(text) or not text.strip("+-."):
        raise BadCell(f"{shown(cell)} is not a number")
    return Decimal(text)


def _ungrouped(text, mark):
    """A text with a point and without groups of thousands."""
    whole, found, part = text.partition(mark)
    for group in ("." if mark == "," else ",", " ", "'", "’"):
        if group not in whole:
            continue
        first, *others = whole.split(group)
        if not 1 <= len(first.lstrip("+-")) <= 3 or any(len(o) != 3 for o in others):
            raise BadCell(
                f"{shown(text)} has {_mark_name(group)} where thousands are not"
                f" grouped; the decimal mark is {_mark_name(mark)}"
            )
        if first.lstrip("+-").startswith("0"):
            raise BadCell(
                f"{shown(text)} would be a number of thousands that begins with 0;"
                f" the decimal mark is {_mark_name(mark)}"
            )
        whole = first + "".join(others)
        break
    return f"{whole}.{part}" if found else whole


def _mark_name(mark):
    names = {".": "a point", ",": "a comma", " ": "a space"}
    return names.get(mark, "an apostrophe")


# === Moments === #


class Counted1904(Decimal):
    """A number of a workbook that counts days since 1904."""


def moment(cell, shape="ymd"):
    """A moment in whole seconds: naive in the sheet's zone, or UTC.

    It is UTC, and aware, where the cell says its offset (``Z``, ``+02:00``).

    :param shape: order of day, month and year in texts that begin with no year:
        ``ymd``, ``dmy`` or ``mdy``; names of months and four figures first are certain,
        and so are the days that a spreadsheet counts
    :raises BadCell: no date, or one that does not exist
    """
    if isinstance(cell, datetime):
        return cell.replace(microsecond=0, tzinfo=None)
    text = clean(cell)
    if _COUNTED.fullmatch(text) and _FIRST <= Decimal(text) < _LAST:
        return _counted(cell, Decimal(text))
    if text.isascii() and (found := _SHORT.fullmatch(text)):
        return _moment(cell, found[1], found[2], found[3])
    if not isinstance(cell, str) or not text.isascii():
        raise BadCell(f"{shown(cell)} is not a date")
    if found := _NAMED.fullmatch(text):
        return _moment(cell, found[3], found[1], found[2], *found.groups()[3:])
    if not (found := _DATE.fullmatch(text)):
        raise BadCell(f"{shown(cell)} is not a date")
    parts, clock = (found[1], found[3], found[4]), found.groups()[4:]
    if len(parts[0]) == 4 or (shape == "ymd" and not parts[1].isalpha()):
        year, month, day = parts
    elif shape == "mdy" and not parts[1].isalpha():
        month, day, year = parts
    else:
        day, month, year = parts
    return _moment(cell, year, month, day, *clock)


def _counted(cell, days):
    if isinstance(cell, Counted1904):
        raise BadCell(
            f"{shown(cell)} is a number in a workbook that counts days since 1904:"
            " format the column as a date"
        )
    return _FIRST_DAY + timedelta(seconds=round(days * 86_400))


def _moment(
    cell, year, month, day, hour=None, minute=None, second=None, half=None, zone=None
):
    if len(year) not in (2, 4) or len(day) > 2:
        raise BadCell(f"{shown(cell)} is not a date")
    if month.isalpha():
        month = _month(month.lower())
    year = int(year) + (2000 if len(year) == 2 else 0)
    clock = (_hour(cell, hour, half), int(minute or 0), int(second or 0))
    try:
        found = datetime(year, int(month), int(day), *clock)
        return _utc(found, zone) if zone else found
    except (ValueError, OverflowError) as error:
        raise BadCell(f"{shown(cell)} is no day of the calendar") from error


def _utc(moment, zone):
    """The UTC of a moment with ``Z`` or an offset."""
    if not zone[1:].replace(":", "").isdigit():
        return moment.replace(tzinfo=UTC)
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError(zone)
    offset = timedelta(hours=hours, minutes=minutes)
    return (moment + offset if zone[0] == "-" else moment - offset).replace(tzinfo=UTC)


def _month(name):
    """Number of an English month, 0 where it is none; three letters are enough."""
    name = "sep" if name == "sept" else name
    return next((n for n, full in enumerate(_MONTHS, 1) if full.startswith(name)), 0)


def _hour(cell, hour, half):
    """Of 24 hours; 12:00 AM is midnight."""
    hour = int(hour or 0)
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise BadCell(f"{shown(cell)} has no hour from 1 to 12 before AM or PM")
    return hour % 12 + (12 if half.upper() == "P" else 0)


# === Others === #


def flag(cell):
    """Yes or no; an empty cell says no.

    :raises BadCell: neither
    """
    if isinstance(cell, bool):
        return cell
    text = clean(cell).lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise BadCell(f"{shown(cell)} is neither yes nor no")


def whole(cell, mark="."):
    """A whole number.

    :raises BadCell: no number, or one with a fraction
    """
    value = number(cell, mark)
    if value != value.to_integral_value():
        raise BadCell(f"{shown(cell)} is not a whole number")
    return int(value)
