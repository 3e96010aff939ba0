"""CSV files of call records, a block of lines at a time. No Odoo here.

A block whose lines are all rows of the header's width, with quotes around whole cells
or none, is read by Arrow. One that is not is read line by line (:mod:`.lines`), so that
a damaged line is refused alone.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from odoo.addons.voip_billing_base.reader.workbook import BadFile

from ..engine.parse import quote
from .check import KNOWN, parse_records
from .column import repeated
from .extras import json_objects
from .limits import MAX_BYTES, SENT, metadata_of
from .lines import LINE_LIMIT, SPACES, Rows, count_lines, next_line

BLOCK = 1 << 22
# Small, so that the server has something to write soon.
FIRST_BLOCK = 1 << 19
COLUMNS = 500
# Of the kinds of skipped rows.
KINDS_COUNTED, KINDS_SHOWN, KIND_LENGTH = 1_000, 10, 20
MARK = b"\xef\xbb\xbf"
DELIMITERS = ",;\t|"
WANTED = ({"call_id"}, {"called"}, {"start"})
OTHER_FORMAT = "(or choose the Format of the switch that wrote it)"
# As spreadsheets write and read it.
SEPARATOR = re.compile(rb'"?sep=(.)"?[\r\n]*', re.IGNORECASE)


@dataclass(slots=True)
class Tally:
    """Lines below the header: each is a record, or was skipped.

    Skipped are empty lines, also those of delimiters alone, and the further lines of a
    row whose quoted cell has line ends, and rows that the format says are no calls:
    ``kinds`` counts these by their values.
    """

    lines: int = 0
    skipped: int = 0
    kinds: Counter = field(default_factory=Counter)

    def skip(self, count, parts):
        """Count what is in none of the parts of a table of ``count`` rows.

        :param parts: list of :class:`~..formats.convert.Converted`
        """
        self.skipped += count - sum(len(part.rows) for part in parts)
        for kind, number in parts[0].skipped.items():
            if kind in self.kinds or len(self.kinds) < KINDS_COUNTED:
                self.kinds[kind] += number

    def kinds_text(self):
        """The kinds of skipped rows, most first; ``""``: none."""
        found = self.kinds.most_common(KINDS_SHOWN)
        shown = [f"{_plain(kind)}: {count:,}" for kind, count in found]
        return ", ".join(shown + ["…"] * (len(self.kinds) > KINDS_SHOWN))


def _plain(kind):
    if kind.isprintable() and len(kind) <= KIND_LENGTH:
        return kind or "–"
    return quote(kind, KIND_LENGTH)


def chunks_of(file, limits, tally=None):
    """Parse a CSV file: comma, semicolon or tab; UTF-8; names in the first line.

    :param file: binary file, at its beginning
    :param limits: :class:`~.check.Limits`
    :param tally: :class:`Tally` that is counted up
    :return: iterator of ``(Records, {row: (code, message)}, source)``; ``source`` gives
        a row as it came, as a dict; a record's position is its line, the first being 0
    :raises BadFile: no usable header, or no text
    """
    tally = Tally() if tally is None else tally
    header, delimiter, line = generic_header(file)
    size = min(BLOCK, FIRST_BLOCK)
    while block := file.read(size) + next_line(file):
        count = count_lines(block)
        table = plain(block, header, delimiter, count)
        if table is not None:
            numbers = np.arange(line, line + count)
            yield _parse(header, table.columns, numbers, limits)
        else:
            rows = Rows(block, file, len(header), delimiter, line + 1)
            count = rows.lines
            tally.skipped += rows.skipped
            if rows.cells:
                columns = [list(values) for values in zip(*rows.cells, strict=True)]
                numbers = np.array(rows.numbers) - 1
                yield _parse(header, columns, numbers, limits, rows)
        line += count
        tally.lines += count
        size = BLOCK


def generic_header(file):
    """What :func:`header_of` says of a generic file.

    :raises BadFile: nor can it be told which of its calls were answered
    """
    found = header_of(file)
    _require_answer(found[0])
    return found


def _require_answer(header):
    """Refuse a file that tells how long calls were, and not whether they were answered.

    All its calls would be attempts, and free.
    """
    lasting = {"duration", "end"}.intersection(header)
    if lasting and not {"answer", "answered"}.intersection(header):
        raise BadFile(
            f"the first line names {' and '.join(sorted(lasting))}, but neither answer"
            " nor answered: which calls were answered cannot be told"
        )


def _first_line(file):
    """One line, however it ends."""
    first = file.readline(LINE_LIMIT)
    end = first.find(b"\r")
    if end < 0 and len(first) == LINE_LIMIT and not first.endswith(b"\n"):
        raise BadFile(f"line 1 is longer than {LINE_LIMIT:,} bytes")
    if end >= 0 and first[end : end + 2] != b"\r\n":
        file.seek(end + 1 - len(first), 1)
        first = first[: end + 1]
    return first


def header_of(file, wanted=WANTED, delimiter=None):
    """(names of the columns, delimiter, lines up to and with the names).

    :param wanted: sets of names, one of each of which the file has to have
    :param delimiter: None: as the first line shows
    """
    count, first = 1, _first_line(file).removeprefix(MARK)
    while first and (not first.strip() or SEPARATOR.fullmatch(first)):
        if found := SEPARATOR.fullmatch(first):
            delimiter = found[1].decode("latin-1")
            if delimiter not in DELIMITERS:
                raise BadFile(
                    f"line {count} names a delimiter that is not taken; known are"
                    " comma, semicolon, tab and |"
                )
        count, first = count + 1, _first_line(file)
    names, delimiter = _names(first, wanted, delimiter)
    return names, delimiter, count


def _names(first, wanted, delimiter):
    """(names of the columns, delimiter) that the first line says."""
    first = first.rstrip(b"\r\n")
    try:
        first = first.decode()
    except UnicodeDecodeError as error:
        raise BadFile(f"the file is not UTF-8 text ({error.reason})") from error
    delimiter = delimiter or max(",;\t", key=first.count)
    try:
        names = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error as error:
        raise BadFile(f"line 1 cannot be read: {error}") from error
    if len(names) > COLUMNS:
        raise BadFile(
            f"the first line names {len(names):,} columns, at most {COLUMNS} are taken"
        )
    header = [name.strip().lower() for name in names]
    missing = [" or ".join(sorted(n)) for n in wanted if not n.intersection(header)]
    if missing:
        raise BadFile(
            "the first line must name the columns; missing: "
            f"{', '.join(sorted(missing))} {OTHER_FORMAT}"
        )
    repeated = {name for name in header if header.count(name) > 1}
    if repeated:
        raise BadFile(f"columns named twice: {', '.join(sorted(repeated))}")
    return header, delimiter


# === Plain blocks === #


def plain(block, header, delimiter, count, key="call_id"):
    """A table of texts with a row for each line, else None.

    :param key: a column that no row leaves empty
    """
    quoted = b'"' in block
    # Arrow would take a byte order mark off any block.
    if block.startswith(MARK) or (quoted and not _well_quoted(block, delimiter)):
        return None
    kinds = dict.fromkeys(header, pa.string())
    try:
        table = read_csv(block, kinds, delimiter=delimiter, quotes=quoted)
    except pa.ArrowInvalid:
        return None
    if len(table) != count:
        return None
    keys = pc.ascii_trim(table[key].chunk(0), SPACES)
    return None if pc.any(pc.equal(keys, "")).as_py() else table


def _well_quoted(block, delimiter):
    """Whether each quoted cell is whole within its line, with nothing beside it."""
    raw = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(raw == ord('"'))
    ends = np.flatnonzero((raw == ord("\n")) | (raw == ord("\r")))
    if len(quotes) % 2 or (np.searchsorted(quotes, ends) % 2).any():
        return False
    edge = np.zeros(256, bool)
    edge[[ord(mark) for mark in ('"', "\n", "\r", delimiter)]] = True
    opening, closing = quotes[::2], quotes[1::2]
    opening = opening[opening > 0]
    closing = closing[closing < len(raw) - 1]
    return bool(edge[raw[opening - 1]].all() and edge[raw[closing + 1]].all())


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


# === Records === #


def _parse(header, columns, numbers, limits, rows=None):
    columns = [
        column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        for column in columns
    ]
    by_name = dict(zip(header, columns, strict=True))
    known = {name: column for name, column in by_name.items() if name in KNOWN}
    metadata = _extras(by_name, len(columns[0]))
    long_rows = _long_rows(by_name)
    if long_rows and isinstance(metadata, pa.Array):
        metadata = metadata.to_pylist()
    for row in long_rows:
        metadata[row] = metadata_of(_row(by_name, row))
    records, errors = parse_records(known, metadata, limits)
    records.position = numbers
    if rows is None:
        return records, errors, lambda row: _row(by_name, row, empty=True)
    errors.update(rows.errors)
    sent = rows.sent
    return (
        records,
        errors,
        lambda row: _row(by_name, row, empty=True) | sent.get(row, {}),
    )


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
    """JSON texts of what the columns of other names say; empty cells say nothing.

    :return: Arrow array; where rows had to be looked at, list of texts or BadValues
    """
    extra = {n: c for n, c in by_name.items() if n and n not in KNOWN}
    if not extra:
        return repeated("", count)
    # Records that were refused for their length are told apart row by row.
    is_plain = SENT not in extra and all(map(str.isprintable, extra))
    if is_plain and all(isinstance(c, pa.Array) for c in extra.values()):
        return json_objects(extra)
    columns = [
        column.to_pylist() if isinstance(column, pa.Array) else column
        for column in extra.values()
    ]
    return [
        metadata_of({n: v for n, v in zip(extra, values, strict=True) if v})
        for values in zip(*columns, strict=True)
    ]
