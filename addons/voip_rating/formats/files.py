"""Files in a format, a block at a time."""

import csv
import io
import json
from collections import Counter
from functools import partial

import numpy as np

from ..calls.check import columns_of, parse_records
from ..calls.limits import NOTE, SENT
from ..calls.lines import Rows, count_lines, next_line
from ..calls.read import (
    BLOCK,
    COLUMNS,
    DELIMITERS,
    FIRST_BLOCK,
    MARK,
    OTHER_FORMAT,
    BadFile,
    Tally,
    chunks_of,
    generic_header,
    header_of,
    plain,
)
from ..engine.parse import quote
from .convert import convert_all
from .envelope import Envelope, NoRecord
from .source import CsvRows, JsonRows

JSON_LIMIT = 256 << 20
SAMPLE = 200
STEP = 10_000
SPACES = b" \t\r\n"


def chunks_in(file, layout, limits, tally=None):
    """Parse a file as :func:`~..calls.read.chunks_of` does, in any format.

    :param layout: :class:`~.layout.Format`; None: generic
    """
    tally = Tally() if tally is None else tally
    if layout is None and is_json(file):
        return _generic_chunks(file, limits, tally)
    if layout is None:
        return chunks_of(file, limits, tally)
    return _chunks(file, layout, limits, tally)


def check_beginning(file, layout):
    """Refuse a file of which nothing could be read, before a batch is made of it.

    :raises BadFile: as the first of :func:`chunks_in` would
    """
    if _has_json(file, layout):
        next(_json_tables(file, layout, Tally()), None)
    elif layout is None:
        generic_header(file)
    else:
        _head(file, layout)


def _chunks(file, layout, limits, tally):
    if _has_json(file, layout):
        tables = _json_tables(file, layout, tally)
    else:
        tables = _csv_tables(file, layout, tally)
    if layout.pair_sources:
        tables = _whole(tables)
    for table, numbers, broken in tables:
        parts = convert_all(layout, table, limits, broken)
        tally.skip(table.count, parts)
        for found in parts:
            found.records.position = numbers[found.rows]
            if len(found.rows):
                yield found.records, found.errors, found.source


def _generic_chunks(file, limits, tally):
    """Parse a file of JSON records as the API takes them."""
    for table, numbers, broken in _json_tables(file, None, tally):
        records, errors = parse_records(*columns_of(table.dicts), limits)
        errors.update({row: why[:2] for row, why in broken.items()})
        records.position = numbers
        if len(numbers):
            yield records, errors, partial(_generic_source, table.dicts, broken)


def _generic_source(dicts, broken, row):
    row = int(row)
    return broken[row][2] if row in broken else dicts[row]


def _has_json(file, layout):
    source = "csv" if layout is None else layout.source
    return source == "json" or (source == "csv" and is_json(file))


def is_json(file):
    """Whether a file begins as JSON does, and as no first line of names."""
    start = file.read(64).removeprefix(MARK).lstrip(SPACES)
    file.seek(0)
    return start.startswith((b"{", b"["))


def _whole(tables):
    """One table of all: a call's rows may be far from each other."""
    parts = list(tables)
    if not parts:
        return
    broken, before = {}, 0
    for table, _numbers, errors in parts:
        broken |= {row + before: why for row, why in errors.items()}
        before += table.count
    table = parts[0][0].joined([table for table, *_rest in parts])
    yield table, np.concatenate([numbers for _t, numbers, _e in parts]), broken


# === CSV === #


def _csv_tables(file, layout, tally):
    """(CsvRows, line of each, damaged rows) of each block."""
    header, delimiter, line = _head(file, layout)
    key, size = _key(layout, header), FIRST_BLOCK
    while block := file.read(size) + next_line(file):
        count = count_lines(block)
        table, errors = plain(block, header, delimiter, count, key), {}
        if table is not None:
            columns = [column.chunk(0) for column in table.columns]
            numbers = np.arange(line, line + count)
        else:
            rows = Rows(block, file, len(header), delimiter, line + 1)
            count = rows.lines
            tally.skipped += rows.skipped
            columns = [list(values) for values in zip(*rows.cells, strict=True)]
            numbers = np.array(rows.numbers, np.int64) - 1
            sent = rows.sent
            errors = {
                row: (code, why, sent.get(row, {}))
                for row, (code, why) in rows.errors.items()
            }
        line += count
        tally.lines += count
        size = BLOCK
        if columns:
            by_name = dict(zip(header, columns, strict=True))
            yield CsvRows(by_name, len(numbers)), numbers, errors


def _key(layout, header):
    """A column that a row with a call does not leave empty."""
    start = next(line for line in layout.lines if line.target == "start")
    names = [name.lower() for part in start.sources for name in part]
    return next((name for name in names if name in header), header[0])


def _head(file, layout):
    """(names of the columns, delimiter, lines above the first row)."""
    if layout.source == "csv":
        wanted = [
            {name.lower() for part in line.sources for name in part}
            for line in layout.lines
            if line.target in ("call_id", "called", "start")
            and line.transform != "constant"
        ]
        return header_of(file, wanted, layout.delimiter or None)
    start = file.read(FIRST_BLOCK)
    mark = len(MARK) if start.startswith(MARK) else 0
    file.seek(mark)
    lines = start[mark:].decode("utf-8", "replace").splitlines()[:SAMPLE]
    lines = [line for line in lines if line.strip()]
    delimiter = layout.delimiter or max(
        DELIMITERS, key=lambda sign: sum(line.count(sign) for line in lines)
    )
    return list(_positions(lines, layout, delimiter)), delimiter, 0


def _positions(lines, layout, delimiter):
    """Names of as many columns as most rows have."""
    names = [name.lower() for name in layout.names][:COLUMNS]
    counts = Counter(_width(line, delimiter) for line in lines)
    fitting = [n for n in counts if layout.least <= n <= len(names)]
    if not lines:
        return names
    if not fitting:
        raise BadFile(
            f"the rows have {counts.most_common(1)[0][0]} columns, the format has"
            f" {layout.least} to {len(names)} {OTHER_FORMAT}"
        )
    return names[: max(fitting, key=counts.__getitem__)]


def _width(line, delimiter):
    try:
        return len(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return 0


# === JSON === #


def _json_tables(file, layout, tally):
    """(JsonRows, number of each, damaged rows) of a list, or of an object a line."""
    data = file.read(JSON_LIMIT + 1)
    if len(data) > JSON_LIMIT:
        raise BadFile(f"the file is longer than {JSON_LIMIT:,} bytes")
    data = data.removeprefix(MARK)
    found = _loaded(data)
    if found is None:
        if data.lstrip(SPACES).startswith(b"["):
            raise BadFile("the list of JSON records is damaged or cut off")
        found = _by_line(data, layout, tally)
    else:
        found = list(enumerate(_listed(found, layout)))
        tally.lines += len(found)
    for start in range(0, len(found), STEP):
        part = found[start : start + STEP]
        broken = {
            row: record
            for row, (_number, record) in enumerate(part)
            if isinstance(record, tuple)
        }
        records = [{} if isinstance(record, tuple) else record for _n, record in part]
        numbers = np.array([number for number, _record in part], np.int64)
        yield JsonRows(records), numbers, broken


class _Twice(dict):
    """An object that names something twice: which of the values is meant?"""

    name = ""


def _object(pairs):
    """A JSON object; one that holds an object with a name twice is no better."""
    found = dict(pairs)
    wrong = next((v.name for v in found.values() if type(v) is _Twice), "")
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        wrong = next(name for name in names if names.count(name) > 1)
    if not wrong:
        return found
    found = _Twice(found)
    found.name = wrong
    return found


def _loaded(data):
    """What a JSON text says; None: it is none."""
    try:
        return json.loads(data, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None


def _listed(found, layout):
    """Records of a list, of one record, or of the only list in an answer of an API."""
    if not isinstance(found, list | dict):
        raise BadFile(f"the file has no JSON records {OTHER_FORMAT}")
    if type(found) is _Twice:
        raise BadFile(f"the file's object names {quote(found.name)} twice")
    alone = isinstance(found, dict)
    code = "generic" if layout is None else layout.code
    try:
        found = Envelope.of(layout).opened([found] if alone else found, strict=alone)
    except NoRecord as error:
        raise BadFile(
            f"the file is no record of the format {code}: {error} {OTHER_FORMAT}"
        ) from error
    return [_record(record, number) for number, record in enumerate(found)]


def _by_line(data, layout, tally):
    """[(number, record)] of lines that are objects; empty lines are skipped."""
    found, envelope = [], Envelope.of(layout)
    for number, line in enumerate(io.BytesIO(data)):
        records = [_loaded(line)] if line.strip() else []
        if not any(type(record) is _Twice for record in records):
            records = envelope.opened(records)
        for record in records:
            found.append((tally.lines, _record(record, number, line)))
            tally.lines += 1
        if not records:
            tally.lines += 1
            tally.skipped += 1
    return found


def _record(record, number, line=b""):
    """A record; where it is none, the error of its row."""
    twice = isinstance(record, _Twice)
    if isinstance(record, dict) and not twice:
        return record
    text = line.decode("utf-8", "backslashreplace").strip() or str(record)[:SAMPLE]
    why = f"names {quote(record.name)} twice" if twice else "is no JSON object"
    why = f"line {number + 1:,}: {why}"
    return "missing_field", why, {NOTE: "the line as it came", SENT: text}
