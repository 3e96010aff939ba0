"""Each call leg once: keys claimed in the month of the call's start.

A record that was here before has the same start and so the same month; one that clashes
with another is looked for in the months beside it too.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from psycopg2.errors import UniqueViolation

from odoo.tools import SQL

from odoo.addons.voip_billing_base.charge.transaction import (
    RetryTransaction,
    copy_lines,
)
from odoo.addons.voip_billing_base.charge.writer import array_text
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
# The monthly tables of call records: {name: columns that are unique in a month}.
TABLES = {
    "voip_cdr_row": None,
    "voip_usage_row": None,
    "voip_cdr_key": ["key", "switch_id"],
}


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


class Keys:
    """Claims the keys of a batch inside the caller's transaction.

    A call clashes with calls of its own switch only.
    """

    def __init__(self, env, jobs, switch_id):
        self.env = env
        self.switch_id = switch_id
        self.jobs = jobs
        self._filled, self._asked = set(), set()
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
        known, months = {}, claim.months[fresh]
        for month in np.unique(months).tolist():
            places = np.flatnonzero(months == month)
            known |= self._take_month(claim, month, fresh, places, ids)
        return known

    def _take_month(self, claim, month, fresh, places, ids):
        """{place in ``fresh``: whether its content is the same} of known calls.

        Keys go in sorted, because that is what an index takes in fastest.
        """
        places = places[np.argsort(claim.keys[fresh[places]])]
        rows = fresh[places]
        keys, marks = claim.keys[rows], claim.marks[rows]
        known = self.jobs.call(lambda: self._insert(month, keys, marks, ids[places]))
        return {
            int(places[index]): bool(mark == marks[index])
            for index, mark in known.items()
        }

    def _insert(self, month, keys, marks, ids):
        """Insert the keys (sorted) that are not there yet; {index: mark} of the others.

        Of many keys only those are looked up that this batch brought before, for the
        index says whether the others are new; once it said no, all are looked up.

        :raises RetryTransaction: others insert the same keys again and again
        """
        cr, own = self.env.cr, self._own[month]
        beside = [m for m in (month + 1, month - 1) if self._has_keys(m)]
        for _attempt in range(CLAIMS):
            asked = own.has(keys)
            if len(keys) < MANY or month in self._crowded:
                asked[:] = True
            known = {}
            for other in beside:
                known |= self._known(other, keys)
            known |= self._known(month, keys[asked])
            known = {int(np.searchsorted(keys, key)): known[key] for key in known}
            new = np.delete(np.arange(len(ids)), list(known))
            try:
                with cr.savepoint(flush=False):
                    self._copy(month, keys[new], ids[new], marks[new])
            except UniqueViolation:
                # They were there, or another intake was committed meanwhile.
                self._crowded.add(month)
                continue
            self._filled.add(month)
            own.add(keys[new])
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
                rows = cr.fetchall()
                found = np.isin([key for key, _mark in rows], keys).tolist()
                return dict(row for row, same in zip(rows, found, strict=True) if same)
            self._large.add(month)
        cr.execute(
            KNOWN_SQL.format(table=table), [array_text(keys.tolist()), self.switch_id]
        )
        return dict(cr.fetchall())

    def _copy(self, month, keys, ids, marks):
        columns = [
            text.integers(keys),
            text.integers(ids),
            f"{np.datetime64(month, 'M')}-01",
            text.integers(marks),
            str(self.switch_id),
        ]
        table = partition("voip_cdr_key", [month])
        copy_lines(self.env.cr, table, KEY_COLUMNS, text.lines(columns))

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
