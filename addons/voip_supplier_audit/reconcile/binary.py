"""Whole columns of numbers out of and into PostgreSQL.

The binary format of COPY (PostgreSQL manual, "COPY", Binary Format) is a header, then
of each row the number of fields and of each field its size and big-endian bytes;
columns that are never null have rows of one size, which numpy reads in one go.
"""

import io

import numpy as np

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
_INTEGER_SIZE = 8
# timestamps count microseconds from 2000 on
SINCE_2000_US = 946_684_800_000_000
# So many rows stay in the cache of a core while they are taken apart.
PIECE_ROWS = 10_000
# int64 scaled by 10^8 has at most three digits to the base of 10,000 before the point.
_DIGITS = 5
# As the types send and receive themselves (src/backend/utils/adt/numeric.c).
KINDS = {
    "bigint": np.dtype(">i8"),
    "integer": np.dtype(">i4"),
    "smallint": np.dtype(">i2"),
    "boolean": np.dtype("?"),
    "money": np.dtype(
        [
            ("count", ">i2"),
            ("weight", ">i2"),
            ("sign", ">i2"),
            ("decimals", ">i2"),
            ("digits", ">i2", (_DIGITS,)),
        ]
    ),
}


def _row(names, kinds=()):
    kinds = kinds or ("bigint",) * len(names)
    fields = [("fields", ">i2")]
    for name, kind in zip(names, kinds, strict=True):
        fields += [(f"{name} size", ">i4"), (name, KINDS[kind])]
    return np.dtype(fields)


def read_columns(cr, query, names, moments=()):
    """Read the result of a query.

    :param cr: cursor of psycopg2
    :param query: SQL text (safe, values in it) whose columns are bigint or timestamp,
        never null
    :param names: their names; those in ``moments`` become microseconds since 1970
    :return: {name: int64 array}
    :raise ValueError: where a value is null or of another type
    """
    buffer = io.BytesIO()
    cr.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", buffer, size=1 << 20)
    data, row = buffer.getbuffer(), _row(names)
    size = len(data) - len(_HEADER) - len(_END)
    if size % row.itemsize:
        raise ValueError(f"a column of {', '.join(names)} is null, or no bigint")
    table = np.frombuffer(data, row, size // row.itemsize, len(_HEADER))
    columns = {name: np.empty(len(table), np.int64) for name in names}
    for first in range(0, len(table), PIECE_ROWS):
        part = slice(first, first + PIECE_ROWS)
        for name in names:
            if (table[f"{name} size"][part] != _INTEGER_SIZE).any():
                raise ValueError(f"column {name} is null, or no bigint")
            columns[name][part] = table[name][part]
    for name in moments:
        columns[name] += SINCE_2000_US
    return columns


def copy_columns(cr, target, columns, kinds=None):
    """Write rows, no value of which is null.

    :param target: table with the names of its columns, as SQL text
    :param columns: arrays of integers, in that order
    :param kinds: what each column of the table is: a key of :data:`KINDS`; bigint
        without
    """
    kinds = kinds or ("bigint",) * len(columns)
    stream = _Pieces(columns, kinds)
    cr.copy_expert(f"COPY {target} FROM STDIN (FORMAT binary)", stream, size=1 << 20)


def _written(values, kind):
    """Values as the binary format has a kind."""
    if kind != "money":
        return values
    table = np.empty(len(values), KINDS["money"])
    table["count"], table["weight"], table["decimals"] = _DIGITS, _DIGITS - 3, 8
    table["sign"] = np.where(values < 0, 0x4000, 0)
    rest = np.abs(values)
    for place in range(_DIGITS - 1, -1, -1):
        rest, table["digits"][:, place] = np.divmod(rest, 10_000)
    return table


class _Pieces(io.RawIOBase):
    """What COPY reads, made a piece of rows at a time."""

    def __init__(self, columns, kinds):
        super().__init__()
        self._made = self._make(columns, kinds)
        self._rest = memoryview(b"")

    def readable(self):
        return True

    def readinto(self, target):
        while not self._rest:
            piece = next(self._made, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    @staticmethod
    def _make(columns, kinds):
        row = _row([str(place) for place in range(len(columns))], kinds)
        yield _HEADER
        for first in range(0, len(columns[0]), PIECE_ROWS):
            part = slice(first, first + PIECE_ROWS)
            table = np.empty(len(columns[0][part]), row)
            table["fields"] = len(columns)
            for place, (column, kind) in enumerate(zip(columns, kinds, strict=True)):
                table[f"{place} size"] = KINDS[kind].itemsize
                table[str(place)] = _written(column[part], kind)
            yield table.tobytes()
        yield _END
