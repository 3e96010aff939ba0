"""Rows of a file, or JSON records, as columns of texts by name."""

import re
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..calls.limits import KNOWN_NAMES, metadata_of, to_strict_json
from ..engine.parse import quote
from .layout import ALL

# Never kept, whatever a format says: what opens doors, and what is bulky.
SECRET = re.compile(
    r"passw|passwd|secret|token|authoriz|api_?key|credential|private_?key|nonce"
    r"|digits_dialed|dtmf|(?:^|_)(?:pin|sdp)(?:_|$)",
    re.IGNORECASE,
)
PLAIN = r'^[ !#-\[\]-~]*$'
MOST_BITS = 256
# A row that is surely within the limit of a record is not measured.
SHORT = 1_000


def kept_name(name):
    """A name beside those of a call record."""
    return f"sent_{name}" if name in KNOWN_NAMES else name


class CsvRows:
    """Rows of a CSV file.

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
        """JSON texts (or BadValues) of what is kept beside the call, as a list."""
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
            return [""] * self.count
        return _texts(columns)


def _texts(columns):
    """JSON objects of columns of texts; what is empty is left out."""
    parts, plain = [], None
    length = np.zeros(len(next(iter(columns.values()))), np.int64)
    for name, column in columns.items():
        part = pc.binary_join_element_wise(to_strict_json(name), ':"', column, '",', "")
        parts.append(pc.if_else(pc.equal(column, ""), "", part))
        fits = pc.match_substring_regex(column, PLAIN)
        plain = fits if plain is None else pc.and_(plain, fits)
        length += pc.binary_length(column).to_numpy() + len(name) + 6
    # Rows of nulls alone Arrow would leave out: so there are none.
    joined = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*parts, ""), 0, -1)
    texts = pc.if_else(
        pc.equal(joined, ""), "", pc.binary_join_element_wise("{", joined, "}", "")
    ).to_pylist()
    usual = plain.to_numpy(zero_copy_only=False) & (length < SHORT)
    for row in np.flatnonzero(~usual).tolist():
        values = {name: column[row].as_py() for name, column in columns.items()}
        texts[row] = metadata_of({n: value for n, value in values.items() if value})
    return texts


class JsonRows:
    """JSON records."""

    def __init__(self, dicts):
        self._dicts = dicts
        self.count = len(dicts)

    def column(self, name, errors=None):
        """Arrow array of texts; None: no record has the name.

        :param errors: {row: (code, message)} of values that are no single ones
        """
        found = [_found(record, name) for record in self._dicts]
        if all(value is None for value in found):
            return None
        texts = [value if type(value) is str else _as_text(value) for value in found]
        try:
            array = pa.array(texts, pa.string())
        except UnicodeEncodeError:
            texts = [_encodable(text) for text in texts]
            array = pa.array(texts, pa.string())
        if array.null_count:
            for row in np.flatnonzero(array.is_null().to_numpy(False)).tolist():
                if errors is not None:
                    why = f"{name}: {quote(found[row])} is not a text"
                    errors.setdefault(row, ("missing_field", why))
            array = pc.fill_null(array, "?")
        return array

    def take(self, rows):
        return JsonRows([self._dicts[row] for row in rows])

    def joined(self, tables):
        return JsonRows([record for table in tables for record in table._dicts])

    def raw(self, row):
        return without_secrets(self._dicts[int(row)])

    def metadata(self, layout):
        if ALL not in layout.keep:
            return [self._listed(record, layout) for record in self._dicts]
        used = layout.used
        return [
            metadata_of(
                {
                    kept_name(name): value
                    for name, value in without_secrets(record).items()
                    if name not in used and value not in (None, "")
                }
            )
            for record in self._dicts
        ]

    def _listed(self, record, layout):
        found = {
            kept_name(name): without_secrets(_found(record, name))
            for name in layout.keep
            if not SECRET.search(name)
        }
        if layout.url_encoded:
            found = {
                name: unquote(value) if isinstance(value, str) else value
                for name, value in found.items()
            }
        return metadata_of({n: v for n, v in found.items() if v not in (None, "")})


def _found(record, name):
    """The value of a name, or of a path like ``variables.uuid``; None: not there."""
    if name in record:
        return record[name]
    if "." not in name:
        return None
    value = record
    for part in name.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _as_text(value):
    """A single value as text; None: it is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() <= MOST_BITS:
        return str(value)
    if isinstance(value, float):
        return repr(value)
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
