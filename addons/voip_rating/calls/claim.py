"""Each call leg once: keys claimed in the month of the call's start.

A record that was here before has the same start and so the same month; one that clashes
with another is looked for in the months beside it too.
"""

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
# A subquery per key and month is an index look-up, where a join may read whole tables.
KNOWN_SQL = """
SELECT place - 1, mark
  FROM (SELECT place, COALESCE({marks}) AS mark
          FROM unnest(%s::bigint[]) WITH ORDINALITY AS stage(key, place)
        OFFSET 0) known
 WHERE mark IS NOT NULL
"""
MARK_SQL = """(SELECT k.mark FROM {table} k
   WHERE k.key = stage.key AND k.switch_id = {switch})"""
CLAIMS = 5
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
        """Insert the keys that are not there yet; {index: mark} of the others.

        :raises RetryTransaction: others insert the same keys again and again
        """
        cr, query = self.env.cr, self._query(month)
        for _attempt in range(CLAIMS):
            cr.execute(query, [array_text(keys.tolist())])
            known = dict(cr.fetchall())
            new = np.delete(np.arange(len(ids)), list(known))
            columns = [
                text.integers(keys[new]),
                text.integers(ids[new]),
                f"{np.datetime64(month, 'M')}-01",
                text.integers(marks[new]),
                str(self.switch_id),
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

    def _query(self, month):
        """Looks keys up in a month and in those beside it that have any."""
        self._filled.add(month)
        months = [month, *(m for m in (month - 1, month + 1) if self._has_keys(m))]
        tables = [partition("voip_cdr_key", [m]) for m in months]
        marks = [
            MARK_SQL.format(table=table, switch=int(self.switch_id)) for table in tables
        ]
        return KNOWN_SQL.format(marks=", ".join(marks))

    def _has_keys(self, month):
        if month in self._filled:
            return True
        if month not in self._asked:
            self._asked.add(month)
            cr, table = self.env.cr, partition("voip_cdr_key", [month])
            cr.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
            if cr.fetchone()[0]:
                cr.execute(
                    SQL("SELECT EXISTS (SELECT FROM %s)", SQL.identifier(table))
                )
                if cr.fetchone()[0]:
                    self._filled.add(month)
        return month in self._filled
