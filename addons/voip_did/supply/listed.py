"""A supplier's list of numbers as rows of digits, and what differs. No Odoo here."""

from decimal import Decimal

from odoo.addons.voip_billing_base.reader import grid, header

from ..numbers.words import BadNumberRow, e164

WORDS = {
    "number": (
        "number",
        "did",
        "phone number",
        "telephone number",
        "tn",
        "e164",
        "msisdn",
        "ddi",
    ),
    "status": ("status", "state"),
    "cost": ("monthly", "mrc", "cost", "price"),
}
MISSING_HERE, MISSING_THERE, ENDED, FAULTY = "here", "there", "ended", "faulty"


class NoNumbers(ValueError):
    """The sheet has no column of numbers."""


def numbers_of(data):
    """The numbers of a CSV or XLSX file: ({digits: row from 1}, [(row, text, why)]).

    The row that names the columns is looked for; a sheet of one column may do without.

    :raises NoNumbers: no column can be one of numbers
    :raises BadFile: the file cannot be read
    """
    rows = list(grid.rows(data))
    column, first = _column(rows)
    found, faulty = {}, []
    for place, row in enumerate(rows[first:], first + 1):
        cell = row[column] if column < len(row) else None
        text = _text(cell)
        if not text:
            continue
        try:
            found.setdefault(e164(text), place)
        except BadNumberRow as error:
            faulty.append((place, text, str(error)))
    return found, faulty


def _column(rows):
    named = header.find(rows, WORDS, ("number",))
    if named:
        return named.columns["number"], named.row + 1
    for place, row in enumerate(rows[: header.MOST_ROWS]):
        alone = header.read(place, row, WORDS).columns
        # A title stands in a row of its own.
        if "number" in alone and sum(bool(_text(cell)) for cell in row) > 1:
            return alone["number"], place + 1
    for place, row in enumerate(rows[: header.MOST_ROWS]):
        cells = [column for column, cell in enumerate(row) if _text(cell)]
        if len(cells) == 1:
            alone = header.read(place, row, WORDS)
            return cells[0], place + (alone.columns.get("number") == cells[0])
    raise NoNumbers(
        "No row names a column of numbers: call it Number, DID or Phone Number."
    )


def _text(cell):
    """A cell as the digits that it shows; a workbook keeps long numbers as numbers."""
    if isinstance(cell, Decimal) and cell == cell.to_integral_value():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


def differences(listed, held, ended):
    """[(kind, digits)] of what a list and the inventory say differently, in order.

    :param listed: digits of the supplier's list
    :param held: digits of numbers that are held of him today
    :param ended: digits of numbers that he has back by then
    """
    listed, held, ended = set(listed), set(held), set(ended)
    return [
        *((MISSING_HERE, digits) for digits in sorted(listed - held - ended)),
        *((MISSING_THERE, digits) for digits in sorted(held - listed)),
        *((ENDED, digits) for digits in sorted(listed & ended)),
    ]
