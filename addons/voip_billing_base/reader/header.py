"""Which row of a sheet names the columns, and what each column is."""

import re
from dataclasses import dataclass, field
from hashlib import sha256

from .values import clean

# A title, an address and a table of terms may stand above the header.
MOST_ROWS = 60
_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Header:
    """Names of columns.

    ``row`` counts from 0, ``names`` are the texts of its cells, ``columns`` is
    {field: column} of those that are known.
    """

    row: int
    names: tuple
    columns: dict = field(default_factory=dict)

    @property
    def mark(self):
        """What a header of the same names has too: 32 figures and letters."""
        text = "\x1f".join(plain(name) for name in self.names).rstrip("\x1f")
        return sha256(text.encode()).hexdigest()[:32]


def plain(name):
    """A name without case, signs and double spaces."""
    return _WORDS.sub(" ", clean(name).lower()).strip()


def find(rows, words, required=()):
    """The row that names most columns, else None.

    :param rows: the first rows of a sheet, lists of cells
    :param words: {field: names that a column of it may have}, the likeliest first
    :param required: fields without which a row is no header
    """
    best = None
    for place, row in enumerate(rows[:MOST_ROWS]):
        header = read(place, row, words)
        if len(header.columns) < 2 or not all(n in header.columns for n in required):
            continue
        if best is None or len(header.columns) > len(best.columns):
            best = header
    return best


def read(place, row, words):
    """The header that a row is."""
    names = tuple(clean(cell) for cell in row)
    plains = [plain(name) for name in names]
    columns, taken = {}, set()
    # The whole name before a part of it, for all fields.
    for test in (_is_name, _has_name):
        for key, options in words.items():
            if key in columns:
                continue
            found = _column(plains, options, test, taken)
            if found is not None:
                columns[key] = found
                taken.add(found)
    return Header(place, names, columns)


def _column(plains, options, test, taken):
    for option in options:
        for column, name in enumerate(plains):
            if column not in taken and name and test(name, option):
                return column
    return None


def _is_name(name, option):
    return name == option


def _has_name(name, option):
    return len(option) > 3 and f" {option} " in f" {name} "
