"""Call records from text: columns in, checked columns and errors out. No Odoo here."""

import json
from dataclasses import dataclass, fields
from hashlib import blake2b

import numpy as np

from ..engine.rate import NO_TIME
from . import cdr_columns as column

KNOWN = (
    "call_id",
    "leg",
    "caller",
    "called",
    "start",
    "answer",
    "end",
    "duration",
    "answered",
    "trunk",
    "account",
    "supplier_trunk",
    "direction",
    "jurisdiction",
    "sip_code",
    "hangup_cause",
    "pdd_ms",
    "mos",
    "packet_loss",
    "jitter_ms",
    "lrn",
    "attempts",
)
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
    """

    zone: str
    now_us: int
    max_age_days: int = 400
    max_hours: int = 24


@dataclass(slots=True)
class Records:
    """Checked call records as columns of one length.

    Times are microseconds since 1970 (``NO_TIME``: none); texts are printable; the
    quality figures are decimal texts or empty.
    """

    position: np.ndarray
    call_id: list
    leg: list
    caller: list
    called: list
    start: np.ndarray
    answer: np.ndarray
    end: np.ndarray
    duration_ms: np.ndarray
    answered: np.ndarray
    trunk: list
    account: list
    supplier_trunk: list
    direction: list
    jurisdiction: list
    lrn: list
    sip_code: list
    hangup_cause: list
    pdd_ms: list
    mos: list
    packet_loss: list
    jitter_ms: list
    attempts: list
    metadata: list

    def __len__(self):
        return len(self.call_id)

    def take(self, rows):
        """The records at ``rows`` (int array, ascending)."""
        if len(rows) == len(self):
            return self
        picks = rows.tolist()
        return Records(
            **{
                field.name: (
                    values[rows]
                    if isinstance(values := getattr(self, field.name), np.ndarray)
                    else [values[row] for row in picks]
                )
                for field in fields(self)
            }
        )

    def payload(self, row):
        """One record as the generic dict a switch would send."""
        payload = {}
        for name in KNOWN:
            if name == "duration":
                payload[name] = str(self.duration_ms[row] / 1000)
                continue
            value = getattr(self, name)[row]
            if name in ("start", "answer", "end"):
                value = "" if value == NO_TIME else column.text_time(int(value))
            elif name == "answered":
                value = bool(value)
            elif name == "attempts":
                value = json.loads(value) if value else None
            if value not in ("", None):
                payload[name] = value
        if self.metadata[row]:
            payload.update(json.loads(self.metadata[row]))
        return payload

    def keys(self, switch_id):
        """128-bit keys (hex) of switch, call id and leg."""
        return [
            blake2b(f"{switch_id}\x1f{call}\x1f{leg}".encode(), digest_size=16)
            .hexdigest()
            for call, leg in zip(self.call_id, self.leg, strict=True)
        ]

    def contents(self):
        """128-bit hashes (hex) of what a record says: duplicate or conflict."""
        rows = zip(
            self.start.tolist(),
            self.answer.tolist(),
            self.end.tolist(),
            self.sip_code,
            self.hangup_cause,
            self.duration_ms.tolist(),
            self.answered.tolist(),
            self.caller,
            self.called,
            self.trunk,
            self.account,
            self.supplier_trunk,
            self.direction,
            self.jurisdiction,
            self.lrn,
            strict=True,
        )
        return [
            blake2b(repr(row).encode(), digest_size=16).hexdigest() for row in rows
        ]


def columns_of(dicts):
    """Columns of a list of record dicts: ({name: list}, [metadata text])."""
    known = set(KNOWN)
    columns = {name: [record.get(name) for record in dicts] for name in KNOWN}
    metadata = [
        column.json_text({key: record[key] for key in record.keys() - known})
        if record.keys() - known
        else ""
        for record in dicts
    ]
    return columns, metadata


class _Errors(dict):
    """First error of each row: {row: (code, message)}."""

    def note(self, row, code, message):
        self.setdefault(row, (code, message))


def parse_records(columns, metadata, limits, first_position=0):
    """Check records.

    :param columns: {name of ``KNOWN``: list of text, number, bool or None}; a column
        may be missing
    :param metadata: list of clean JSON texts, as ``columns_of`` makes them, or ``""``
    :param limits: :class:`Limits`
    :return: ``(Records of all rows, {row: (code, message)})``; the values of a row in
        error are not to be used
    """
    count = len(metadata)
    errors = _Errors()
    parsed = {n: column.texts(n, columns.get(n), count, errors) for n in column.TEXTS}
    for name in ("call_id", "called"):
        column.require(name, parsed[name], errors)
    for name, allowed in CHOICES.items():
        column.choose(name, parsed[name], allowed, errors)
    times = {
        name: column.moments(name, columns.get(name), count, limits.zone, errors)
        for name in ("start", "answer", "end")
    }
    column.require_start(times["start"], columns.get("start"), errors)
    duration = column.durations(columns.get("duration"), times, count, errors)
    said = columns.get("answered")
    answered = column.answered(said, times["answer"], duration, errors)
    duration[~answered] = 0
    column.check_times(times, duration, limits, errors)
    for name, bounds in column.DECIMALS.items():
        parsed[name] = column.decimals(name, columns.get(name), count, bounds, errors)
    parsed["attempts"] = column.attempts(columns.get("attempts"), count, errors)
    records = Records(
        position=np.arange(first_position, first_position + count),
        duration_ms=duration,
        answered=answered,
        metadata=metadata,
        **parsed,
        **times,
    )
    return records, errors
