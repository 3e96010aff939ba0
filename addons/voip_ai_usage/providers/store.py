"""What a provider told is kept as it was told, once for each of its calls."""

import json
import re

from .engine import openai
from .engine.told import BadRecord, dump, load
from .engine.told import digest as sha256
from .pull.sources import SOURCES

MOST_RAW = 256 << 10  # bytes of what is kept of one call
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def read_record(provider, raw, at):
    """:class:`~.engine.told.Told` of a kept record.

    :param dict raw: as :func:`pruned` gave it
    :param datetime at: when it was read, with its zone
    :raises BadRecord: it cannot be read
    """
    _source, module = SOURCES[provider]
    return module.parse(raw, at) if provider == "openai" else module.parse(raw)


def rows_of(provider, records, at, tolerance):
    """Rows for :func:`store_rows`, one for each call; the last of a call counts.

    :param list records: objects of the provider
    :param datetime at: when they were read, with its zone
    :param Decimal tolerance: in the unit of the charge
    """
    rows = {}
    for record in records:
        row = _row(provider, record, at, tolerance)
        rows[row["ref"]] = row
    return [rows[ref] for ref in sorted(rows)]


def _row(provider, record, at, tolerance):
    _source, module = SOURCES[provider]
    try:
        raw = _storable(dump(module.prune(record)))
        # As it will be read from the table, where it is handed over.
        told = read_record(provider, load(raw), at)
    except (BadRecord, RecursionError) as error:
        return _bad_row(provider, record, str(error))
    off = told.difference is not None and abs(told.difference) > tolerance
    return {
        "ref": told.ref,
        "raw": raw,
        "sha256": sha256(raw),
        "state": "provisional" if told.provisional else "waiting",
        "error": None,
        "detail": None,
        **values_of(told),
        "is_off": off,
    }


def _storable(raw):
    """``raw``, where the table can hold it."""
    try:
        size = len(raw.encode())
    except UnicodeEncodeError as error:
        raise BadRecord("bad_value", "It holds half a character.") from error
    if size > MOST_RAW:
        raise BadRecord("bad_value", f"It has more than {MOST_RAW >> 10} kB.")
    if NUL.search(raw):
        raise BadRecord("bad_value", "It holds a NUL character.")
    return raw


def _bad_row(provider, record, why):
    """A row of what cannot be read: its name only, for nobody knows what it says."""
    return {
        "ref": _name_of(provider, record),
        "raw": dump({}),
        "sha256": sha256(why),
        "state": "error",
        "error": "unreadable",
        "detail": why[:500],
        **dict.fromkeys(VALUES),
        "is_off": False,
    }


def _name_of(provider, record):
    """The provider's id of a call, else a name that it has each time it is told."""
    if provider == "openai":
        try:
            return openai.ref_of(record)
        except BadRecord:
            result = record.get("result") or {}
            told = [record.get("start_time"), *map(result.get, openai.NAMES)]
    else:
        told = record.get(REFS[provider])
        if isinstance(told, str) and 0 < len(told) <= 128 and told.isprintable():
            return told
        told = told or record
    return f"unnamed {sha256(repr(told))[:16]}"


def values_of(told):
    """Columns by name of what a call tells."""
    parts = [
        {
            "kind": part.kind,
            "name": part.name,
            "amount": f"{part.amount:f}",
            "units": None if part.units is None else f"{part.units:f}",
            "unit": part.unit,
        }
        for part in told.parts
    ]
    sums = [[name, f"{amount:f}"] for name, amount in told.sums]
    return {
        "started_at": told.started_at and told.started_at.replace(tzinfo=None),
        "call_ref": told.call_ref or None,
        "seconds": told.seconds,
        "measured": told.measured,
        "unit": None if told.charged is None else told.unit,
        "charged": told.charged,
        "added": told.added,
        "difference": told.difference,
        "breakdown": json.dumps({"parts": parts, "sums": sums}),
        "notes": "\n".join(told.notes) or None,
    }


def store_rows(cr, import_id, company_id, rows):
    """Keep rows; how many are new or say something else than before.

    What was handed over and is told otherwise now is handed over again, as a revision.
    """
    if not rows:
        return 0
    columns = [[row[name] for row in rows] for name, _kind in COLUMNS]
    cr.execute(STORE_SQL, [import_id, company_id, *columns])
    return cr.rowcount


REFS = {
    "vapi": "id",
    "retell": "call_id",
    "elevenlabs": "conversation_id",
}
VALUES = (
    "started_at",
    "call_ref",
    "seconds",
    "measured",
    "unit",
    "charged",
    "added",
    "difference",
    "breakdown",
    "notes",
)
COLUMNS = (
    ("ref", "text"),
    ("raw", "jsonb"),
    ("sha256", "text"),
    ("state", "text"),
    ("error", "text"),
    ("detail", "text"),
    ("started_at", "timestamp"),
    ("call_ref", "text"),
    ("seconds", "numeric"),
    ("measured", "numeric"),
    ("unit", "text"),
    ("charged", "numeric"),
    ("added", "numeric"),
    ("difference", "numeric"),
    ("breakdown", "jsonb"),
    ("notes", "text"),
    ("is_off", "bool"),
)
_NAMES = ", ".join(name for name, _kind in COLUMNS)
_ARRAYS = ", ".join(f"%s::{kind}[]" for _name, kind in COLUMNS)
_SET = ", ".join(f"{name} = EXCLUDED.{name}" for name, _kind in COLUMNS[1:])
# The same content is another record only where it has become final.
STORE_SQL = f"""
INSERT INTO voip_ai_provider_record AS r (import_id, company_id, {_NAMES}, read_at,
                                          revision)
SELECT %s, %s, t.*, clock_timestamp() AT TIME ZONE 'UTC', 0
  FROM unnest({_ARRAYS}) AS t ({_NAMES})
    ON CONFLICT (import_id, ref) DO UPDATE
   SET {_SET}, read_at = EXCLUDED.read_at,
       revision = r.revision + (r.is_taken AND r.sha256 <> EXCLUDED.sha256)::int
 WHERE r.sha256 <> EXCLUDED.sha256
    OR (r.state = 'provisional' AND EXCLUDED.state <> 'provisional')
"""
