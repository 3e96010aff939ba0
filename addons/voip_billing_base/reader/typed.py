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
    # Each text of a column is read once, as columns repeat themselves.
    readers = [
        (name, column, kinds[name] == "cell", _READERS[kinds[name]], {})
        for name, column in columns.items()
    ]
    for place, row in enumerate(rows, first):
        found = Row(place, {})
        _fill(found, row, readers, form)
        if found.values or found.problems:
            yield found


def _fill(found, row, readers, form):
    """Take the values of a row's cells, and what is wrong with them."""
    values, width = found.values, len(row)
    for name, column, is_own, reader, known in readers:
        cell = row[column] if column < width else None
        if cell is None:
            continue
        is_text = type(cell) is str
        if is_text:
            if cell in known:
                values[name] = known[cell]
                continue
            if _is_blank(cell):
                continue
        try:
            values[name] = cell if is_own else reader(cell, form)
        except BadCell as error:
            found.problems[name] = str(error)
            continue
        if is_text and not is_own and len(known) < _MOST_KNOWN:
            known[cell] = values[name]


def _is_blank(cell):
    """Whether a text has nothing but spaces; one that begins with a letter has."""
    return not cell or (not cell[0].isalnum() and not clean(cell))
