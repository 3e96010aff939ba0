"""Rows in a format to checked call records."""

import json
import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..calls.charge import beside
from ..calls.check import parse_records
from ..calls.column import repeated, rows_where
from ..calls.limits import MAX_BYTES, NOTE, SENT, to_json
from ..engine.parse import BadValue, quote
from .layout import BYE, CHARGED
from .pair import pair
from .transform import transform

TIMES = ("start", "answer", "end")
# The row as it came, beside the fields of a refused record.
RAW = "_raw"
POSITIVE = re.compile(r"\+?[0-9]*\.?[0-9]*")
CODES = {
    "called": "bad_number",
    "caller": "bad_number",
    "duration": "bad_duration",
    **dict.fromkeys(TIMES, "bad_time"),
}


@dataclass(slots=True)
class Converted:
    """Checked records and, by their rows, where they come from.

    :param rows: row in the table of each record; the others were skipped
    :param source: callable of a record's row: the record as the error queue keeps it
    :param unread: those of ``errors`` that are of the format, not of the call
    :param skipped: {value: count} of the rows that are no calls by their value
    """

    records: object
    errors: dict
    rows: np.ndarray
    source: object
    unread: dict
    skipped: dict


def convert_all(layout, table, limits, broken=None):
    """Calls of a table of rows, then its service charges where the format has any.

    :param layout, table, limits, broken: as :func:`convert` takes them
    :return: list of :class:`Converted`; ``skipped`` of the first tells of what is none
    """
    calls = convert(layout, table, limits, broken)
    if not layout.charge_values:
        return [calls]
    charges = {value.lower() for value in layout.charge_values}
    calls.skipped = {
        value: count
        for value, count in calls.skipped.items()
        if value.lower() not in charges
    }
    return [calls, convert(layout.charges, table, limits, broken)]


def convert(layout, table, limits, broken=None):
    """Records of a table of rows.

    :param layout: :class:`~.layout.Format`
    :param table: CsvRows or JsonRows
    :param limits: :class:`~..calls.check.Limits`
    :param broken: {row: (code, message, fields)} of rows that are damaged
    """
    broken = broken or {}
    limits = replace(limits, zone=layout.zone or limits.zone)
    usable = np.ones(table.count, bool)
    usable[list(broken)] = False
    wanted, skipped = _wanted(layout, table, usable)
    rows, byes, answered, refused = _chosen(layout, table, usable, wanted)
    calls = table if len(rows) == table.count else table.take(rows)
    ends = table.take(np.maximum(byes, 0)) if byes is not None else None
    reader = _Reader(layout, calls, ends, byes)
    columns = reader.columns(answered)
    metadata = calls.metadata(layout)
    if layout.answered == CHARGED:
        metadata = beside(metadata, columns.pop("charge"), columns.pop("currency"))
    records, errors = parse_records(columns, metadata, limits)
    errors.update(reader.errors)
    sent = {}
    for place, row in enumerate(rows.tolist() if broken or refused else ()):
        if row in refused:
            errors[place] = refused[row]
        if row in broken:
            code, message, sent[place] = broken[row]
            errors[place] = (code, message)

    def source(row):
        return _kept(columns, metadata, calls, int(row)) | sent.get(int(row), {})

    return Converted(records, errors, rows, source, reader.errors, skipped)


def _wanted(layout, table, usable):
    """(mask of the rows that are calls, {value: count} of the usable others)."""
    if not layout.rows_source:
        return np.ones(table.count, bool), {}
    found = table.column(layout.rows_source)
    found = repeated("", table.count) if found is None else found
    found = pc.utf8_trim_whitespace(found)
    values = pa.array([value.lower() for value in layout.rows_values])
    named = pc.is_in(pc.utf8_lower(found), value_set=values)
    wanted = named.to_numpy(zero_copy_only=False) ^ layout.rows_skip
    if layout.charge_values:
        values = pa.array([value.lower() for value in layout.charge_values])
        charged = pc.is_in(pc.utf8_lower(found), value_set=values)
        wanted &= ~charged.to_numpy(zero_copy_only=False)
    counts = found.filter(pa.array(usable & ~wanted)).value_counts().to_pylist()
    return wanted, {kind["values"]: kind["counts"] for kind in counts}


def _chosen(layout, table, usable, wanted):
    """(rows that are calls, their BYE rows, answered or not, {row: error})."""
    if layout.answered == CHARGED:
        # Damaged rows are told of with the calls.
        return np.flatnonzero(wanted & usable), None, None, {}
    if not layout.pair_sources:
        return np.flatnonzero(wanted | ~usable), None, None, {}
    pairs = pair(table, layout.pair_sources, usable & wanted)
    rows = np.concatenate([pairs.rows, np.flatnonzero(~usable)])
    extra = len(rows) - len(pairs.rows)
    order = np.argsort(rows, kind="stable")
    byes = np.concatenate([pairs.byes, np.full(extra, -1)])[order]
    answered = np.concatenate([pairs.answered, np.zeros(extra, bool)])[order]
    return rows[order], byes, answered, pairs.errors


class _Reader:
    """Columns of the fields of call records; ``errors`` of what cannot be read."""

    def __init__(self, layout, calls, ends, byes):
        self.layout, self._calls, self._ends, self._byes = layout, calls, ends, byes
        self._known, self._done, self._wrong = {}, {}, {}
        self.errors = {}

    def columns(self, answered):
        """{field: Arrow array of texts}.

        :param answered: of paired rows, whether the INVITE was answered
        """
        found = {line.target: self._line(line) for line in self.layout.lines}
        found = {name: array for name, array in found.items() if array is not None}
        if answered is not None:
            mask = pa.array(answered)
            found["answered"] = pc.if_else(mask, "true", "false")
            if "answer" in found:
                found["answer"] = pc.if_else(mask, found["answer"], "")
        elif self.layout.answered == CHARGED:
            for name in ("charge", "currency"):
                found.setdefault(name, repeated("", self._calls.count))
            found["answered"] = repeated("true", self._calls.count)
            found["duration"] = repeated("0", self._calls.count)
        elif self.layout.answered != "answer":
            found["answered"] = self._answered()
            for line in self.layout.lines:
                if line.target == "answer":
                    found["answer"] = self._sent(line, found)
        return {name: array for name, array in found.items() if array is not None}

    def _sent(self, line, found):
        """Times of answer; None where the record has none and says it was answered.

        One that is there and empty says that the call was never answered.
        """
        answer = found.get("answer", repeated("", self._calls.count))
        blank = pc.and_(pc.equal(answer, ""), pc.equal(found["answered"], "true"))
        rows = rows_where(blank)
        names = [name for part in line.sources for name in part]
        lacking = rows[self._calls.take(rows).lacks(names)] if len(rows) else rows
        if "answer" not in found and len(lacking) == len(rows):
            return None
        if not len(lacking):
            return answer
        texts = answer.to_pylist()
        for row in lacking.tolist():
            texts[row] = None
        return texts

    def _line(self, line):
        if line.transform == "constant":
            return repeated(line.argument, self._calls.count)
        key = line.sources, line.transform, line.argument
        if key not in self._done:
            array = self._first(line.sources)
            self._done[key] = (
                (None, None)
                if array is None
                else transform(array, line.transform, line.argument)
            )
        read, bad = self._done[key]
        if read is not None and bad.any():
            read = self._refused(line.target, read, bad)
        return read

    def _refused(self, target, array, bad):
        """Note values that cannot be read, so that nothing else reads them either."""
        code = CODES.get(target, "missing_field")
        for row in np.flatnonzero(bad).tolist():
            shown = quote(array[row].as_py())
            why = f"{target}: {shown} is not of the form that the format says"
            self.errors.setdefault(row, (code, why))
        return pc.if_else(
            pa.array(bad), pc.binary_join_element_wise("?", array, ""), array
        )

    def _first(self, sources):
        """The first alternative that is not empty, of each row."""
        result = None
        for names in sources:
            empty = None if result is None else pc.equal(result, "")
            if empty is not None and not pc.any(empty).as_py():
                break
            part = self._joined(names)
            if part is None:
                continue
            self._note_wrong(names, empty)
            result = part if result is None else pc.if_else(empty, part, result)
        return result

    def _joined(self, names):
        """The columns of names with a space between; None: there is none of them."""
        parts = [self._column(name) for name in names]
        if len(parts) == 1 or all(part is None for part in parts):
            return parts[0]
        nothing = repeated("", self._calls.count)
        parts = [nothing if part is None else part for part in parts]
        return pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, " "))

    def _note_wrong(self, names, used):
        """Keep the errors of values that are no single ones, where they are used."""
        for name in names:
            for row, error in self._wrong[name].items():
                if used is None or used[row].as_py():
                    self.errors.setdefault(row, error)

    def _column(self, name):
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name):
        self._wrong[name] = {}
        if name.startswith(BYE) and self._ends is not None:
            array = self._ends.column(name.removeprefix(BYE))
            if array is not None:
                array = pc.if_else(pa.array(self._byes >= 0), array, "")
        else:
            array = self._calls.column(name, self._wrong[name])
        if array is not None and self.layout.url_encoded:
            coded = pc.match_substring(array, "%")
            if pc.any(coded).as_py():
                array, _bad = transform(array, "url")
        return array

    # === Answered === #

    def _answered(self):
        """``true`` or ``false`` of each row, or what says neither."""
        layout = self.layout
        array = self._column(layout.answered_source)
        self._note_wrong([layout.answered_source], None)
        if array is None:
            array = repeated("", self._calls.count)
        encoded = array.dictionary_encode()
        told = [self._told(text) for text in encoded.dictionary.to_pylist()]
        indices = encoded.indices
        read = pc.take(pa.array(told, pa.string()), indices)
        for row in np.flatnonzero(
            pc.starts_with(read, "?").to_numpy(zero_copy_only=False)
        ).tolist():
            shown = quote(array[row].as_py())
            why = f"answered: {layout.answered_source} is {shown}, which says neither"
            self.errors.setdefault(row, ("missing_field", why))
        return read

    def _told(self, text):
        word = text.strip().lower()
        if self.layout.answered == "positive":
            if not word or not POSITIVE.fullmatch(word):
                return f"?{text}"
            return "true" if word.strip("+0.") else "false"
        if word in map(str.lower, self.layout.answered_yes):
            return "true"
        no = [value.lower() for value in self.layout.answered_no]
        if word in no or (word and not no):
            return "false"
        return f"?{text}"


# === Refused records === #


def _kept(columns, metadata, calls, row):
    """The fields that were read, what is kept beside them, and the row as it came."""
    fields = {name: array[row] for name, array in columns.items()}
    fields = {
        name: text.as_py() if isinstance(text, pa.Scalar) else text
        for name, text in fields.items()
    }
    fields = {name: text for name, text in fields.items() if text}
    raw = to_json(calls.raw(row))
    beside = metadata[row]
    beside = beside.as_py() if isinstance(beside, pa.Scalar) else beside
    if isinstance(beside, BadValue):
        return {**fields, NOTE: f"too much beside the call: {beside}", SENT: raw}
    if beside:
        fields |= json.loads(beside)
    room = (MAX_BYTES - len(json.dumps(fields))) // 2 - 100
    while raw and len(json.dumps(raw)) > max(room, 0):
        raw = raw[: min(len(raw) - 1, max(room, 0), len(raw) * 3 // 4)]
    return {**fields, RAW: raw} if raw else fields
