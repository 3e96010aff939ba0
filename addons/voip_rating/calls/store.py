"""Durable intake of one batch: each call leg once, errors with their reason."""

import json
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from psycopg2.errors import UniqueViolation

from odoo.addons.voip_billing_base.charge.transaction import (
    RetryTransaction,
    copy_lines,
    ensure_partitions,
)
from odoo.addons.voip_billing_base.charge.writer import array_text
from odoo.addons.voip_billing_base.engine import copy_lines as text

from ..engine.rate import NO_TIME
from .column import DEFAULTS, payload_text
from .copy_queue import IdBlocks

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
KEY_COLUMNS = ("key", "cdr_id", "month", "mark")
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
# A subquery per key and month is an index look-up, where a join may read whole tables.
KNOWN_SQL = """
SELECT place - 1, mark
  FROM (SELECT place, COALESCE({marks}) AS mark
          FROM unnest(%s::bigint[]) WITH ORDINALITY AS stage(key, place)
        OFFSET 0) known
 WHERE mark IS NOT NULL
"""
MARK_SQL = "(SELECT k.mark FROM {table} k WHERE k.key = stage.key)"
CLAIMS = 5
# The monthly tables of call records: {name: column that is unique in a month}.
TABLES = {"voip_cdr_row": None, "voip_usage_row": None, "voip_cdr_key": "key"}


@dataclass(slots=True)
class Claim:
    """Keys (int64), marks (int32) and months since 1970-01 of n records."""

    keys: np.ndarray
    marks: np.ndarray
    months: np.ndarray


def partition(table, months):
    """The partition that rows of these months go to; the table where they differ."""
    first, last = int(np.min(months)), int(np.max(months))
    if first != last:
        return table
    return f"{table}_{np.datetime64(first, 'M')}".replace("-", "")


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
        self._known_sql = {}
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
            subset.keys(self.batch.switch_id.id), subset.marks(), subset.months()
        )
        conflicts = {}
        fresh = self._first_of_each(claim, good, conflicts)
        ids = self._ids.take(len(fresh))
        self._partitions(claim.months)
        known = {}
        for month in np.unique(claim.months[fresh]).tolist():
            places = np.flatnonzero(claim.months[fresh] == month)
            known |= self._claim_month(claim, month, fresh, places, ids)
        for place, same in known.items():
            self._repeated(conflicts, int(good[fresh[place]]), same)
        if known:
            keep = np.ones(len(fresh), bool)
            keep[list(known)] = False
            fresh, ids = fresh[keep], ids[keep]
        return good[fresh], ids, conflicts

    def _first_of_each(self, claim, good, conflicts):
        """Positions of the first record of each key, within neighbouring months."""
        order = np.argsort(claim.keys, kind="stable")
        ordered = claim.keys[order]
        again = ordered[1:] == ordered[:-1]
        if not again.any():
            return np.arange(len(order))
        shared = np.zeros(len(order), bool)
        shared[order[1:][again]] = shared[order[:-1][again]] = True
        keep, seen = np.ones(len(order), bool), {}
        for index in np.flatnonzero(shared).tolist():
            known = seen.setdefault(int(claim.keys[index]), [])
            near = [
                first
                for first in known
                if abs(claim.months[first] - claim.months[index]) <= 1
            ]
            if near:
                same = claim.marks[near[0]] == claim.marks[index]
                self._repeated(conflicts, int(good[index]), same)
                keep[index] = False
            else:
                known.append(index)
        return np.flatnonzero(keep)

    def _repeated(self, conflicts, row, same):
        if same:
            self.duplicates += 1
        else:
            conflicts[row] = (
                "conflict",
                "call_id: this call was accepted before with other content",
            )

    def _claim_month(self, claim, month, fresh, places, ids):
        """{place in ``fresh``: whether its content is the same} of known calls.

        Keys go in sorted, because that is what an index takes in fastest.
        """
        places = places[np.argsort(claim.keys[fresh[places]])]
        rows = fresh[places]
        keys, marks = claim.keys[rows], claim.marks[rows]
        known = self.jobs.call(
            lambda: self._insert_keys(month, keys, marks, ids[places])
        )
        return {
            int(places[index]): mark == marks[index] for index, mark in known.items()
        }

    def _insert_keys(self, month, keys, marks, ids):
        """Insert the keys that are not there yet; {index: mark} of the others.

        :raises RetryTransaction: others insert the same keys again and again
        """
        cr, query = self.env.cr, self._known_query(month)
        for _attempt in range(CLAIMS):
            cr.execute(query, [array_text(keys.tolist())])
            known = dict(cr.fetchall())
            new = np.delete(np.arange(len(ids)), list(known))
            columns = [
                text.integers(keys[new]),
                text.integers(ids[new]),
                f"{np.datetime64(month, 'M')}-01",
                text.integers(marks[new]),
            ]
            table = partition("voip_cdr_key", [month])
            try:
                with cr.savepoint(flush=False):
                    copy_lines(cr, table, KEY_COLUMNS, text.lines(columns))
            except UniqueViolation:
                # Another intake of the same calls was committed meanwhile.
                continue
            return known
        raise RetryTransaction("the same calls come in several ways at once")

    def _known_query(self, month):
        """Looks keys up in a month and in those beside it that have any."""
        if month not in self._known_sql:
            names = [partition("voip_cdr_key", [month + by]) for by in (0, -1, 1)]
            self.env.cr.execute(
                "SELECT name FROM unnest(%s) name WHERE to_regclass(name) IS NOT NULL",
                [names],
            )
            found = {name for (name,) in self.env.cr.fetchall()}
            marks = [MARK_SQL.format(table=name) for name in names if name in found]
            self._known_sql[month] = KNOWN_SQL.format(marks=", ".join(marks))
        return self._known_sql[month]

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
