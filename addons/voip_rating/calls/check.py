"""Call records from text: columns in, checked columns and errors out. No Odoo here."""

import json
from dataclasses import dataclass, fields
from functools import partial
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

try:
    # Of short texts OpenSSL's takes three times as long.
    from _md5 import md5
except ImportError:
    from hashlib import md5

from odoo.addons.voip_billing_base.engine import copy_lines as text

from ..engine.rate import NO_TIME
from . import answer, charge, column, figures
from .limits import KNOWN, metadata_of

CHOICES = {
    "direction": ("outbound", "inbound"),
    "jurisdiction": ("", "inter", "intra", "local", "indeterminate"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a record may be.

    :param zone: IANA zone of times without one
    :param now_us: the moment of arrival, microseconds since 1970
    :param max_age_days: older starts are ``too_old``
    :param max_hours: longer calls are ``bad_duration``
    :param tolerance_ms: a duration may differ so much from end minus answer
    :param charges: records may be service charges
    """

    zone: str
    now_us: int
    max_age_days: int = 400
    max_hours: int = 24
    tolerance_ms: int = 1000
    charges: bool = False


@dataclass(slots=True)
class Records:
    """Checked call records as columns of one length.

    Times are microseconds since 1970 (``NO_TIME``: none); the other columns are Arrow
    arrays of printable texts, the quality figures decimal texts or empty. ``charge`` is
    what a service charge costs, empty for a call; ``called`` then describes it.
    """

    position: np.ndarray
    call_id: pa.Array
    leg: pa.Array
    caller: pa.Array
    called: pa.Array
    start: np.ndarray
    answer: np.ndarray
    end: np.ndarray
    duration_ms: np.ndarray
    answered: np.ndarray
    trunk: pa.Array
    account: pa.Array
    supplier_trunk: pa.Array
    direction: pa.Array
    jurisdiction: pa.Array
    lrn: pa.Array
    sip_code: pa.Array
    hangup_cause: pa.Array
    pdd_ms: pa.Array
    mos: pa.Array
    packet_loss: pa.Array
    jitter_ms: pa.Array
    attempts: pa.Array
    metadata: pa.Array
    charge: pa.Array

    def __len__(self):
        return len(self.position)

    def take(self, rows):
        """The records at ``rows`` (int array, ascending)."""
        if len(rows) == len(self):
            return self
        return Records(
            **{
                field.name: (
                    values[rows]
                    if isinstance(values := getattr(self, field.name), np.ndarray)
                    else text.picked(values, rows)
                )
                for field in fields(self)
            }
        )

    def but(self, rows):
        """Rows (int64, ascending) of all records but those at ``rows``."""
        keep = np.ones(len(self), bool)
        keep[np.fromiter(rows, np.int64)] = False
        return np.flatnonzero(keep)

    def text(self, name, row):
        """One text of a column, as ``str``."""
        return getattr(self, name)[int(row)].as_py()

    def payload(self, row):
        """One record as the generic dict a switch would send."""
        payload = {}
        for name in KNOWN:
            if name == "duration":
                payload[name] = str(self.duration_ms[row] / 1000)
                continue
            if name in ("start", "answer", "end"):
                value = int(getattr(self, name)[row])
                value = "" if value == NO_TIME else column.text_time(value)
            elif name == "answered":
                value = bool(self.answered[row])
            else:
                value = self.text(name, row)
            if name == "attempts" and value:
                value = json.loads(value)
            if value not in ("", None):
                payload[name] = value
        if metadata := self.text("metadata", row):
            payload.update(json.loads(metadata))
        if cost := self.text("charge", row):
            payload[charge.CHARGE] = cost
        return payload

    def keys(self, switch_id):
        """64-bit keys (int64) of switch, call id and leg: ``voip_cdr_key_of`` in SQL.

        Unlike calls share a key once in 2**64.
        """
        whole = _hashes(self.call_id, CALL_ID_HASH, 8).view(np.uint64)
        legs = self.leg.dictionary_encode()
        names = text.joined([str(switch_id), legs.dictionary], "\x1f")
        halves = _hashes(names, CALL_ID_HASH, 8).view(np.uint64) >> np.uint64(32)
        return (whole ^ halves[legs.indices.to_numpy()]).view(np.int64)

    def marks(self):
        """32-bit marks (int32) of what a record says: duplicate or conflict."""
        numbers = (self.start, self.answer, self.end, self.duration_ms)
        columns = [text.integers(values) for values in numbers]
        columns.append(text.flags(self.answered))
        columns += [getattr(self, name) for name in CONTENT]
        # A column more would change the marks of calls.
        columns[-1] = pc.binary_join_element_wise(columns[-1], self.charge, "")
        return _hashes(text.joined(columns, "\x1f"), CONTENT_HASH, 4)

    def borders(self, seconds):
        """Months (int64, since 1970-01) that begin so many seconds from a start."""
        near = np.int64(seconds * 1_000_000)
        before, after = _months_of(self.start - near), _months_of(self.start + near)
        return np.unique(after[before != after])

    def months(self):
        """Month of each start, months since 1970-01 (int64)."""
        return _months_of(self.start)


def _months_of(moments):
    return moments.astype("M8[us]").astype("M8[M]").astype(np.int64)


def first_key(call_id):
    """The lowest key of a call id; its legs' keys are within :data:`LAST_HALF`."""
    digest = CALL_ID_HASH(call_id.encode("utf-8", "ignore")).digest()
    return int.from_bytes(digest[:4], "big", signed=True) << 32


LAST_HALF = 2**32 - 1
CALL_ID_HASH = partial(md5, usedforsecurity=False)
CONTENT_HASH = partial(blake2b, digest_size=16)
CONTENT = (
    "sip_code",
    "hangup_cause",
    "caller",
    "called",
    "trunk",
    "account",
    "supplier_trunk",
    "direction",
    "jurisdiction",
    "lrn",
)


def _hashes(texts, algorithm, size):
    """The first ``size`` bytes of the digests of an Arrow array of texts, as ints."""
    digests = [
        algorithm(item).digest()[:size] for item in texts.cast(pa.binary()).to_pylist()
    ]
    return np.frombuffer(b"".join(digests), f">i{size}").astype(f"i{size}")


def columns_of(dicts):
    """Columns of a list of record dicts: ({name: list}, metadata).

    :return: the metadata of each is its JSON text, ``""``, or the BadValue that says
        why the record is refused
    """
    columns = {name: [record.get(name) for record in dicts] for name in KNOWN}
    # An answer that is sent as null says that there was none.
    columns["answer"] = [_sent(record, "answer") for record in dicts]
    metadata = [metadata_of(record) for record in dicts]
    return columns, metadata


def _sent(record, name):
    """A value, empty where it was sent as null, None where it was not sent."""
    value = record.get(name)
    return "" if value is None and name in record else value


class _Errors(dict):
    """First error of each row: {row: (code, message)}."""

    def note(self, row, code, message):
        self.setdefault(row, (code, message))


def parse_records(columns, metadata, limits, first_position=0):
    """Check records.

    :param columns: {name of ``KNOWN``: Arrow array of texts, or list of what JSON can
        hold}; a column may be missing
    :param metadata: Arrow array of JSON texts, or list of JSON texts or BadValues, as
        ``columns_of`` makes them
    :param limits: :class:`Limits`
    :return: ``(Records of all rows, {row: (code, message)})``; the values of a row in
        error are not to be used
    """
    count = len(metadata)
    errors = _Errors()
    metadata = column.metadata(metadata, errors)
    parsed = {n: column.texts(n, columns.get(n), count, errors) for n in column.TEXTS}
    for name in ("call_id", "called"):
        column.require(name, parsed[name], errors)
    for name, allowed in CHOICES.items():
        column.choose(name, parsed[name], allowed, errors)
    talk = answer.read(columns, count, limits, errors)
    metadata = talk.mark(metadata)
    for name, bounds in figures.DECIMALS.items():
        parsed[name] = figures.decimals(name, columns.get(name), count, bounds, errors)
    answer.refuse_silent(talk.silent, parsed["sip_code"], errors)
    parsed["attempts"] = column.attempts(columns.get("attempts"), count, errors)
    records = Records(
        position=np.arange(first_position, first_position + count),
        duration_ms=talk.duration,
        answered=talk.answered,
        metadata=metadata,
        charge=charge.read(metadata, limits.charges, errors),
        **parsed,
        **talk.times,
    )
    return records, errors
