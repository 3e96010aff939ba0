"""A row of a sheet as a session of the machine door. No Odoo, no database."""

from datetime import datetime
from decimal import Decimal

from ..engine.kinds import SENT, TOKENS


def sessions_of(rows):
    """[session] of the rows of a sheet, the first of which names the columns.

    A column is a field of a session, or a kind: tokens are totals, of others a part is
    made. Rows without any value are left out, and count for the numbers of errors.

    :param rows: iterable of lists of cells
    :return: [(number of the row in the sheet, session)]
    """
    rows = iter(rows)
    names = [str(cell or "").strip().lower() for cell in next(rows, [])]
    found = []
    for number, row in enumerate(rows, 2):
        cells = {n: _text(c) for n, c in zip(names, row, strict=False) if n}
        given = {name: value for name, value in cells.items() if value != ""}
        if given:
            found.append((number, _session(given)))
    return found


def _session(given):
    tokens = {kind: given.pop(kind) for kind in TOKENS if kind in given}
    parts = [
        {"kind": kind, "units": given.pop(kind)}
        for kind in SENT
        if kind in given
    ]
    if tokens:
        given["tokens"] = tokens
    if parts:
        given["parts"] = parts
    if "connected" in given:
        word = given["connected"].lower()
        given["connected"] = {"true": True, "1": True, "yes": True, "false": False,
                              "0": False, "no": False}.get(word, word)  # fmt: skip
    return given


def _text(cell):
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    return str(cell).strip()
