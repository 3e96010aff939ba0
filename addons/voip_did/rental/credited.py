"""What credit notes have given back of the rental of numbers.

A credit note is of money of a line, not of days: what it takes of a line it takes of
each charge on it alike, and of chosen charges by themselves. Days that were given back
before are no longer on the line.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np

from odoo.addons.voip_billing_base.charge.values import day_of
from odoo.addons.voip_billing_base.engine.exact import narrow
from odoo.addons.voip_billing_base.engine.rounding import to_currency

from ..engine.credited import Month

SCALE = 10**8


@dataclass(slots=True, frozen=True)
class Note:
    """A line of a credit note, ``id``, that credits ``line``; ``part`` is what it takes
    (of 1) of what that has left, or ``usages`` the charges that it takes; ``last`` the
    highest number of a charge that was there, or, of older ones, ``day`` its day."""

    id: int
    line: int
    part: Fraction
    usages: frozenset
    last: int | None
    day: date

    def is_after(self, charge, day):
        return day <= self.day if self.last is None else charge <= self.last


def differences(cr, holdings, rows, owed):
    """What the rows are charged now, negative where it is given back; int array.

    :param rows: :class:`~.holdings.Rows` whose months come to something else now
    :param owed: what, scaled by 10**8
    """
    changes = owed - rows.priced
    again = np.flatnonzero(rows.turn > 0).tolist()
    if not again:
        return changes
    held = {row: holdings.held[rows.holding[row]].id for row in again}
    charges = _charges(cr, held.values())
    notes = _notes(cr, {c[-1] for found in charges.values() for c in found} - {None})
    if not notes:
        return changes
    changes = changes.astype(object)
    for row in again:
        fee = holdings.fees[rows.fee[row]]
        key = held[row], fee, day_of(int(rows.terms.first[row]))
        changes[row] = _month(charges[key], notes).difference(int(owed[row]))
    return narrow(changes)


def given_back(cr, lines, last=None, day=None):
    """{line: Decimal} of rental on invoice lines that other documents give back, or
    will, because numbers were released, moved or became cheaper.

    :param last: the highest number of a charge that counts; None: all
    :param day: where ``last`` is None, the last day that counts; None: any
    """
    cr.execute(GIVEN_SQL, {"lines": list(lines), "last": last, "day": day})
    return {line: Decimal(amount) for line, amount in cr.fetchall()}


def given_back_of(cr, usages):
    """{line: Decimal} of the same, of chosen charges."""
    terms = {"usages": list(usages), "last": None, "day": None}
    cr.execute(GIVEN_OF_SQL, terms)
    return {line: Decimal(amount) for line, amount in cr.fetchall()}


def _charges(cr, assignments):
    """{(assignment id, fee, first day): charges in order} as CHARGES_SQL has them."""
    cr.execute(CHARGES_SQL, [sorted(set(assignments))])
    found = defaultdict(list)
    for assignment, fee, first, *charge in cr.fetchall():
        found[assignment, fee, first].append(charge)
    return found


def _notes(cr, lines):
    """{line: [:class:`Note`]} in order."""
    cr.execute(NOTES_SQL, [sorted(lines)])
    by_line = defaultdict(list)
    for line, *note in cr.fetchall():
        by_line[line].append(note)
    return {line: _notes_of(cr, line, rows) for line, rows in by_line.items()}


def _notes_of(cr, line, rows):
    found, taken = [], Fraction(0)
    for number, total, amount, decimals, last, day, scope, usages in rows:
        given = given_back(cr, [line], last, day).get(line, Decimal(0))
        # On papers that is rounded, too.
        left = Fraction(total) - taken - Fraction(to_currency(given, decimals))
        part = Fraction(amount) / left if left else Fraction(1)
        part = min(max(part, Fraction(0)), Fraction(1))
        chosen = frozenset(usages or ()) if scope == "calls" else None
        found.append(Note(number, line, part, chosen, last, day))
        taken += Fraction(amount)
    return found


def _month(charges, notes):
    """:class:`~..engine.credited.Month` of charges and of the credits of their lines,
    in the order in which they came."""
    month, lines = Month(), {line for *_rest, line in charges}
    waiting = [note for line in lines for note in notes.get(line, ())]
    waiting.sort(key=lambda note: note.id, reverse=True)
    for charge, day, amount, price, _usage, line in charges:
        while waiting and not waiting[-1].is_after(charge, day):
            _credit(month, waiting.pop(), charges)
        month.charge(_scaled(amount), price and _scaled(price), line)
    while waiting:
        _credit(month, waiting.pop(), charges)
    return month


def _credit(month, note, charges):
    if note.usages is None:
        month.credit(note.line, note.part)
        return
    for _id, _day, amount, _price, usage, line in charges:
        if usage in note.usages and line == note.line:
            month.take(line, _scaled(amount))


def _scaled(amount):
    return int(Decimal(amount) * SCALE)


CHARGES_SQL = """
SELECT c.assignment_id, c.fee, c.month_first, c.id, s.local_day, c.amount::text,
       c.month_price::text, c.usage_id, s.move_line_id
  FROM voip_did_charge c JOIN voip_usage_summary s ON s.id = c.summary_id
 WHERE c.assignment_id = ANY(%s)
 ORDER BY c.assignment_id, c.fee, c.month_first, c.turn
"""
NOTES_SQL = """
SELECT l.id, n.id, (l.price_unit * l.quantity)::text, (n.price_unit * n.quantity)::text,
       y.decimal_places, k.last_charge, n.date, k.scope, k.usage_ids
  FROM account_move_line n
  JOIN account_move_line l ON l.id = n.voip_credited_line_id
  JOIN account_move m ON m.id = n.move_id
  JOIN res_currency y ON y.id = n.currency_id
  LEFT JOIN voip_credit k ON k.id = m.voip_credit_id
 WHERE l.id = ANY(%s) AND n.parent_state = 'posted'
 ORDER BY n.id
"""
# The rows of a month net by line: those below nothing give back the others, in
# proportion where there are several.
_NET = """
months AS (
    SELECT c.assignment_id, c.fee, c.month_first, s.move_line_id AS line,
           sum(c.amount) AS amount, array_agg(c.usage_id) AS usages
      FROM keys k
      JOIN voip_did_charge c USING (assignment_id, fee, month_first)
      JOIN voip_usage_summary s ON s.id = c.summary_id
     WHERE COALESCE(c.id <= %(last)s::bigint, s.local_day <= %(day)s::date, true)
     GROUP BY 1, 2, 3, 4
), net AS (
    SELECT line, usages, amount, sum(GREATEST(amount, 0)) OVER own AS charged,
           -sum(LEAST(amount, 0)) OVER own AS given
      FROM months WINDOW own AS (PARTITION BY assignment_id, fee, month_first)
)
SELECT line, round(sum(amount * LEAST(given, charged) / charged), 8)::text
  FROM net WHERE amount > 0 AND given > 0"""
GIVEN_SQL = f"""
WITH keys AS MATERIALIZED (
    SELECT DISTINCT c.assignment_id, c.fee, c.month_first
      FROM voip_usage_summary s JOIN voip_did_charge c ON c.summary_id = s.id
     WHERE s.move_line_id = ANY(%(lines)s)
), {_NET} AND line = ANY(%(lines)s) GROUP BY line
"""
GIVEN_OF_SQL = f"""
WITH keys AS MATERIALIZED (
    SELECT DISTINCT assignment_id, fee, month_first FROM voip_did_charge
     WHERE usage_id = ANY(%(usages)s::bigint[])
), {_NET} AND line IS NOT NULL AND usages && %(usages)s::bigint[] GROUP BY line
"""
