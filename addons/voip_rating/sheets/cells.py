"""Cells that only rate sheets have: dialling codes, increments, words for a price."""

import re
from decimal import Decimal

from odoo.addons.voip_billing_base.reader.values import BadCell, clean, number, shown

LONGEST = 15
# A row may name so many codes.
MOST_CODES = 1_000
_CODE = re.compile(r"[1-9]\d{0,14}", re.ASCII)
_EXPONENT = re.compile(r"([1-9])[.,]?(\d*)[eE]\+?(\d{1,2})", re.ASCII)
_RANGE = re.compile(r"(\d+) ?(?:-|–|—|\.\.|to) ?(\d+)", re.ASCII)
# Area code and what follows it, with or without the country code 1.
_NANP = re.compile(r"(?:\+?1[- ]?)?([2-9]\d\d)(?:[- ]?(\d{1,7}))?", re.ASCII)
_STEPS = re.compile(r"(\d+)(?: ?[/+:;-] ?(\d+))?(?: ?[/+:;-] ?(\d+))?", re.ASCII)
# Country codes of two digits; others have one (1, 7) or three.
_TWO = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58"
    " 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98".split()
)
_BLOCKED = frozenset(("blocked", "block", "barred", "closed", "-1", "no service"))


# === Codes === #


def codes(cell, area=None):
    """The dialling codes that a cell names, in its order, each once.

    ``441-449, 4470`` is ten codes, ``4470-75`` six, and ``1-264`` or ``1 264`` a
    country code with an area code. A range stays in one country: ``49-89`` may be
    Munich.

    :param area: a second cell, whose codes stand behind that of the first
    :raises BadCell: no code, or more than one reading
    """
    if area is None and type(cell) is str and _CODE.fullmatch(cell):
        return [cell]
    found = _listed(cell, leading=True)
    if area is not None and clean(area):
        if len(found) != 1:
            raise BadCell(f"{shown(cell)} is not one country code before an area code")
        found = [found[0] + part for part in _listed(area, leading=False)]
    unique = list(dict.fromkeys(found))
    for code in unique:
        if len(code) > LONGEST:
            raise BadCell(f"{shown(code)} has more than {LONGEST} digits")
    return unique


def is_nanp(country):
    """Whether a cell is the country code of North America, or there is none."""
    return country is None or str(country).strip("+ ") in ("", "1")


def nanp_codes(cell):
    """The codes of North America that a cell names, as sheets of it alone do.

    ``201`` is 1201, and ``201555``, ``201-555`` and ``1201555`` are 1201555; in lists,
    too. A dash is no range.

    :raises BadCell: a part is none of these
    """
    text = f"{cell:f}" if isinstance(cell, Decimal) else clean(cell)
    found = []
    for part in filter(None, map(str.strip, re.split(r"[,;|\n]+", text))):
        match = _NANP.fullmatch(part.removesuffix(".0"))
        if not match:
            raise BadCell(f"{shown(part)} is no code of North America")
        found.append(f"1{match[1]}{match[2] or ''}")
    return _limited(cell, list(dict.fromkeys(found)))


def _listed(cell, leading):
    if isinstance(cell, Decimal):
        if cell != cell.to_integral_value():
            raise BadCell(f"{shown(cell)} is not a code")
        text = f"{cell.to_integral_value():f}"
    else:
        text = clean(cell)
    if mantissa := _EXPONENT.fullmatch(text):
        return [_whole(text, *mantissa.groups())]
    found = []
    for part in re.split(r"[,;|\n]+", text):
        if part.strip(" "):
            found += _part(part.strip(" "), leading)
        _limited(cell, found)
    if not found:
        raise BadCell("no code is given")
    return found


def _limited(cell, found):
    """The codes of a cell, if it does not name too many."""
    if len(found) > MOST_CODES:
        raise BadCell(
            f"{shown(cell)} is more than {MOST_CODES:,} codes: give shorter ones"
        )
    return found


def _part(text, leading):
    if mantissa := _EXPONENT.fullmatch(text):
        return [_whole(text, *mantissa.groups())]
    if text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
    if found := _RANGE.fullmatch(text):
        return _range(text, _code(found[1], leading), found[2], leading)
    _check_spaces(text, leading)
    return [_code(text, leading)]


def _check_spaces(text, leading):
    """Spaces part a country code from an area code, or else nobody knows what."""
    first, *others = text.removeprefix("+").removeprefix("00").split(" ")
    if others and (len(others) > 1 or not leading or not _is_country(first)):
        raise BadCell(
            f"{shown(text)} may be one code or several: part them with commas, or take"
            " the spaces out"
        )


def _is_country(code):
    three = len(code) == 3 and _country(code) == code
    return code in _TWO or code in ("1", "7") or three


def _country(code):
    """The country code that a code begins with, as far as it goes."""
    if code[0] in "17":
        return code[0]
    return code[:2] if code[:2] in _TWO else code[:3]


def _whole(text, first, rest, exponent):
    """A code that a spreadsheet shortened, if all its digits are there."""
    if len(rest) != int(exponent):
        raise BadCell(
            f"{shown(text)} lost digits in a spreadsheet: format the column as text and"
            " fill it again"
        )
    return first + rest


def _code(text, leading):
    text = text.removeprefix("+").replace(" ", "")
    if leading and text.startswith("00"):
        text = text[2:]
    if leading and not _CODE.fullmatch(text):
        raise BadCell(f"{shown(text)} is not 1 to {LONGEST} digits beginning with 1-9")
    if not (text.isascii() and text.isdigit()):
        raise BadCell(f"{shown(text)} is no area code")
    return text


def _range(text, first, last, leading):
    if len(last) < len(first):
        # Of the last code only what differs.
        last = first[: len(first) - len(last)] + last
    elif len(last) > len(first):
        if leading and _is_country(first) and not last.startswith("0"):
            return [first + last]
        raise BadCell(f"{shown(text)} is a range whose ends differ in length")
    if leading and _country(first) != _country(last):
        raise BadCell(
            f"{shown(text)} is a range over several countries, or a country code with"
            " an area code: give the codes one by one"
        )
    low, high = int(first), int(last)
    if high <= low:
        raise BadCell(f"{shown(text)} is a range that ends where it begins, or before")
    if high - low >= MOST_CODES:
        raise BadCell(
            f"{shown(text)} is {high - low + 1:,} codes: at most {MOST_CODES:,} are"
            " taken, give shorter ones"
        )
    return [str(code).zfill(len(first)) for code in range(low, high + 1)]


# === Increments and prices === #


def increments(cell):
    """``(initial, next)`` seconds of ``30/6`` or ``60``.

    Three figures are the minimum of a call, then both increments: the first two must
    agree.

    :raises BadCell: another form, or zero
    """
    text = clean(cell).lower().replace("sec", "").replace("s", "").strip(" ")
    found = _STEPS.fullmatch(text)
    if not found:
        raise BadCell(f"{shown(cell)} is not an increment such as 30/6")
    steps = [int(step) for step in found.groups() if step]
    if len(steps) == 3:
        minimum, initial, following = steps
        if minimum not in (0, initial):
            raise BadCell(
                f"{shown(cell)} has a minimum that differs from its first increment"
            )
        steps = [initial, following]
    if not all(1 <= step <= 3600 for step in steps):
        raise BadCell(f"{shown(cell)} has an increment that is not 1 to 3600 seconds")
    return steps[0], steps[-1]


def price(cell, mark):
    """``(price, blocked)`` of a cell; a word or -1 for blocked has the price zero.

    :raises BadCell: no price, or a negative one
    """
    if clean(cell).lower() in _BLOCKED:
        return Decimal(0), True
    value = number(cell, mark)
    if value < 0:
        raise BadCell(f"{shown(cell)} is below zero")
    return value, False
