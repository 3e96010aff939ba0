"""Durable intake of one batch: each call leg once, errors with their reason."""

import json
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from odoo.addons.voip_billing_base.charge.transaction import ensure_partitions
from odoo.addons.voip_billing_base.engine import copy_lines as text

from ..engine.rate import NO_TIME
from .claim import BORDER_SECONDS, TABLES, Claim, Keys, partition
from .column import DEFAULTS
from .copy_queue import IdBlocks
from .limits import payload_text

ROW_COLUMNS = (
    "id",
    "start",
    "company_id",
    "batch_id",
    "position",
    "call_id",
    "called",
    "answer",
    '"end"',
    "duration_ms",
    "answered",
    "leg",
    "direction",
    "caller",
    "trunk",
    "account",
    "supplier_trunk",
    "jurisdiction",
    "lrn",
    "sip_code",
    "hangup_cause",
    "pdd_ms",
    "mos",
    "packet_loss",
    "jitter_ms",
    "attempts",
    "metadata",
)
OPTIONAL_TEXTS = ROW_COLUMNS[ROW_COLUMNS.index("caller") :]
ERROR_COLUMNS = (
    "company_id",
    "switch_id",
    "batch_id",
    "cdr_id",
    "position",
    "call_id",
    "leg",
    "start",
    "code",
    "message",
    "payload",
    "content",
    "state",
)


class BatchStore:
    """Stores the records of one batch inside the caller's transaction.

    :param tally: :class:`~.read.Tally` of the file they come from
    """

    def __init__(self, env, batch, jobs, tally=None):
        self.env = env
        self.batch = batch
        self.jobs = jobs
        self.tally = tally
        self.received = self.accepted = 0
        self.duplicates = self.conflicts = self.refused = 0
        self.first = self.last = None
        self.errors = []
        self._ids = IdBlocks(env.cr, jobs, "voip_cdr_row_block_seq")
        self._months = set()
        self._keys = Keys(env, jobs, batch.switch_id.id)
        self._listed = set()

    def accept(self, records, errors, source, keep_errors=0):
        """Claim and store new records.

        :param errors: {row: (code, message)} of rows that were refused by the parser
        :param source: callable, row -> the record as it came (dict)
        :param keep_errors: how many refusals to list in ``self.errors``
        :return: ``(records, ids)`` accepted, ids int64
        """
        self.received += len(records)
        good = records.but(errors)
        fresh, ids, conflicts = self._claim(records, good)
        problems = {**errors, **conflicts}
        self._refuse(records, problems, conflicts, source, keep_errors)
        accepted = records.take(fresh)
        self._store(accepted, ids)
        self.accepted += len(accepted)
        return accepted, ids

    def take_corrected(self, record):
        """Store one corrected record of a batch that was counted before.

        :return: ``(records, ids)``, empty when its call leg is known already
        """
        fresh, ids, _conflicts = self._claim(record, np.array([0]))
        accepted = record.take(fresh)
        self._store(accepted, ids)
        return accepted, ids

    def _store(self, records, ids):
        if len(records):
            low, high = int(records.start.min()), int(records.start.max())
            self.first = low if self.first is None else min(self.first, low)
            self.last = high if self.last is None else max(self.last, high)
            table = partition("voip_cdr_row", records.months())
            self.jobs.copy(table, ROW_COLUMNS, self._rows(records, ids))

    # === Keys === #

    def _claim(self, records, good):
        """(new rows, their ids, {row: conflict}) of the ``good`` rows."""
        subset = records.take(good)
        claim = Claim(
            subset.keys(self.batch.switch_id.id),
            subset.marks(),
            subset.months(),
            subset.borders(BORDER_SECONDS),
        )
        conflicts = {}
        fresh, again = self._keys.first_of_each(claim)
        ids = self._ids.take(len(fresh))
        self._partitions(claim.months)
        known = self._keys.take(claim, fresh, ids)
        again |= {int(fresh[place]): same for place, same in known.items()}
        for row, same in again.items():
            self._repeated(conflicts, int(good[row]), same)
        if known:
            keep = np.ones(len(fresh), bool)
            keep[list(known)] = False
            fresh, ids = fresh[keep], ids[keep]
        return good[fresh], ids, conflicts

    def _repeated(self, conflicts, row, same):
        if same:
            self.duplicates += 1
        else:
            conflicts[row] = (
                "conflict",
                "call_id: this call was accepted before with other content",
            )

    # === Rows === #

    def _partitions(self, months):
        """Make the partitions of records that begin in these months."""
        new = set(np.unique(months).tolist()) - self._months
        if new:
            dates = [np.datetime64(month, "M").astype(object) for month in new]
            for table, unique in TABLES.items():
                self.jobs.call(
                    lambda t=table, u=unique: ensure_partitions(self.env, t, dates, u)
                )
            self._months |= new

    def _rows(self, records, ids):
        return text.lines(
            [
                text.integers(ids),
                text.moments(records.start),
                str(self.batch.company_id.id),
                str(self.batch.id),
                text.integers(records.position),
                text.texts(records.call_id),
                text.texts(records.called),
                text.moments(records.answer, none=NO_TIME),
                text.moments(records.end, none=NO_TIME),
                text.integers(records.duration_ms),
                text.flags(records.answered),
                *(
                    pc.if_else(
                        pc.equal(array := getattr(records, name), DEFAULTS[name]),
                        text.NOTHING,
                        text.texts(array),
                    )
                    for name in ("leg", "direction")
                ),
                *(text.optional(getattr(records, name)) for name in OPTIONAL_TEXTS),
            ]
        )

    # === Errors === #

    def _refuse(self, records, problems, conflicts, source, keep):
        if not problems:
            return
        rows = sorted(problems)
        payloads = [payload_text(source(row)) for row in rows]
        hashes = [
            blake2b(
                f"{self.batch.switch_id.id}{payload}".encode(), digest_size=16
            ).hexdigest()
            for payload in payloads
        ]
        known = self._listed
        known |= self._open_errors(hashes)
        lines = []
        for row, payload, content in zip(rows, payloads, hashes, strict=True):
            code, message = problems[row]
            if content in known:
                self.duplicates += 1
                continue
            known.add(content)
            if row in conflicts:
                self.conflicts += 1
            else:
                self.refused += 1
            lines.append(
                error_line(self.batch, None, records, row, problems[row], payload)
                + f"\t{content}\topen\n"
            )
            if len(self.errors) < keep:
                self.errors.append(
                    {
                        "index": int(records.position[row]),
                        "call_id": records.text("call_id", row),
                        "code": code,
                        "message": message,
                    }
                )
        self.jobs.copy("voip_cdr_error", ERROR_COLUMNS, pa.array(lines, pa.string()))

    def _open_errors(self, hashes):
        def ask():
            self.env.cr.execute(
                "SELECT content FROM voip_cdr_error"
                " WHERE content = ANY(%s) AND state = 'open' AND cdr_id IS NULL",
                [hashes],
            )
            return {row[0] for row in self.env.cr.fetchall()}

        return self.jobs.call(ask)

    def fail(self, records, ids, errors):
        """Queue accepted records that could not be rated."""
        if not errors:
            return
        lines = [
            error_line(
                self.batch,
                int(ids[row]),
                records,
                row,
                problem,
                json.dumps(records.payload(row), default=str),
            )
            + f"\t{text.NULL}\topen\n"
            for row, problem in sorted(errors.items())
        ]
        self.jobs.copy("voip_cdr_error", ERROR_COLUMNS, pa.array(lines, pa.string()))


def error_line(batch, cdr_id, records, row, problem, payload):
    """COPY text of an error, without its content hash and state."""
    code, message = problem
    start = int(records.start[row])
    return "\t".join(
        (
            str(batch.company_id.id),
            str(batch.switch_id.id),
            str(batch.id),
            text.NULL if cdr_id is None else str(cdr_id),
            str(int(records.position[row]) + 1),
            text.escaped(records.text("call_id", row)) or text.NULL,
            text.escaped(records.text("leg", row)) or text.NULL,
            text.NULL if start == NO_TIME else str(np.datetime64(start, "us")),
            code,
            text.escaped(message),
            text.escaped(payload),
        )
    )
