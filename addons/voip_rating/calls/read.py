"""CSV files of call records, a chunk of rows at a time. No Odoo here.

Lines without quotes are read by Arrow, block by block; from the first block with a
quote on, and in a block that is out of shape, Python's reader goes row by row.
"""

import csv
import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from .check import KNOWN, parse_records
from .limits import MAX_BYTES, metadata_of

ROWS = 25_000
BLOCK = 1 << 22
# Small, so that the server has something to write soon.
FIRST_BLOCK = 1 << 19
FIELD_LIMIT = 131_072
LINE_LIMIT = 1 << 20
COLUMNS = 500
MARK = b"\xef\xbb\xbf"


class BadFile(ValueError):
    """A file that cannot be read as call records; the message says why."""


def chunks_of(file, limits):
    """Parse a CSV file: comma, semicolon or tab; UTF-8; names in the first line.

    :param file: binary file, at its beginning
    :param limits: :class:`~.check.Limits`
    :return: iterator of ``(Records, {row: (code, message)}, source)``; ``source`` gives
        a row as it came, as a dict
    :raises BadFile: no usable header, or no text
    """
    header, delimiter = _header(file)
    position, line, size = 0, 1, min(BLOCK, FIRST_BLOCK)
    while block := _block(file, size, line):
        table, quoted = None, b'"' in block
        # Arrow would take a byte order mark off any block.
        if not quoted and not block.startswith(MARK):
            table = _plain(block, header, delimiter)
        if table is not None:
            if len(table):
                yield _parse(header, table.columns, {}, limits, position)
            position += len(table)
        else:
            _check_text(block, line)
            rest = io.BytesIO(block)
            if quoted:
                rest = io.BufferedReader(_Rest(block, file), 1 << 20)
            for columns, ragged in _careful(rest, header, delimiter, line):
                yield _parse(header, columns, ragged, limits, position)
                position += len(columns[0])
        line += block.count(b"\n")
        size = BLOCK


def _block(file, size, line):
    """The next whole lines, some ``size`` bytes."""
    block = file.read(size)
    tail = file.readline(LINE_LIMIT)
    if len(tail) == LINE_LIMIT and not tail.endswith(b"\n"):
        # Lines may end in a carriage return alone.
        end = tail.rfind(b"\r") + 1
        if not end:
            place = line + block.count(b"\n") + 1
            raise BadFile(f"line {place} is longer than {LINE_LIMIT:,} bytes")
        file.seek(end - len(tail), io.SEEK_CUR)
        tail = tail[:end]
    return block + tail


def _check_text(block, line):
    try:
        block.decode()
    except UnicodeDecodeError as error:
        place = line + block.count(b"\n", 0, error.start) + 1
        raise BadFile(f"line {place} cannot be read: {error.reason}") from error


def _header(file):
    first = file.readline(LINE_LIMIT)
    end = first.find(b"\r")
    if end < 0 and len(first) == LINE_LIMIT and not first.endswith(b"\n"):
        raise BadFile(f"line 1 is longer than {LINE_LIMIT:,} bytes")
    if end >= 0 and first[end : end + 2] != b"\r\n":
        file.seek(end + 1)
        first = first[:end]
    return _names(first.removeprefix(MARK))


def _names(first):
    """(names of the columns, delimiter) that the first line says."""
    try:
        first = first.decode()
    except UnicodeDecodeError as error:
        raise BadFile(f"the file is not UTF-8 text ({error.reason})") from error
    delimiter = max(",;\t", key=first.count)
    try:
        names = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error as error:
        raise BadFile(f"line 1 cannot be read: {error}") from error
    if len(names) > COLUMNS:
        raise BadFile(
            f"the first line names {len(names):,} columns, at most {COLUMNS} are taken"
        )
    header = [name.strip().lower() for name in names]
    missing = {"call_id", "called", "start"} - set(header)
    if missing:
        raise BadFile(
            "the first line must name the columns; missing: "
            + ", ".join(sorted(missing))
        )
    repeated = {name for name in header if header.count(name) > 1}
    if repeated:
        raise BadFile(f"columns named twice: {', '.join(sorted(repeated))}")
    return header, delimiter


# === Blocks without quotes === #


def _plain(block, header, delimiter):
    """A table of texts, or None where a row is ragged or no text."""
    try:
        return read_csv(
            block, dict.fromkeys(header, pa.string()), delimiter=delimiter, quotes=False
        )
    except pa.ArrowInvalid:
        return None


def read_csv(data, kinds, delimiter=",", quotes=True):
    """An Arrow table of CSV text without header, each column in one chunk.

    :param kinds: {column: Arrow type}; what is empty is an empty text, else null
    :raises pyarrow.ArrowInvalid: a row does not fit
    """
    if not len(data):
        return pa.table({name: pa.array([], kind) for name, kind in kinds.items()})
    table = arrow_csv.read_csv(
        pa.BufferReader(data),
        arrow_csv.ReadOptions(
            column_names=list(kinds), use_threads=False, block_size=len(data)
        ),
        arrow_csv.ParseOptions(
            delimiter=delimiter,
            quote_char='"' if quotes else False,
            newlines_in_values=quotes,
        ),
        arrow_csv.ConvertOptions(
            column_types=kinds,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=False,
        ),
    )
    return table.combine_chunks()


# === Row by row === #


class _Rest(io.RawIOBase):
    """A block that was read already, and what follows it in its file."""

    def __init__(self, block, file):
        super().__init__()
        self._block, self._file = io.BytesIO(block), file

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self._block.read(len(buffer)) or self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _careful(stream, header, delimiter, line):
    """(columns, {row: error}) of chunks of rows."""
    csv.field_size_limit(FIELD_LIMIT)
    rows = csv.reader(
        io.TextIOWrapper(stream, encoding="utf-8", newline=""), delimiter=delimiter
    )
    while lines := _take(rows, line):
        ragged = _straighten(lines, len(header))
        yield [list(values) for values in zip(*lines, strict=True)], ragged


def _take(rows, line):
    lines = []
    try:
        for row in rows:
            if row:
                lines.append(row)
                if len(lines) == ROWS:
                    break
    except csv.Error as error:
        place = line + rows.line_num + 1
        raise BadFile(f"line {place} cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        # The reader is ahead of the rows.
        place = line + rows.line_num
        raise BadFile(
            f"a line after {place} cannot be read: {error.reason}"
        ) from error
    return lines


def _straighten(lines, width):
    ragged = {}
    for row, line in enumerate(lines):
        if len(line) != width:
            ragged[row] = (
                "missing_field",
                f"the row has {len(line)} columns, the header {width}",
            )
            lines[row] = (line + [""] * width)[:width]
    return ragged


# === Records === #


def _parse(header, columns, ragged, limits, position):
    columns = [
        column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        for column in columns
    ]
    by_name = dict(zip(header, columns, strict=True))
    known = {name: column for name, column in by_name.items() if name in KNOWN}
    metadata = _extras(by_name, len(columns[0]))
    for row in _long_rows(by_name):
        metadata[row] = metadata_of(_row(by_name, row))
    records, errors = parse_records(known, metadata, limits, position)
    errors.update(ragged)

    return records, errors, lambda row: _row(by_name, row, empty=True)


def _row(by_name, row, empty=False):
    """A row as it came, as a dict; cells with nothing in them only on request."""
    values = ((name, column[row]) for name, column in by_name.items())
    texts = ((n, v.as_py() if isinstance(v, pa.Scalar) else v) for n, v in values)
    return {name: text for name, text in texts if empty or (name and text)}


def _long_rows(by_name):
    """Rows that may be longer than a record: a character takes six bytes at most."""
    lengths = sum(map(_lengths, by_name.values()))
    names = sum(len(name) + 1 for name in by_name)
    return np.flatnonzero((lengths + names) * 6 > MAX_BYTES).tolist()


def _lengths(column):
    if isinstance(column, pa.Array):
        return pc.binary_length(column).to_numpy()
    return np.fromiter(map(len, column), np.int32, len(column))


def _extras(by_name, count):
    """JSON texts of what the columns of other names say; empty cells say nothing."""
    extra = [name for name in by_name if name and name not in KNOWN]
    if not extra:
        return [""] * count
    columns = [
        column.to_pylist() if isinstance(column, pa.Array) else column
        for column in map(by_name.get, extra)
    ]
    return [
        metadata_of({n: v for n, v in zip(extra, values, strict=True) if v})
        for values in zip(*columns, strict=True)
    ]
