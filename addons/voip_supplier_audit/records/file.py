"""Call records of a supplier from a file in any intake format. No Odoo here."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from odoo.addons.voip_rating.calls.check import Limits
from odoo.addons.voip_rating.engine.rate import NO_TIME
from odoo.addons.voip_rating.formats.files import chunks_in

from . import values
from .block import Block

EPOCH = datetime(1970, 1, 1)
# Older calls are on nobody's invoice.
AGE_DAYS = 1_100
HOURS = 100
FAULTS_KEPT = 100
MONEY = ("amount", "rate", "prefix")


@dataclass(slots=True)
class Result:
    """What became of the lines of a file; ``faults`` are the first (line, reason)."""

    received: int = 0
    faulty: int = 0
    faults: list = field(default_factory=list)

    def refuse(self, line, why):
        self.faulty += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append((line, why))


def blocks(file, layout, zone, names, result):
    """Records of a file, a :class:`~.block.Block` at a time.

    :param file: binary file at its beginning
    :param layout: compiled format; None: generic
    :param zone: IANA zone of times without one
    :param names: {amount, rate, prefix: how the file calls it}
    :param result: :class:`Result` that is counted up
    :return: iterator
    :raises BadFile: the file cannot be read
    """
    now = datetime.now(UTC).replace(tzinfo=None) - EPOCH
    limits = Limits(
        zone=zone,
        now_us=now // timedelta(microseconds=1),
        max_age_days=AGE_DAYS,
        max_hours=HOURS,
        tolerance_ms=HOURS * 3_600_000,
    )
    for records, errors, _source in chunks_in(file, layout, limits):
        result.received += len(records)
        wrong = {int(row): why for row, (_code, why) in errors.items()}
        for row in np.flatnonzero(records.start == NO_TIME).tolist():
            wrong.setdefault(row, "start is missing")
        money = _money(records, names, wrong)
        lines = records.position.astype(np.int64) + 1
        for row in sorted(wrong):
            result.refuse(int(lines[row]), wrong[row])
        good = np.ones(len(records), bool)
        good[list(wrong)] = False
        yield _block(records, lines, money, np.flatnonzero(good))


def _block(records, lines, money, rows):
    picked = {name: pc.take(column, pa.array(rows)) for name, column in money.items()}
    records = records.take(rows)
    return Block(
        line=lines[rows],
        start_us=records.start,
        duration_ms=records.duration_ms,
        called=records.called,
        caller=records.caller,
        call_id=records.call_id,
        **picked,
    )


def _money(records, names, wrong):
    """{amount, rate, prefix: Arrow array of exact texts}; rows that have none are noted
    in ``wrong`` with the reason."""
    sent = _sent(records.metadata)
    columns = {
        name: [row.get(kept.lower()) for row in sent] if kept else [None] * len(sent)
        for name, kept in ((name, names.get(name)) for name in MONEY)
    }
    read = _Memo()
    found = {name: [] for name in MONEY}
    for row, cells in enumerate(zip(*columns.values(), strict=True)):
        try:
            texts = [read.text(*cell) for cell in zip(MONEY, cells, strict=True)]
        except values.BadRecord as error:
            texts = (None, None, None)
            wrong.setdefault(row, str(error))
        for name, text in zip(MONEY, texts, strict=True):
            found[name].append(text)
    return {name: pa.array(texts, pa.string()) for name, texts in found.items()}


def _sent(metadata):
    """What each record says beside the known fields, by lower-case name."""
    texts = metadata.to_pylist()
    sent = json.loads(f"[{','.join(text or '{}' for text in texts)}]")
    if all(name == name.lower() for name in set().union(*sent)):
        return sent
    return [{name.lower(): value for name, value in row.items()} for row in sent]


class _Memo:
    """Texts of exact values; what files say again and again is read once."""

    def __init__(self):
        self._known = {}

    def text(self, name, value):
        """The text of what a cell says, None where it says nothing.

        :raises BadRecord: naming the field
        """
        if value is not None and not isinstance(value, str):
            return self._read(name, value)
        key = name, value
        if key not in self._known:
            self._known[key] = self._read(name, value)
        return self._known[key]

    @staticmethod
    def _read(name, value):
        found = values.money_of(name, value)
        return f"{found:f}" if isinstance(found, Decimal) else found
