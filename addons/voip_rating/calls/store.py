"""Durable intake of one batch: each call leg once, errors with their reason."""

import json
from hashlib import blake2b

import numpy as np
import pyarrow as pa
from psycopg2.errors import UniqueViolation

from odoo.addons.voip_billing_base.charge.transaction import (
    RetryTransaction,
    copy_lines,
    ensure_partitions,
)
from odoo.addons.voip_billing_base.charge.writer import array_text
from odoo.addons.voip_billing_base.engine import copy_lines as text

from ..engine.rate import NO_TIME
from .column import payload_text
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
KEY_COLUMNS = ("key", "content", "cdr_id")
REQUIRED_TEXTS = ("call_id", "leg", "caller", "called")
OPTIONAL_TEXTS = ROW_COLUMNS[ROW_COLUMNS.index("trunk") :]
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
# A subquery per key is an index look-up, where a join may read the whole table.
KNOWN_SQL = """
SELECT place - 1, same
  FROM (SELECT place, (SELECT k.content = stage.content
                         FROM voip_cdr_key k WHERE k.key = stage.key) AS same
          FROM unnest(%s::uuid[], %s::uuid[]) WITH ORDINALITY
               AS stage(key, content, place)
        OFFSET 0) known
 WHERE same IS NOT NULL
"""
CLAIMS = 5


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
        fresh, keys, ids, conflicts = self._claim(records, good)
        problems = {**errors, **conflicts}
        self._refuse(records, problems, conflicts, source, keep_errors)
        accepted = records.take(fresh)
        self._store(accepted, keys, ids)
        self.accepted += len(accepted)
        return accepted, ids

    def take_corrected(self, record):
        """Store one corrected record of a batch that was counted before.

        :return: ``(records, ids)``, empty when its call leg is known already
        """
        fresh, keys, ids, _conflicts = self._claim(record, np.array([0]))
        accepted = record.take(fresh)
        self._store(accepted, keys, ids)
        return accepted, ids

    def _store(self, records, keys, ids):
        if len(records):
            self._partitions(records.start)
            self.jobs.copy(
                "voip_cdr_row", ROW_COLUMNS, self._rows(records, keys, ids)
            )

    # === Keys === #

    def _claim(self, records, good):
        """(new rows, their keys, their ids, {row: conflict}) of the ``good`` rows."""
        subset = records.take(good)
        keys, contents = subset.keys(self.batch.switch_id.id), subset.contents()
        conflicts = {}
        fresh = self._first_of_each(keys, contents, good, conflicts)
        ids = self._ids.take(len(fresh))
        known = self._claim_keys(keys, contents, fresh, ids) if len(fresh) else {}
        for place, same in known.items():
            self._repeated(conflicts, int(good[fresh[place]]), same)
        if known:
            keep = np.ones(len(fresh), bool)
            keep[list(known)] = False
            fresh, ids = fresh[keep], ids[keep]
        return good[fresh], keys.hexadecimal(fresh.tolist()), ids, conflicts

    def _first_of_each(self, keys, contents, good, conflicts):
        """Positions of the first record of each key."""
        if len(set(keys)) == len(keys):
            return np.arange(len(keys))
        first, fresh = {}, []
        for index, key in enumerate(keys):
            seen = first.setdefault(key, index)
            if seen == index:
                fresh.append(index)
            else:
                same = contents[seen] == contents[index]
                self._repeated(conflicts, int(good[index]), same)
        return np.array(fresh, np.int64)

    def _repeated(self, conflicts, row, same):
        if same:
            self.duplicates += 1
        else:
            conflicts[row] = (
                "conflict",
                "call_id: this call was accepted before with other content",
            )

    def _claim_keys(self, keys, contents, fresh, ids):
        """{place in ``fresh``: whether its content is the same} of known calls.

        Keys go in sorted, because that is what an index takes in fastest.
        """
        order = keys.order(fresh.tolist())
        rows = fresh[order].tolist()
        columns = keys.hexadecimal(rows), contents.hexadecimal(rows), ids[order]
        known = self.jobs.call(lambda: self._insert_keys(*columns))
        return {int(order[place]): same for place, same in known.items()}

    def _insert_keys(self, keys, contents, ids):
        """Insert the keys that are not there yet; {place: same content} of the others.

        :raises RetryTransaction: others insert the same keys again and again
        """
        cr = self.env.cr
        hashes = [array_text(column.to_pylist()) for column in (keys, contents)]
        for _attempt in range(CLAIMS):
            cr.execute(KNOWN_SQL, hashes)
            known = dict(cr.fetchall())
            new = np.delete(np.arange(len(ids)), list(known))
            columns = text.picked(keys, new), text.picked(contents, new)
            lines = text.lines([*columns, text.integers(ids[new])])
            try:
                with cr.savepoint(flush=False):
                    copy_lines(cr, "voip_cdr_key", KEY_COLUMNS, lines)
            except UniqueViolation:
                # Another intake of the same calls was committed meanwhile.
                continue
            return known
        raise RetryTransaction("the same calls come in several ways at once")

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

    def _rows(self, records, keys, ids):
        return text.lines(
            [
                text.integers(ids),
                text.moments(records.start),
                keys,
                str(self.batch.company_id.id),
                str(self.batch.switch_id.id),
                str(self.batch.id),
                text.integers(records.position),
                *(text.texts(getattr(records, name)) for name in REQUIRED_TEXTS),
                text.moments(records.answer, none=NO_TIME),
                text.moments(records.end, none=NO_TIME),
                text.integers(records.duration_ms),
                text.flags(records.answered),
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
