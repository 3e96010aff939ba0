"""A sheet of invoice lines, from its bytes to rows as the machine door takes them.

No Odoo here. Columns are named by letters, as spreadsheets do.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP
from itertools import islice

from odoo.addons.voip_billing_base.reader import grid, guess, header, typed
from odoo.addons.voip_billing_base.reader.workbook import BadFile

from ..invoices.figures import EXACT, UNIT
from ..invoices.rows import BadTerm, line
from .sums import Sums, is_sum

LOOKED_AT = 2_000
LINE_LIMIT = 100_000
# field: (kind for the reader, names of columns, the likeliest first)
COLUMNS = {
    "prefix": ("text", "code|prefix|dial code|dialcode|area prefix|codes|vorwahl"),
    "destination": (
        "text",
        "destination|destination name|description|name|country|zone|breakout|ziel",
    ),
    "day": ("moment", "day|date|call date|traffic date|usage date|datum"),
    "rate": (
        "number",
        "rate|price|rate per minute|price per minute|cost per minute|tariff|preis",
    ),
    "calls": (
        "whole",
        "calls|number of calls|no of calls|answered calls|completed calls|anrufe",
    ),
    "minutes": (
        "number",
        "minutes|billed minutes|charged minutes|duration min|mins|volume|minuten",
    ),
    "amount": (
        "number",
        "amount|total amount|charge|total|net amount|cost|charges|total charge|betrag",
    ),
}
WORDS = {name: tuple(words.split("|")) for name, (_kind, words) in COLUMNS.items()}
KINDS = {name: kind for name, (kind, _words) in COLUMNS.items()}
NUMBERS = ("rate", "calls", "minutes", "amount")


@dataclass(frozen=True, slots=True)
class Look:
    """What a sheet looks like: its header, places of columns, ways of writing."""

    header: header.Header
    mark: guess.Guess
    shape: guess.Guess


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: lines as :func:`~..invoices.rows.line` gives them, and
    (row of the sheet from 1, reason) of each row that is none."""

    lines: list
    faults: list


def look(data, sheet=None):
    """The header of a sheet and how its cells are written.

    :raises BadFile: the file cannot be read, or no row names an amount
    """
    rows = list(islice(grid.rows(data, sheet or None), LOOKED_AT))
    found = header.find(rows, WORDS, required=("amount",))
    if found is None:
        raise BadFile("no row names a column of amounts and another one")
    below = rows[found.row + 1 :]
    return Look(
        found,
        guess.mark(_cells(below, found.columns, NUMBERS)),
        guess.shape(_cells(below, found.columns, ("day",))),
    )


def read(data, sheet, first, columns, mark, shape):
    """Lines of a sheet; rows without an amount, and sums below them, are left out.

    :param first: place of the header, from 0
    :param columns: {field: place of its column, from 0}
    :rtype: Read
    :raises BadFile: the file cannot be read
    """
    rows = islice(grid.rows(data, sheet or None), first + 1, None)
    form = typed.Form(mark, shape)
    lines, faults = [], []
    sums = Sums()
    for row in typed.read(rows, columns, KINDS, form, first + 2):
        if "amount" not in row.values and "amount" not in row.problems:
            continue
        if row.problems:
            name, why = next(iter(row.problems.items()))
            faults.append((row.number, f"{name}: {why}"))
        elif row.values.keys() - {"amount", "calls", "minutes"}:
            _take(row, lines, faults, sums)
        if len(lines) > LINE_LIMIT:
            raise BadFile(f"the sheet has more than {LINE_LIMIT:,} lines")
    return Read(lines, faults)


def _take(row, lines, faults, sums):
    values = dict(row.values)
    if "day" in values:
        values["day"] = values["day"].date()
    if "prefix" in values:
        values["prefix"] = values["prefix"].strip()
    for name in ("rate", "minutes", "amount"):
        if name in values:
            values[name] = _shortened(values[name])
    if is_sum(values):
        if why := sums.against(values):
            faults.append((row.number, why))
        return
    try:
        lines.append(line(values))
        sums.add(values["amount"])
    except BadTerm as error:
        faults.append((row.number, str(error)))


def _shortened(number):
    """What a spreadsheet divided has more decimals than anybody charges by."""
    if number.as_tuple().exponent >= UNIT.as_tuple().exponent:
        return number
    return number.quantize(UNIT, ROUND_HALF_UP, context=EXACT)


def _cells(rows, columns, names):
    for name in names:
        place = columns.get(name)
        for row in rows if place is not None else ():
            if place < len(row):
                yield row[place]
