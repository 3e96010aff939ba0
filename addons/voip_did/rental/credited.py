"""What credit notes have given back of the rental of numbers.

A credit note is of money of a line, not of days: what it takes of a line it takes of
each charge on it alike, and of chosen charges by themselves. What other documents have
undone of the line is no longer on it: days that were given back, and, of days that the
line itself gives back, those that were charged again.
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
class Charge:
    """A row of a month, in the order of which it is; amounts scaled by 10**8."""

    id: int
    day: date
    amount: int
    price: int | None
    usage: int
    line: int | None


@dataclass(slots=True, frozen=True)
class Note:
    """A line of a credit note, ``id``, that credits ``line``.

    ``total`` is what that comes to, ``amount`` what is taken, ``usages`` the charges
    that are, where they were chosen; ``last`` the highest number of a charge that was
    there, or, of older ones, ``day`` its day.
    """

    id: int
    line: int
    total: Fraction
    amount: Fraction
    decimals: int
    last: int | None
    day: date
    usages: frozenset | None

    def is_after(self, charge):
        if self.last is None:
            return charge.day <= self.day
        return charge.id <= self.last


def differences(cr, holdings, rows, owed):
    """What the rows are charged now, negative where it is given back; int array.

    :param rows: :class:`~.holdings.Rows` whose months come to something else now
    :param owed: what, scaled by 10**8
    """
    changes = owed - rows.priced
    again = np.flatnonzero(rows.turn > 0).tolist()
    if not again:
        return changes
    keys = {row: _key(holdings, rows, row) for row in again}
    books = Books(cr, keys.values())
    if not books.notes:
        return changes
    books.replay()
    changes = changes.astype(object)
    for row, key in keys.items():
        changes[row] = books.months[key].difference(int(owed[row]))
    return narrow(changes)


def undone(cr, lines):
    """{line: Decimal} of rental on invoice lines that other documents give back, or
    will, because numbers were released, moved or became cheaper; below nothing of a
    line that gives back, where it was charged again.
    """
    cr.execute(UNDONE_SQL, {"lines": list(lines)})
    found, keys = defaultdict(Decimal), []
    for is_plain, line, amount, *key in cr.fetchall():
        if is_plain:
            found[line] += Decimal(amount)
        else:
            keys.append(tuple(key))
    for month in _replayed(cr, keys).values():
        for line in month.undone.keys() & set(lines):
            found[line] += _money(month.undone[line])
    return dict(found)


def undone_of(cr, usages):
    """{line: Decimal} of the same, of chosen charges."""
    cr.execute(CHOSEN_SQL, [list(usages)])
    chosen = defaultdict(set)
    for line, *key in cr.fetchall():
        chosen[tuple(key)].add(line)
    found = defaultdict(Decimal)
    for key, month in _replayed(cr, chosen).items():
        for line in chosen.get(key, set()) & month.undone.keys():
            found[line] += _money(month.undone[line])
    return dict(found)


class Books:
    """Charges of months beside the credit notes of their lines.

    What a credit note takes depends on all that was given back of its line by then, so
    that the months of that are read, too. Keys are (assignment id, fee, first day).
    """

    def __init__(self, cr, keys):
        self.charges, self.notes, self.months = {}, {}, {}
        self._seen, self._lines = set(), defaultdict(set)
        wanted = set(keys)
        while wanted:
            wanted = self._read(cr, wanted)

    def _read(self, cr, keys):
        """Keys of the months that matter, too."""
        cr.execute(CHARGES_SQL, [list(part) for part in zip(*keys, strict=True)])
        for assignment, fee, first, *row in cr.fetchall():
            key, charge = (assignment, fee, first), _charge(*row)
            self.charges.setdefault(key, []).append(charge)
            self._lines[charge.line].add(key)
        lines = self._lines.keys() - self._seen - {None}
        self._seen |= lines
        cr.execute(NOTES_SQL, [sorted(lines)])
        notes = [_note(*row) for row in cr.fetchall()]
        self.notes.update((note.id, note) for note in notes)
        cr.execute(CHANGED_SQL, [sorted({note.line for note in notes})])
        return set(cr.fetchall()) - self.charges.keys()

    def replay(self):
        """Make :class:`~..engine.credited.Month` of the keys, in ``months``."""
        self.months = {key: Month() for key in self.charges}
        self._places, taken = dict.fromkeys(self.charges, 0), defaultdict(Fraction)
        for note in sorted(self.notes.values(), key=lambda note: note.id):
            for key in self._lines[note.line]:
                self._go_on(key, note)
            self._credit(note, taken[note.line])
            taken[note.line] += note.amount
        for key in self.charges:
            self._go_on(key)

    def _go_on(self, key, note=None):
        """Charge the month up to a credit note, or to the end."""
        charges = self.charges[key]
        while self._places[key] < len(charges):
            charge = charges[self._places[key]]
            if note and not note.is_after(charge):
                return
            self.months[key].charge(charge.amount, charge.price, charge.line)
            self._places[key] += 1

    def _credit(self, note, taken):
        keys = self._lines[note.line]
        if note.usages is not None:
            for key in keys:
                for charge in self.charges[key]:
                    if charge.usage in note.usages and charge.line == note.line:
                        self.months[key].take(note.line, charge.amount)
            return
        gone = sum(self.months[key].undone.get(note.line, 0) for key in keys)
        # On papers that is rounded, too.
        gone = to_currency(_money(Fraction(gone)), note.decimals)
        left = note.total - taken - Fraction(gone)
        part = note.amount / left if left else Fraction(1)
        for key in keys:
            self.months[key].credit(note.line, min(max(part, Fraction(0)), 1))


def _replayed(cr, keys):
    books = Books(cr, keys)
    books.replay()
    return books.months


def _key(holdings, rows, row):
    held = holdings.held[rows.holding[row]]
    return held.id, holdings.fees[rows.fee[row]], day_of(int(rows.terms.first[row]))


def _charge(number, day, amount, price, usage, line):
    price = price and _scaled(price)
    return Charge(number, day, _scaled(amount), price, usage, line)


def _note(number, line, total, amount, decimals, last, day, scope, usages):
    chosen = frozenset(usages or ()) if scope == "calls" else None
    terms = Fraction(total), Fraction(amount), decimals, last, day, chosen
    return Note(number, line, *terms)


def _scaled(amount):
    return int(Decimal(amount) * SCALE)


def _money(scaled):
    """A Fraction that is scaled by 10**8 as a Decimal of so many digits."""
    return Decimal(round(scaled)).scaleb(-8)


CHARGES_SQL = """
SELECT c.assignment_id, c.fee, c.month_first, c.id, s.local_day,
       c.amount::text, c.month_price::text, c.usage_id, s.move_line_id
  FROM unnest(%s::int[], %s::text[], %s::date[]) AS k (assignment_id, fee, month_first)
  JOIN voip_did_charge c USING (assignment_id, fee, month_first)
  JOIN voip_usage_summary s ON s.id = c.summary_id
 ORDER BY c.assignment_id, c.fee, c.month_first, c.turn
"""
NOTES_SQL = """
SELECT n.id, l.id, (l.price_unit * l.quantity)::text, (n.price_unit * n.quantity)::text,
       y.decimal_places, k.last_charge, n.date, k.scope, k.usage_ids
  FROM account_move_line n
  JOIN account_move_line l ON l.id = n.voip_credited_line_id
  JOIN account_move m ON m.id = n.move_id
  JOIN res_currency y ON y.id = n.currency_id
  LEFT JOIN voip_credit k ON k.id = m.voip_credit_id
 WHERE l.id = ANY(%s) AND n.parent_state = 'posted'
"""
# Months on lines of which something was given back.
_KEYS = """
SELECT DISTINCT c.assignment_id, c.fee, c.month_first
  FROM voip_usage_summary s JOIN voip_did_charge c ON c.summary_id = s.id
 WHERE s.move_line_id = ANY({lines}) AND EXISTS (
       SELECT FROM voip_did_charge b
        WHERE b.assignment_id = c.assignment_id AND b.fee = c.fee
          AND b.month_first = c.month_first AND b.amount < 0)"""
CHANGED_SQL = _KEYS.format(lines="%s")
# Where only one line charges a month, and no credit note takes back what others give
# back of it, the others' sum is undone of it. Else the order tells.
UNDONE_SQL = f"""
WITH keys AS MATERIALIZED ({_KEYS.format(lines="%(lines)s")}
), months AS (
    SELECT c.assignment_id, c.fee, c.month_first, s.move_line_id AS line,
           sum(c.amount) AS amount
      FROM keys k
      JOIN voip_did_charge c USING (assignment_id, fee, month_first)
      JOIN voip_usage_summary s ON s.id = c.summary_id
     GROUP BY 1, 2, 3, 4
), net AS (
    SELECT m.*, -sum(LEAST(amount, 0)) OVER own AS given,
           count(*) FILTER (WHERE amount > 0) OVER own < 2
           AND NOT bool_or(amount < 0 AND EXISTS (
                   SELECT FROM account_move_line n
                    WHERE n.voip_credited_line_id = m.line
                      AND n.parent_state = 'posted')) OVER own AS is_plain
      FROM months m WINDOW own AS (PARTITION BY assignment_id, fee, month_first)
)
SELECT true, line, sum(LEAST(given, amount))::text, NULL, NULL, NULL
  FROM net
 WHERE is_plain AND amount > 0 AND given > 0 AND line = ANY(%(lines)s) GROUP BY line
 UNION ALL
SELECT DISTINCT false, NULL::int, NULL, assignment_id, fee, month_first
  FROM net WHERE NOT is_plain
"""
CHOSEN_SQL = """
SELECT DISTINCT s.move_line_id, c.assignment_id, c.fee, c.month_first
  FROM voip_did_charge c JOIN voip_usage_summary s ON s.id = c.summary_id
 WHERE c.usage_id = ANY(%s::bigint[]) AND s.move_line_id IS NOT NULL
"""
