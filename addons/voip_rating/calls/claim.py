"""Each call leg once: keys claimed in the month of the call's start.

A record that was here before has the same start and so the same month; one that clashes
with another is looked for in the months beside it too.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from psycopg2.errors import UniqueViolation

from odoo.tools import SQL

from odoo.addons.voip_billing_base.charge.transaction import (
    RetryTransaction,
    copy_lines,
)
from odoo.addons.voip_billing_base.charge.values import array_text
from odoo.addons.voip_billing_base.engine import copy_lines as text

KEY_COLUMNS = ("key", "cdr_id", "month", "mark", "switch_id")
KNOWN_SQL = """
SELECT key, mark FROM {table} WHERE key = ANY(%s::bigint[]) AND switch_id = %s
"""
FEW_SQL = "SELECT key, mark FROM {table} WHERE switch_id = %s LIMIT %s"
CLAIMS = 5
# So many new keys of a month are written unasked; fewer are looked up before.
MANY = 2_000
# A month of so few keys is read rather than asked for many.
FEW = 2_000
# So close to a month's beginning a call may come again with a start in the other month.
BORDER_SECONDS = 3_600
# The monthly tables of call records: {name: columns that are unique in a month}.
TABLES = {
    "voip_cdr_row": None,
    "voip_usage_row": None,
    "voip_cdr_key": ["key", "switch_id"],
}


@dataclass(slots=True)
class Claim:
    """Keys (int64), marks (int32) and months since 1970-01 of n records.

    ``borders`` are the months that begin close to some of them.
    """

    keys: np.ndarray
    marks: np.ndarray
    months: np.ndarray
    borders: np.ndarray


@dataclass(slots=True)
class _Group:
    """Keys (sorted) of one month on their way in, and their lines of COPY.

    ``places`` are their rows in the claim, ``again`` those that this batch brought
    before.
    """

    month: int
    places: np.ndarray
    keys: np.ndarray
    marks: np.ndarray
    again: np.ndarray
    lines: pa.Array


def partition(table, months):
    """The partition that rows of these months go to; the table where they differ."""
    first, last = int(np.min(months)), int(np.max(months))
    if first != last:
        return table
    return f"{table}_{np.datetime64(first, 'M')}".replace("-", "")


class Keys:
    """Claims the keys of a batch inside the caller's transaction.

    A call clashes with calls of its own switch only.
    """

    def __init__(self, env, jobs, switch_id):
        self.env = env
        self.switch_id = switch_id
        self.jobs = jobs
        self._filled, self._asked = set(), set()
        self._locked = set()
        self._own, self._crowded, self._large = defaultdict(Seen), set(), set()

    def first_of_each(self, claim):
        """The first record of each key, within neighbouring months.

        :return: ``(rows, {row: whether its content is the same} of the others)``
        """
        order = np.argsort(claim.keys, kind="stable")
        ordered = claim.keys[order]
        twice = ordered[1:] == ordered[:-1]
        if not twice.any():
            return np.arange(len(order)), {}
        shared = np.zeros(len(order), bool)
        shared[order[1:][twice]] = shared[order[:-1][twice]] = True
        keep, seen, again = np.ones(len(order), bool), {}, {}
        for index in np.flatnonzero(shared).tolist():
            known = seen.setdefault(int(claim.keys[index]), [])
            near = [
                first
                for first in known
                if abs(claim.months[first] - claim.months[index]) <= 1
            ]
            if near:
                again[index] = bool(claim.marks[near[0]] == claim.marks[index])
                keep[index] = False
            else:
                known.append(index)
        return np.flatnonzero(keep), again

    def take(self, claim, fresh, ids):
        """Claim the rows ``fresh`` under the record ids ``ids``.

        :return: {place in ``fresh``: whether its content is the same} of those that
            are known already
        :raises RetryTransaction: others claim the same calls again and again
        """
        months = claim.months[fresh]
        # Sorted, because that is what an index takes in fastest.
        order = np.argsort(claim.keys[fresh])
        groups = [
            self._group(claim, month, order[months[order] == month], fresh, ids)
            for month in np.unique(months).tolist()
        ]

        def insert():
            self._lock_borders(claim.borders.tolist())
            return [self._insert(group) for group in groups]

        found = self.jobs.call(insert)
        for group, known in zip(groups, found, strict=True):
            self._filled.add(group.month)
            self._own[group.month].add(np.delete(group.keys, list(known)))
        return {
            int(group.places[row]): bool(mark == group.marks[row])
            for group, known in zip(groups, found, strict=True)
            for row, mark in known.items()
        }

    def _lock_borders(self, months):
        """One after the other where a call may be said to begin on either side.

        An index is unique within its month; two intakes at once do not see each other.
        """
        for month in months:
            if month not in self._locked:
                self.env.cr.execute(
                    "SELECT pg_advisory_xact_lock(hashtext(%s), %s)",
                    [f"voip_cdr_border_{self.switch_id}", month],
                )
                self._locked.add(month)

    def _group(self, claim, month, places, fresh, ids):
        keys, marks = claim.keys[fresh[places]], claim.marks[fresh[places]]
        columns = [
            text.integers(keys),
            text.integers(ids[places]),
            f"{np.datetime64(month, 'M')}-01",
            text.integers(marks),
            str(self.switch_id),
        ]
        again = self._own[month].has(keys)
        return _Group(month, places, keys, marks, again, text.lines(columns))

    def _insert(self, group):
        """Insert the keys that are not there yet; {row: mark} of the others.

        Of many keys only those are looked up that this batch brought before, for the
        index says whether the others are new; once it said no, all are looked up.

        :raises RetryTransaction: others insert the same keys again and again
        """
        cr, month, keys = self.env.cr, group.month, group.keys
        beside = [m for m in (month + 1, month - 1) if self._has_keys(m)]
        for _attempt in range(CLAIMS):
            few = len(keys) < MANY or month in self._crowded
            known = {}
            for other in beside:
                known |= self._known(other, keys)
            known |= self._known(month, keys if few else keys[group.again])
            known = {int(np.searchsorted(keys, key)): known[key] for key in known}
            new = np.delete(np.arange(len(keys)), list(known))
            lines = group.lines.take(pa.array(new)) if known else group.lines
            try:
                with cr.savepoint(flush=False):
                    table = partition("voip_cdr_key", [month])
                    copy_lines(cr, table, KEY_COLUMNS, lines)
            except UniqueViolation:
                # They were there, or another intake was committed meanwhile.
                self._crowded.add(month)
                continue
            return known
        raise RetryTransaction("the same calls come in several ways at once")

    def _known(self, month, keys):
        """{key: mark} of the keys that a month has."""
        if not len(keys):
            return {}
        cr, table = self.env.cr, partition("voip_cdr_key", [month])
        if len(keys) >= MANY and month not in self._large:
            cr.execute(FEW_SQL.format(table=table), [self.switch_id, FEW])
            if cr.rowcount < FEW:
                return _among(keys, cr.fetchall())
            self._large.add(month)
        cr.execute(
            KNOWN_SQL.format(table=table), [array_text(keys.tolist()), self.switch_id]
        )
        return dict(cr.fetchall())

    def _has_keys(self, month):
        if month in self._filled:
            return True
        if month not in self._asked:
            self._asked.add(month)
            cr, table = self.env.cr, partition("voip_cdr_key", [month])
            cr.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
            if cr.fetchone()[0]:
                cr.execute(SQL("SELECT EXISTS (SELECT FROM %s)", SQL.identifier(table)))
                if cr.fetchone()[0]:
                    self._filled.add(month)
        return month in self._filled


def _among(keys, rows):
    """{key: mark} of those of some (key, mark) that are in ``keys`` (sorted)."""
    asked = np.array([key for key, _mark in rows], np.int64)
    places = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    found = np.flatnonzero(keys[places] == asked).tolist()
    return dict(rows[row] for row in found)


class Seen:
    """Keys that a batch brought, in sorted runs of which each is twice the next."""

    def __init__(self):
        self._runs = []

    def has(self, keys):
        """Bool array: which of the keys were added before."""
        found = np.zeros(len(keys), bool)
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, keys), len(run) - 1)
            found |= run[places] == keys
        return found

    def add(self, keys):
        """Add keys (int64, sorted)."""
        if len(keys):
            self._runs.append(keys)
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            merged = np.concatenate([self._runs.pop(), self._runs.pop()])
            self._runs.append(np.sort(merged, kind="stable"))
