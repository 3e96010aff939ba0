"""Records of the error queue, read anew with their corrections. No Odoo here.

One that was refused whole is read from the row as it came, by the format as it is now:
whoever mends a format has not to correct each record. One that is stored is what is
stored: its times and its identity never change by a correction.
"""

import json
from dataclasses import dataclass

from ..formats.convert import RAW, convert_all
from ..formats.source import CsvRows, JsonRows
from .limits import NOTE, SENT


@dataclass(slots=True)
class Base:
    """A record before its corrections.

    ``unread`` is (code, message, fields) of what the format could not read, or None:
    it holds until one of the fields is corrected.
    """

    fields: dict
    unread: tuple | None = None


def reread(payload, layout, limits, posted):
    """The record of a refused row.

    :param payload: JSON text of the error queue
    :param layout: the format's :class:`~..formats.layout.Format`, or None: generic
    :param posted: it came as JSON, whatever kind of file the format is for
    :rtype: Base
    """
    kept = json.loads(payload)
    raw = kept.pop(RAW, None)
    # Of a damaged row nobody knows which cells are whose before somebody looked.
    damaged = kept.get(SENT) and NOTE in kept
    rereadable = layout and not layout.pair_sources and not damaged
    row = _row(raw) if rereadable else None
    if row is None:
        return Base(kept)
    table = JsonRows([row])
    if not posted and layout.source != "json":
        table = CsvRows({name: [str(text)] for name, text in row.items()}, 1)
    parts = convert_all(layout, table, limits)
    found = next((part for part in parts if len(part.rows) == 1), None)
    if found is None:
        # The format skips such rows now: as it was read.
        return Base(kept)
    fields = found.source(0)
    fields.pop(RAW, None)
    return Base(fields, _unread(layout, found.unread.get(0)))


def _row(raw):
    """The row as it came, unless it was too long to be kept whole."""
    if not isinstance(raw, str):
        return None
    try:
        row = json.loads(raw)
    except ValueError:
        return None
    return row if isinstance(row, dict) and row else None


def _unread(layout, problem):
    if problem is None:
        return None
    code, message = problem
    name = message.partition(":")[0]
    fields = {name} | {
        line.target
        for line in layout.lines
        if any(name in names for names in line.sources)
    }
    if name == layout.answered_source:
        fields.add("answered")
    return code, message, fields
