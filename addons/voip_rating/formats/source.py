"""Rows of a file, or JSON records, as columns of texts by name."""

import re
from datetime import datetime
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..calls.charge import CHARGE
from ..calls.column import repeated
from ..calls.extras import json_objects
from ..calls.limits import KNOWN_NAMES, WORD, metadata_of, to_strict_json
from ..engine.parse import quote
from .layout import ALL
from .transform import transform

# Never kept, whatever a format says: what opens doors, and what is bulky.
SECRET = re.compile(
    r"passw|passwd|secret|token|authoriz|api_?key|credential|private_?key|nonce"
    r"|digits_dialed|dtmf|(?:^|_)(?:pin|sdp)(?:_|$)",
    re.IGNORECASE,
)
MOST_BITS = 256
# Columns of so many names at most; records that have more are taken one by one.
MOST_NAMES = 500
TEXT = {str, type(None)}


def kept_name(name):
    """A name beside those of a call record."""
    return f"sent_{name}" if name in KNOWN_NAMES or name == CHARGE else name


class CsvRows:
    """Rows of a CSV file: each has all columns.

    :param by_name: {name: Arrow array of texts or list of texts}
    """

    def __init__(self, by_name, count):
        self._by_name = {
            name: values if isinstance(values, pa.Array) else pa.array(values)
            for name, values in by_name.items()
        }
        self.count = count

    def column(self, name, _errors=None):
        """Arrow array of texts; None: there is no such column."""
        return self._by_name.get(name.lower())

    def lacks(self, names):
        """Bool array of the rows that have none of the columns: all or none."""
        known = any(name.lower() in self._by_name for name in names)
        return np.full(self.count, not known)

    def take(self, rows):
        rows = pa.array(rows)
        return CsvRows(
            {name: pc.take(column, rows) for name, column in self._by_name.items()},
            len(rows),
        )

    def joined(self, tables):
        """One table of several with the same columns."""
        parts = [table._by_name for table in tables]
        by_name = {
            name: pa.concat_arrays([part[name] for part in parts]) for name in parts[0]
        }
        return CsvRows(by_name, sum(table.count for table in tables))

    def raw(self, row):
        """A row as it came, without secrets."""
        return {
            name: column[int(row)].as_py()
            for name, column in self._by_name.items()
            if name and not SECRET.search(name)
        }

    def metadata(self, layout):
        """JSON texts of what is kept beside the call, as
        :func:`~..calls.extras.json_objects` has them."""
        used = {name.lower() for name in layout.used}
        wanted = None if ALL in layout.keep else {n.lower() for n in layout.keep}
        columns = {
            kept_name(name): column
            for name, column in self._by_name.items()
            if name
            and not SECRET.search(name)
            and (name not in used if wanted is None else name in wanted)
        }
        if not columns or not self.count:
            return repeated("", self.count)
        return json_objects(columns)


class JsonRows:
    """JSON records."""

    def __init__(self, dicts):
        self.dicts = dicts
        self.count = len(dicts)
        self._known, self._dotted = {}, None

    def column(self, name, errors=None):
        """Arrow array of texts; None: no record has a value of the name.

        :param errors: {row: (code, message)} of values that are no single ones
        """
        found = self._values(name)
        kinds = set(map(type, found))
        if kinds <= {type(None)}:
            return None
        texts = found if kinds <= TEXT else [_as_text(value) for value in found]
        try:
            array = pa.array(texts, pa.string())
        except UnicodeEncodeError:
            texts = [_encodable(_as_text(value)) for value in found]
            array = pa.array(texts, pa.string())
        if not array.null_count:
            return array
        if texts is found:
            return pc.fill_null(array, "")
        for row in np.flatnonzero(array.is_null().to_numpy(False)).tolist():
            if errors is not None:
                why = f"{name}: {quote(found[row])} is not a text"
                errors.setdefault(row, ("missing_field", why))
        return pc.fill_null(array, "?")

    def lacks(self, names):
        """Bool array of the records that have none of the names, not even as null."""
        found = np.zeros(self.count, bool)
        for name in names:
            path = "." in name
            has = (_has(r, name) if path else name in r for r in self.dicts)
            found |= np.fromiter(has, bool, self.count)
        return ~found

    def _values(self, name):
        """The values of a name, or of a path like ``variables.uuid``; None: none."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name):
        above, mark, last = name.rpartition(".")
        if not mark:
            return [record.get(name) for record in self.dicts]
        place = _place(last)
        found = [
            value.get(last)
            if type(value) is dict
            else _item(value, place)
            for value in self._values(above)
        ]
        if self._dotted is None:
            self._dotted = {key for record in self.dicts for key in record}
        if name in self._dotted:
            pairs = zip(self.dicts, found, strict=True)
            found = [record.get(name, value) for record, value in pairs]
        return found

    def take(self, rows):
        return JsonRows([self.dicts[row] for row in rows])

    def joined(self, tables):
        return JsonRows([record for table in tables for record in table.dicts])

    def raw(self, row):
        return without_secrets(self.dicts[int(row)])

    def metadata(self, layout):
        """JSON texts of what is kept beside the call, as
        :func:`~..calls.extras.json_objects` has them."""
        kept = _Kept(layout)
        names = dict.fromkeys(name for record in self.dicts for name in record)
        if not self.count or (kept.all and len(names) > MOST_NAMES):
            return [kept.text(kept.of(record)) for record in self.dicts]
        if kept.all:
            found = {
                name: [record.get(name) for record in self.dicts]
                for name in kept.wanted(names)
            }
        else:
            found = {name: self._values(name) for name in kept.names}
        columns, bare, odd = _columns(found, layout.url_encoded)
        texts = json_objects(columns, bare) if columns else repeated("", self.count)
        if odd and isinstance(texts, pa.Array):
            texts = texts.to_pylist()
        for row in odd:
            texts[row] = kept.text({name: v[row] for name, v in found.items()})
        return texts


class _Kept:
    """What is kept of JSON records beside the call."""

    def __init__(self, layout):
        self.all = ALL in layout.keep
        self.names = [] if self.all else self._public(layout.keep)
        self._used, self._coded = layout.used, layout.url_encoded

    @staticmethod
    def _public(names):
        return [name for name in names if not SECRET.search(name)]

    def wanted(self, names):
        return self._public(name for name in names if name not in self._used)

    def of(self, record):
        """{name: value} of one of many unlike records."""
        return {name: record[name] for name in self.wanted(record)}

    def text(self, found):
        """JSON text of values by their names."""
        kept = {}
        for name, value in found.items():
            value = without_secrets(value)
            if self._coded and isinstance(value, str):
                value = unquote(value)
            if value is not None and value != "":
                kept[kept_name(name)] = value
        return metadata_of(kept)


def _columns(found, coded):
    """({kept name: texts}, names of numbers, rows that have other values)."""
    columns, bare, odd = {}, set(), set()
    for name, values in found.items():
        kinds = set(map(type, values)) - {type(None)}
        texts = values
        if kinds == {int} and all(v is None or -WORD < v < WORD for v in values):
            bare.add(kept_name(name))
            texts = [value if value is None else str(value) for value in values]
        elif kinds - {str}:
            texts = [value if type(value) is str else None for value in values]
        try:
            array = pa.array(texts, pa.string())
        except UnicodeEncodeError:
            texts = [_encodable(text) for text in texts]
            array = pa.array(texts, pa.string())
        if texts is not values and kept_name(name) not in bare:
            pairs = enumerate(zip(values, texts, strict=True))
            odd.update(row for row, (value, text) in pairs if value is not text)
        array = pc.fill_null(array, "")
        if coded and pc.any(pc.match_substring(array, "%")).as_py():
            array, _bad = transform(array, "url")
        columns[kept_name(name)] = array
    return columns, bare, odd


def _has(record, name):
    """Whether a record has a name, or a path like ``variables.uuid``."""
    above, mark, last = name.rpartition(".")
    if name in record or not mark:
        return name in record
    for step in above.split("."):
        record = record.get(step) if isinstance(record, dict) else _item(
            record, _place(step)
        )
    return isinstance(record, dict) and last in record


def _place(step):
    return int(step) if step.isascii() and step.isdigit() else None


def _item(value, place):
    if place is not None and isinstance(value, list) and place < len(value):
        return value[place]
    return None


def _as_text(value):
    """A single value as text; None: it is none."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() <= MOST_BITS:
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        try:
            return to_strict_json(value)
        except (ValueError, RecursionError):
            return None
    return None


def _encodable(text):
    try:
        return text if text is None or text.encode() is not None else None
    except UnicodeEncodeError:
        return None


def without_secrets(value, levels=8):
    """A JSON value without what opens doors; what is too deep stays as it is."""
    if isinstance(value, dict) and levels:
        return {
            name: without_secrets(inner, levels - 1)
            for name, inner in value.items()
            if not SECRET.search(str(name))
        }
    if isinstance(value, list) and levels:
        return [without_secrets(inner, levels - 1) for inner in value]
    return value
