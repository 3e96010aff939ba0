"""Rows of cells as typed values by field, each problem with its row and reason."""

from dataclasses import dataclass, field

from . import values
from .values import BadCell, clean

_READERS = {
    "text": lambda cell, _map: clean(cell),
    "number": lambda cell, form: values.number(cell, form.mark),
    "whole": lambda cell, form: values.whole(cell, form.mark),
    "moment": lambda cell, form: values.moment(cell, form.shape),
    "flag": lambda cell, _map: values.flag(cell),
    # Read by who knows what the sheet is about.
    "cell": lambda cell, _map: cell,
}
KINDS = tuple(_READERS)
_MOST_KNOWN = 50_000


@dataclass(frozen=True, slots=True)
class Form:
    """How the texts of a sheet are written: decimal mark, order of a date."""

    mark: str = "."
    shape: str = "ymd"


@dataclass(slots=True)
class Row:
    """One row: its number in the sheet from 1, values by field, {field: reason}."""

    number: int
    values: dict
    problems: dict = field(default_factory=dict)


def read(rows, columns, kinds, form, first):
    """Typed rows, one at a time; rows without any value are left out.

    :param rows: iterable of lists of cells, those after the header
    :param columns: {field: column}
    :param kinds: {field: one of :data:`KINDS`}
    :param form: :class:`Form`
    :param first: number of the first row, from 1
    :return: iterator of :class:`Row`; a field whose cell is empty is not in its values
    """
    readers = [
        (name, column, _READERS[kinds[name]], None if kinds[name] == "cell" else {})
        for name, column in columns.items()
    ]
    for place, row in enumerate(rows, first):
        found, width = Row(place, {}), len(row)
        for name, column, reader, known in readers:
            cell = row[column] if column < width else None
            if cell is None or cell == "" or _is_blank(cell):
                continue
            try:
                found.values[name] = _read(cell, reader, known, form)
            except BadCell as error:
                found.problems[name] = str(error)
        if found.values or found.problems:
            yield found


def _is_blank(cell):
    """Whether a text has nothing but spaces; one that begins with a letter has."""
    return type(cell) is str and not cell[0].isalnum() and not clean(cell)


def _read(cell, reader, known, form):
    """The value of a cell; each text is read once, as columns repeat themselves.

    :param known: {text: value} of the column; None where the cell is its own value
    """
    if known is None:
        return cell
    if type(cell) is not str:
        return reader(cell, form)
    value = known.get(cell)
    if value is None:
        value = reader(cell, form)
        if len(known) < _MOST_KNOWN:
            known[cell] = value
    return value
