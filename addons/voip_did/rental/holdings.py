"""What the rental run reads: assignments, their months, what was charged of them."""

from dataclasses import dataclass
from dataclasses import fields as columns_of
from datetime import date
from decimal import Decimal

import numpy as np

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.voip_billing_base.charge.values import day_number, day_of
from odoo.addons.voip_billing_base.engine.exact import narrow

from ..engine.months import anchor_of, kept_anchor, months_between
from ..engine.rental import FOREVER, Months, due
from ..engine.rental import held as days_held
from ..plans.voip_did_price import MONTHLY, ONCE
from . import pauses
from .due import HELD_SQL

SCALE = 8


@dataclass(slots=True)
class Rows:
    """Columns of n rows, each a fee of an assignment in one month.

    ``terms`` are what :func:`~..engine.rental.owed` wants; ``holding`` numbers the
    assignments of :class:`Holdings`, ``fee`` its fees; ``priced`` is what the month
    came to when it was charged last (scaled by 10**8), ``turn`` how often it was.
    """

    terms: Months
    holding: np.ndarray
    fee: np.ndarray
    advance: np.ndarray
    tier: np.ndarray
    priced: np.ndarray
    turn: np.ndarray
    due: np.ndarray

    def __len__(self):
        return len(self.holding)

    def take(self, rows):
        """The rows at ``rows`` (int array)."""
        terms = {f.name: getattr(self.terms, f.name)[rows] for f in columns_of(Months)}
        own = [f.name for f in columns_of(Rows) if f.name != "terms"]
        columns = {name: getattr(self, name)[rows] for name in own}
        return Rows(terms=Months(**terms), **columns)


class Holdings:
    """Assignments of some accounts, as columns, and their plans."""

    def __init__(self, env, company, assignments, charged):
        self.env = env
        self.company = company
        self.held = assignments
        self.charged = charged
        accounts = env["voip.account"].browse({one.account_id for one in assignments})
        self.accounts = {account.id: account for account in accounts}
        self.today = {a.id: day_number(a._did_today()) for a in accounts}
        self.anchors = {
            a.id: anchor_of(a.cycle, a.invoice_day, a.start_date) for a in accounts
        }
        plans = env["voip.did.plan"].browse({one.plan_id for one in assignments})
        self.plans = {plan.id: plan for plan in plans}
        # What was charged may have no price any more: it is given back.
        self.fees = sorted(
            {MONTHLY, *plans.price_ids.mapped("fee"), *(fee for _i, fee, _m in charged)}
        )
        self.billed_until = accounts.bill_account_id._billed_until()
        self._keys, self._lines, self._spans, self._kept = {}, {}, {}, {}
        self._counts = _Counts(env, list(self.accounts))
        self.left = set()
        self.spans = pauses.read(env.cr, assignments, self.plans, self.today)

    @classmethod
    def of_accounts(cls, env, company, accounts):
        """The assignments of ``accounts`` (ids) that are to be looked at."""
        values = {"company": company.id, "now": fields.Datetime.now()}
        env.cr.execute(HELD_SQL, {**values, "accounts": list(accounts)})
        held = [Held(*row) for row in env.cr.fetchall()]
        env.cr.execute(CHARGED_SQL, [[one.id for one in held]])
        charged = {row[:3]: row[3:] for row in env.cr.fetchall()}
        return cls(env, company, held, charged)

    def pauses(self, rows):
        """Spans that cost nothing, as :func:`~..engine.rental.owed` wants them."""
        found = [
            (row, first, last)
            for row, place in enumerate(rows.holding.tolist())
            for first, last in self.spans.get(self.held[place].id, ())
        ]
        if not found:
            return None
        return tuple(np.array(column, np.int64) for column in zip(*found, strict=True))

    def parts(self, size):
        """:class:`Rows` of the assignments, ``size`` of them at a time."""
        ordered = sorted(self.charged)
        by_one = {}
        for key in ordered:
            by_one.setdefault(key[0], []).append(key)
        for start in range(0, len(self.held), size):
            places = range(start, min(start + size, len(self.held)))
            yield self._rows(places, by_one)

    def _rows(self, places, by_one):
        listed = []
        for place in places:
            one = self.held[place]
            keys = {
                (fee, first): last
                for first, last in self._months(one)
                for fee in self._fees_of(one, first, last)
            }
            for _id, fee, first in by_one.get(one.id, ()):
                last = day_number(self._month(one, first)[1])
                keys.setdefault((fee, day_number(first)), last)
            listed += [(place, fee, first, last) for (fee, first), last in keys.items()]
        return self._columns(sorted(listed, key=lambda row: row[:1] + row[2:3]))

    def _columns(self, listed):
        held = [self.held[place] for place, *_rest in listed]
        plans = [self.plans[one.plan_id] for one in held]
        known = [
            self.charged.get((one.id, fee, day_of(first)), (0, 0, 0, None))
            for one, (_place, fee, first, _last) in zip(held, listed, strict=True)
        ]
        advance = np.array([plan.advance == "advance" for plan in plans], bool)
        turns = np.array([turn for _amount, turn, *_rest in known], np.int64)
        tiers = [
            tier if turn else self._counts.of(one, plan, first)
            for one, plan, (_a, turn, tier, _t), (_p, _f, first, _l) in zip(
                held, plans, known, listed, strict=True
            )
        ]
        terms = self._terms(held, plans, listed, known, tiers)
        today = np.array([self.today[one.account_id] for one in held], np.int64)
        amounts = [int(Decimal(amount).scaleb(SCALE)) for amount, *_rest in known]
        return Rows(
            terms=terms,
            holding=np.array([place for place, *_rest in listed], np.int64),
            fee=np.array([self.fees.index(fee) for _p, fee, *_r in listed], np.int64),
            advance=advance,
            tier=np.array(tiers, np.int64),
            priced=narrow(np.array(amounts, object)),
            turn=turns,
            due=due(terms, advance, today) | (turns > 0),
        )

    def _terms(self, held, plans, listed, known, tiers):
        kept = [
            0 if plan.gives_back or not through else day_number(through)
            for plan, (_a, _turn, _tier, through) in zip(plans, known, strict=True)
        ]
        keys = [
            self._key(one, plan, fee, tier)
            for one, plan, (_p, fee, *_r), tier in zip(
                held, plans, listed, tiers, strict=True
            )
        ]
        pieces = [
            one.channels if fee == "channel" else 1
            for one, (_p, fee, *_r) in zip(held, listed, strict=True)
        ]

        def column(values):
            return np.array(values, np.int64)

        return Months(
            first=column([first for _p, _f, first, _l in listed]),
            last=column([last for *_rest, last in listed]),
            start=column([day_number(one.date_start) for one in held]),
            end=column(
                [day_number(one.date_end) if one.date_end else FOREVER for one in held]
            ),
            key=column(keys),
            kept=column(kept),
            pieces=column(pieces),
            whole=np.array([plan.prorate == "whole" for plan in plans], bool),
            once=np.array([fee in ONCE for _p, fee, *_r in listed], bool),
        )

    # === Months === #

    def _months(self, one):
        """[(first, last)] of the months that may be due, as day numbers."""
        anchor, today = self._anchor(one), day_of(self.today[one.account_id])
        first = one.date_start
        if one.settled_until and one.settled_until >= first:
            first = day_of(day_number(one.settled_until) + 1)
        last = min(one.date_end or today, today)
        key = (anchor, first, last)
        if key not in self._spans:
            self._spans[key] = [
                (day_number(begin), day_number(end))
                for begin, end in months_between(first, last, anchor)
            ]
        return self._spans[key]

    def _month(self, one, day):
        return months_between(day, day, self._anchor(one))[0]

    def _anchor(self, one):
        """What was charged goes on by its months, whatever the account's are now."""
        anchor = self.anchors[one.account_id]
        key = anchor, one.month_first, one.month_last
        if key not in self._kept:
            charged = key[1:]
            self._kept[key] = kept_anchor(anchor, charged) if charged[0] else anchor
        return self._kept[key]

    def _fees_of(self, one, first, last):
        start = day_number(one.date_start)
        fees = {MONTHLY, *self.plans[one.plan_id].price_ids.mapped("fee")}
        once = first <= start <= last and not one.is_continued
        return [f for f in fees if f not in ONCE or once]

    # === Prices === #

    def _key(self, one, plan, fee, tier):
        own = one.account_id if one.account_id in plan.price_ids.account_id.ids else 0
        steps = [n for n in plan.price_ids.mapped("min_numbers") if n <= tier]
        key = (plan.id, fee, one.kind, one.country_id, own, max(steps, default=0))
        return self._keys.setdefault(key, len(self._keys))

    def prices(self, rows):
        """{key: (days, prices)} of the rows, as :func:`~..engine.rental.owed` wants."""
        names = {number: key for key, number in self._keys.items()}
        found = {
            number: self._line(number, names[number])
            for number in np.unique(rows.terms.key).tolist()
        }
        first, last = days_held(rows.terms)
        for number, (days, _prices) in found.items():
            if names[number][1] == MONTHLY:
                begins = first[(rows.terms.key == number) & (first <= last)]
                self._refuse_unpriced(names[number], days, begins)
        return found

    def _refuse_unpriced(self, key, days, begins):
        """:raises UserError: a number would be given away on the days before ``days``,
        because its price was deleted or its kind or country changed"""
        if not begins.size or (days.size and days[0] <= begins.min()):
            return
        plan_id, _fee, kind, country_id, *_rest = key
        kinds = self.env["voip.did"]._fields["kind"]._description_selection(self.env)
        raise UserError(
            self.env._(
                "Plan %(plan)s has no price of the monthly rental of numbers %(kind)s,"
                " %(country)s, on %(day)s: add one to the plan.",
                plan=self.plans[plan_id].name,
                kind=dict(kinds)[kind],
                country=self.env["res.country"].browse(country_id or None).name or "-",
                day=format_date(self.env, day_of(int(begins.min()))),
            )
        )

    def _line(self, number, key):
        if number not in self._lines:
            plan_id, fee, kind, country, account, step = key
            line = self.plans[plan_id]._timeline(fee, kind, country, account, step)
            self._lines[number] = (
                np.array([day_number(day) for day, _price in line], np.int64),
                np.array([_scaled(price) for _day, price in line], np.int64),
            )
        return self._lines[number]

    # === The next look === #

    def looks(self):
        """[(id, last day of the months that are over or None, day of the next look,
        digest)] of the assignments whose rental is charged as far as it is due."""
        return [
            (one.id, self._over(one), self._next_look(one), one.digest)
            for place, one in enumerate(self.held)
            if place not in self.left
        ]

    def _over(self, one):
        today = day_of(self.today[one.account_id])
        first, _last = self._month(one, today)
        day = day_of(day_number(first) - 1)
        if one.date_end and one.date_end < today:
            # Another last day opens it again.
            day = max(day, one.date_end)
        return day if day >= one.date_start else None

    def _next_look(self, one):
        """A month begins or ends, the assignment begins or has ended; a suspension for
        unpaid rental that goes on is a day longer tomorrow."""
        today = self.today[one.account_id]
        _first, last = self._month(one, day_of(today))
        days = [day_number(last) + 1]
        days += [day_number(one.date_start)]
        if one.date_end:
            days.append(day_number(one.date_end) + 1)
        if any(end == today - 1 for _begin, end in self.spans.get(one.id, ())):
            days.append(today + 1)
        return day_of(min(day for day in days if day > today))


@dataclass(slots=True, frozen=True)
class Held:
    """An assignment and what its number is."""

    id: int
    did_id: int
    number: str
    account_id: int
    plan_id: int
    date_start: date
    date_end: date | None
    settled_until: date | None
    country_id: int
    kind: str
    channels: int
    block_id: int
    unpaid_since: date | None
    is_continued: bool
    digest: int
    month_first: date | None
    month_last: date | None


class _Counts:
    """How many numbers an account has by a plan on a day."""

    def __init__(self, env, accounts):
        self._env, self._accounts, self._days = env, accounts, None

    def of(self, one, plan, first):
        if max(plan.price_ids.mapped("min_numbers"), default=1) == 1:
            return 1
        if self._days is None:
            self._days = self._read()
        day = max(first, day_number(one.date_start))
        starts, ends = self._days[one.account_id, one.plan_id]
        begun = np.searchsorted(starts, day, side="right")
        return int(begun - np.searchsorted(ends, day, side="left"))

    def _read(self):
        self._env.cr.execute(COUNT_SQL, [self._accounts])
        return {
            (account, plan): (np.array(starts), np.array(ends))
            for account, plan, starts, ends in self._env.cr.fetchall()
        }


def _scaled(price):
    return int(Decimal(repr(price)).scaleb(SCALE))


CHARGED_SQL = """
SELECT c.assignment_id, c.fee, c.month_first,
       COALESCE((array_agg(c.month_price ORDER BY c.turn DESC))[1],
                sum(c.amount))::text, max(c.turn),
       min(c.tier), (array_agg(c.through ORDER BY c.turn DESC))[1]
  FROM voip_did_charge c JOIN voip_did_assignment s ON s.id = c.assignment_id
 WHERE c.assignment_id = ANY(%s)
   AND (s.settled_until IS NULL OR c.month_last > s.settled_until)
 GROUP BY 1, 2, 3
"""
COUNT_SQL = """
SELECT account_id, plan_id,
       array_agg(date_start - DATE '1970-01-01' ORDER BY date_start),
       COALESCE(array_agg(date_end - DATE '1970-01-01' ORDER BY date_end)
                FILTER (WHERE date_end IS NOT NULL), '{}')
  FROM voip_did_assignment WHERE account_id = ANY(%s) GROUP BY 1, 2
"""
