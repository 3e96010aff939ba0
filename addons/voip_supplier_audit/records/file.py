"""Call records of a supplier from a file in any intake format. No Odoo here."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from odoo.addons.voip_rating.calls.check import Limits
from odoo.addons.voip_rating.engine.rate import NO_TIME
from odoo.addons.voip_rating.formats.files import chunks_in

from . import values

EPOCH = datetime(1970, 1, 1)
# Older calls are on nobody's invoice.
AGE_DAYS = 1_100
HOURS = 100
FAULTS_KEPT = 100


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


def chunks(file, layout, zone, names, result):
    """Blocks of records by column, see :func:`~.values.read`.

    :param file: binary file at its beginning
    :param layout: compiled format; None: generic
    :param zone: IANA zone of times without one
    :param names: {amount, rate, prefix: how the file calls it}
    :param result: :class:`Result` that is counted up
    :return: iterator of lists of {column: value}
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
        found = []
        for row in range(len(records)):
            line = int(records.position[row]) + 1
            if row in errors:
                result.refuse(line, errors[row][1])
                continue
            try:
                found.append(_record(records, row, line, names))
            except values.BadRecord as error:
                result.refuse(line, str(error))
        yield found


def _record(records, row, line, names):
    sent = json.loads(records.text("metadata", row) or "{}")
    sent = {name.lower(): value for name, value in sent.items()}
    if records.start[row] == NO_TIME:
        raise values.BadRecord("bad_time", "start is missing")
    start = EPOCH + timedelta(microseconds=int(records.start[row]))
    money = {name: sent.get(kept.lower()) for name, kept in names.items() if kept}
    return {
        **values.money(money),
        "start": start,
        "start_text": f"{start.isoformat()}Z",
        "duration_ms": int(records.duration_ms[row]),
        "called": records.text("called", row),
        "caller": records.text("caller", row) or None,
        "call_id": records.text("call_id", row) or None,
        "line": line,
    }
