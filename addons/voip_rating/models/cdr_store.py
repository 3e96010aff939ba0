"""Durable intake of one batch: each call leg once, errors with their reason."""

import io
import json
from hashlib import blake2b

import numpy as np

from odoo.addons.voip_billing_base.models.money_cursor import (
    copy_text,
    ensure_partitions,
)
from odoo.addons.voip_billing_base.models.usage_writer import escape, escape_all

from ..engine.rate import NO_TIME
from .cdr_columns import payload_text
from .cdr_priced import time_texts
from .cdr_rate import NULL
from .copy_queue import IdBlocks

ROW_COLUMNS = (
    "id",
    "start",
    "key",
    "company_id",
    "switch_id",
    "batch_id",
    "position",
    "call_id",
    "leg",
    "caller",
    "called",
    "answer",
    '"end"',
    "duration_ms",
    "answered",
    "trunk",
    "account",
    "supplier_trunk",
    "direction",
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
KEY_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS voip_key_stage (
    row integer, key uuid, content uuid, cdr_id bigint) ON COMMIT DROP
"""
CLAIM_SQL = """
INSERT INTO voip_cdr_key (key, content, cdr_id)
SELECT key, content, cdr_id FROM voip_key_stage ON CONFLICT (key) DO NOTHING
"""
KNOWN_SQL = """
SELECT s.row, s.content = k.content
  FROM voip_key_stage s JOIN voip_cdr_key k USING (key)
 WHERE k.cdr_id <> s.cdr_id
"""


class BatchStore:
    """Stores the records of one batch inside the caller's transaction."""

    def __init__(self, env, batch, jobs):
        self.env = env
        self.batch = batch
        self.jobs = jobs
        self.received = self.accepted = 0
        self.duplicates = self.conflicts = self.refused = 0
        self.first = self.last = None
        self.errors = []
        self._ids = IdBlocks(env.cr, jobs, "voip_cdr_row_block_seq")
        self._months = set()

    def accept(self, records, errors, source, keep_errors=0):
        """Claim and store new records.

        :param errors: {row: (code, message)} of rows that were refused by the parser
        :param source: callable, row -> the record as it came (dict)
        :param keep_errors: how many refusals to list in ``self.errors``
        :return: ``(records, ids)`` accepted, ids int64
        """
        self.received += len(records)
        good = [row for row in range(len(records)) if row not in errors]
        fresh, contents, conflicts = self._claim(records, good)
        problems = {**errors, **conflicts}
        self._refuse(records, problems, conflicts, source, keep_errors)
        if not fresh.size:
            return records.take(fresh), np.zeros(0, np.int64)
        accepted = records.take(fresh)
        keys, ids = contents
        self._partitions(accepted.start)
        self.jobs.copy("voip_cdr_row", ROW_COLUMNS, self._rows(accepted, ids, keys))
        self.accepted += len(accepted)
        return accepted, ids

    def take_corrected(self, record):
        """Store one corrected record of a batch that was counted before.

        :return: ``(records, ids)``, empty when its call leg is known already
        """
        fresh, (keys, ids), _conflicts = self._claim(record, [0])
        if not fresh.size:
            return record.take(fresh), ids
        self._partitions(record.start)
        self.jobs.copy("voip_cdr_row", ROW_COLUMNS, self._rows(record, ids, keys))
        return record, ids

    # === Keys === #

    def _claim(self, records, good):
        """New rows, their (keys, ids), and {row: conflict}."""
        subset = records.take(np.asarray(good, np.int64))
        keys, contents = subset.keys(self.batch.switch_id.id), subset.contents()
        first, fresh, conflicts = {}, [], {}
        for index, key in enumerate(keys):
            seen = first.setdefault(key, index)
            if seen == index:
                fresh.append(index)
            else:
                self._repeated(
                    conflicts, good[index], contents[seen] == contents[index]
                )
        ids = self._ids.take(len(fresh))
        lines = "".join(
            f"{position}\t{keys[index]}\t{contents[index]}\t{cdr_id}\n"
            for position, (index, cdr_id) in enumerate(
                zip(fresh, ids.tolist(), strict=True)
            )
        )
        known = self.jobs.call(lambda: self._claim_keys(lines, len(fresh)))
        for position, same in known:
            self._repeated(conflicts, good[fresh[position]], same)
        if known:
            gone = {position for position, _same in known}
            keep = [p for p in range(len(fresh)) if p not in gone]
            fresh = [fresh[p] for p in keep]
            ids = ids[keep]
        rows = np.asarray([good[index] for index in fresh], np.int64)
        return rows, ([keys[index] for index in fresh], ids), conflicts

    def _repeated(self, conflicts, row, same):
        if same:
            self.duplicates += 1
        else:
            conflicts[row] = (
                "conflict",
                "call_id: this call was accepted before with other content",
            )

    def _claim_keys(self, lines, count):
        cr = self.env.cr
        cr.execute(KEY_TABLE)
        cr.execute("TRUNCATE voip_key_stage")
        copy_text(
            cr,
            "voip_key_stage",
            ("row", "key", "content", "cdr_id"),
            io.BytesIO(lines.encode()),
        )
        cr.execute(CLAIM_SQL)
        if cr.rowcount == count:
            return []
        cr.execute(KNOWN_SQL)
        return cr.fetchall()

    # === Rows === #

    def _partitions(self, start):
        months = set(np.unique(start.astype("M8[us]").astype("M8[M]")).tolist())
        new = months - self._months
        if new:
            for table in ("voip_cdr_row", "voip_usage_row"):
                self.jobs.call(lambda t=table: ensure_partitions(self.env, t, new))
            self._months |= new
        low, high = int(start.min()), int(start.max())
        self.first = low if self.first is None else min(self.first, low)
        self.last = high if self.last is None else max(self.last, high)

    def _rows(self, records, ids, keys):
        head = (
            f"{self.batch.company_id.id}\t{self.batch.switch_id.id}\t{self.batch.id}"
        )
        lines = zip(
            ids.tolist(),
            time_texts(records.start),
            keys,
            [head] * len(records),
            records.position.tolist(),
            escape_all(records.call_id),
            escape_all(records.leg),
            escape_all(records.caller),
            escape_all(records.called),
            _optional_times(records.answer),
            _optional_times(records.end),
            records.duration_ms.tolist(),
            records.answered.tolist(),
            _optional(records.trunk),
            _optional(records.account),
            _optional(records.supplier_trunk),
            records.direction,
            _optional(records.jurisdiction),
            _optional(records.lrn),
            _optional(records.sip_code),
            _optional(records.hangup_cause),
            _optional(records.pdd_ms),
            _optional(records.mos),
            _optional(records.packet_loss),
            _optional(records.jitter_ms),
            _optional(records.attempts),
            _optional(records.metadata),
            strict=True,
        )
        return "".join([LINE % line for line in lines])

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
        known = self._open_errors(hashes)
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
                        "call_id": records.call_id[row],
                        "code": code,
                        "message": message,
                    }
                )
        self.jobs.copy("voip_cdr_error", ERROR_COLUMNS, "".join(lines))

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
            + f"\t{NULL}\topen\n"
            for row, problem in sorted(errors.items())
        ]
        self.jobs.copy("voip_cdr_error", ERROR_COLUMNS, "".join(lines))


def error_line(batch, cdr_id, records, row, problem, payload):
    """COPY text of an error, without its content hash and state."""
    code, message = problem
    start = records.start[row]
    start = NULL if start == NO_TIME else time_texts(records.start[row : row + 1])[0]
    return "\t".join(
        (
            str(batch.company_id.id),
            str(batch.switch_id.id),
            str(batch.id),
            NULL if cdr_id is None else str(cdr_id),
            str(int(records.position[row]) + 1),
            escape(records.call_id[row]) or NULL,
            escape(records.leg[row]) or NULL,
            start,
            code,
            escape(message),
            escape(payload),
        )
    )


LINE = "\t".join(["%s"] * 27) + "\n"


def _optional(values):
    if not any(values):
        return [NULL] * len(values)
    return [value or NULL for value in escape_all(values)]


def _optional_times(moments):
    texts = time_texts(np.where(moments == NO_TIME, 0, moments))
    if (moments != NO_TIME).all():
        return texts
    return [
        NULL if missing else text
        for missing, text in zip((moments == NO_TIME).tolist(), texts, strict=True)
    ]
