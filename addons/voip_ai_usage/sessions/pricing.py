"""Sessions to what they cost: models and prices found, units multiplied, currencies."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from odoo.addons.voip_billing_base.charge.values import day_number
from odoo.addons.voip_billing_base.engine.rounding import converted
from odoo.addons.voip_rating.engine.money import ROUNDINGS
from odoo.addons.voip_rating.engine.seconds import billed_seconds

from ..engine import rate as amounts
from ..engine.kinds import CODE, MUST, TOKENS, per_of
from ..engine.rate import NO_POOL, NONE, UNSAID, Lines, Slices, Terms
from .currencies import Currencies

SCALE = 8
POOLS = ("tokens", "minutes")


@dataclass(slots=True)
class Waiting:
    """A session with what its names mean. ``parts`` are dicts of its leaves."""

    id: int
    ref: str
    account_id: int
    plan_id: int
    started_at: object
    local_day: object
    seconds: int | None
    connected: bool
    tools: int
    parts: list
    cost: str
    cost_parts: str
    cost_currency: str


@dataclass(slots=True)
class Line:
    """A part of a session on its way to a price.

    ``marked`` is what a mark-up made of a price in another currency: price, currency's
    id, exchange rate of the day.
    """

    session: int
    kind: str
    units: int
    provider_id: int = 0
    model_id: int = 0
    price_id: int = 0
    price: int = 0
    given: int = UNSAID
    cost_price_id: int = 0
    cost_price: int = 0
    cost_currency_id: int = 0
    supplier_id: int = 0
    cost: int = 0
    cost_company: int = 0
    told: str = ""
    marked: tuple = ()

    @property
    def counts(self):
        """Tools and platforms that have neither price nor cost are no charge."""
        asked = self.price_id or self.cost_currency_id
        return bool(asked or self.kind in MUST or self.kind == "minute")


@dataclass(slots=True)
class Priced:
    """Sessions that have a price, and what they cost. Money is scaled by 10**8.

    ``found`` is, for each session, what the provider's own fields add up to (Decimal in
    its currency), None where it said no cost.
    """

    sessions: list
    lines: list
    slices: Slices
    volumes: dict
    found: list


class Pricer:
    """Prices sessions of one company by the catalogue of now."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        env.flush_all()
        self.catalogue = env["voip.ai.model"]._catalogue(company.id)
        providers = env["voip.ai.provider"].sudo()
        self.providers = {
            one.code.lower(): (one.id, one.supplier_id.id or 0)
            for one in providers.search([("company_id", "=", company.id)])
        }
        self.supplier = dict(self.providers.values())
        self.costs = env["voip.ai.price"].sudo()._book(company.id, "cost")
        self.currencies = Currencies(company)
        self._sales, self._plans, self._accounts = {}, {}, {}

    # === Whole === #

    def price(self, sessions, errors):
        """:class:`Priced` of those that have a price.

        :param list sessions: :class:`Waiting`, in the order in which they count
        :param dict errors: {session id: (code, what of)} of the others, which is filled
        """
        self._read(sessions)
        self._look_at_rates(sessions, errors)
        lines = self._lines(sessions, errors)
        self._find_costs(sessions, lines, errors)
        self._find_prices(sessions, lines, errors)
        found = self._add_up(sessions, lines, errors)
        kept = [n for n, one in enumerate(sessions) if one.id not in errors]
        place = {number: new for new, number in enumerate(kept)}
        lines = [x for x in lines if x.session in place and x.counts]
        for line in lines:
            line.session = place[line.session]
        sessions = [sessions[number] for number in kept]
        slices, volumes = self._multiplied(sessions, lines)
        return Priced(sessions, lines, slices, volumes, [found[n] for n in kept])

    def _read(self, sessions):
        ids = {one.account_id for one in sessions} - self._accounts.keys()
        for account in self.env["voip.account"].browse(ids):
            self._accounts[account.id] = account
        ids = {one.plan_id for one in sessions if one.plan_id} - self._plans.keys()
        for plan in self.env["voip.ai.plan"].browse(ids):
            self._plans[plan.id] = plan

    # === Lines === #

    def _lines(self, sessions, errors):
        lines = []
        for number, one in enumerate(sessions):
            for part in one.parts:
                line = Line(number, part["kind"], part["units"], told=part["cost"])
                code, what = self._name(line, part)
                if code:
                    errors.setdefault(one.id, (code, what))
                lines.append(line)
            if plan := self._plans.get(one.plan_id):
                self._add_minutes(lines, number, one, plan, errors)
        return lines

    def _name(self, line, part):
        """Fill in provider and model; (error code, what is unknown) or ("", "")."""
        provider = part["provider"].lower()
        if provider and provider not in self.providers:
            return "unknown_provider", part["provider"]
        if not part["model"]:
            line.provider_id = self.providers[provider][0] if provider else 0
            return "", ""
        model, error = self.catalogue.find(part["model"], provider)
        if error:
            return error, part["model"]
        line.model_id, line.provider_id = model.id, model.provider_id
        return "", ""

    def _add_minutes(self, lines, number, one, plan, errors):
        if not (plan.minute_price or plan.included_minutes):
            return
        if one.seconds is None:
            errors.setdefault(one.id, ("missing_duration", ""))
            return
        billed, _free = billed_seconds(
            np.array([one.seconds]), plan.initial_increment, plan.next_increment
        )
        price = _scaled(plan.minute_price)
        lines.append(Line(number, "minute", int(billed[0]), price=price))

    # === Prices === #

    def _find_costs(self, sessions, lines, errors):
        """What each line costs us: as the provider said, else by its prices."""
        places = self._places(self.costs, sessions, lines, with_account=False)
        for line, place in zip(lines, places, strict=True):
            one = sessions[line.session]
            if line.kind == "minute":
                continue
            if line.told:
                line.cost = _scaled(line.told)
                line.cost_currency_id = self.currencies.id_of(one.cost_currency)
                line.supplier_id = self.supplier.get(line.provider_id, 0)
            elif place != NONE:
                self._take_cost(line, self.costs.prices[place])
            elif line.kind in MUST:
                errors.setdefault(one.id, ("no_cost_price", line.kind))
            if line.cost or line.cost_currency_id:
                own = self.company.currency_id.id
                rate = self._rate(line.cost_currency_id, own, one, errors)
                line.cost_company = _converted(line.cost, rate)

    def _take_cost(self, line, price):
        units, each, per = (
            np.array([n], object) for n in (line.units, price.price, price.per)
        )
        line.cost = int(amounts.costs(units, each, per)[0])
        line.cost_price, line.cost_price_id = price.price, price.id
        line.cost_currency_id, line.supplier_id = price.currency_id, price.supplier_id

    def _find_prices(self, sessions, lines, errors):
        """What each line is charged: a price, or a mark-up on what it costs us."""
        by_currency = {}
        for line in lines:
            if line.kind != "minute":
                account = self._accounts[sessions[line.session].account_id]
                by_currency.setdefault(account.currency_id, []).append(line)
        for currency, some in by_currency.items():
            book = self._sale_book(currency.id)
            places = self._places(book, sessions, some, with_account=True)
            for line, place in zip(some, places, strict=True):
                one = sessions[line.session]
                if place == NONE:
                    if line.kind in MUST:
                        errors.setdefault(one.id, ("no_price", line.kind))
                    continue
                price = book.prices[place]
                line.price_id, line.price = price.id, price.price
                if price.markup is not None:
                    self._mark_up(line, price.markup, currency, one, errors)

    def _mark_up(self, line, markup, currency, one, errors):
        line.price = 0
        if not line.cost_currency_id:
            if line.kind in MUST:
                errors.setdefault(one.id, ("no_cost_price", line.kind))
            return
        rate = self._rate(line.cost_currency_id, currency.id, one, errors)
        if line.told:
            line.given = _converted(amounts.marked_up(line.cost, markup), rate)
        else:
            price = amounts.marked_up(line.cost_price, markup)
            line.price = _converted(price, rate)
            if line.cost_currency_id != currency.id:
                line.marked = int(price), line.cost_currency_id, rate

    def _places(self, book, sessions, lines, with_account):
        ones = [sessions[line.session] for line in lines]
        columns = (
            [one.account_id if with_account else 0 for one in ones],
            [line.provider_id for line in lines],
            [line.model_id for line in lines],
            [CODE[line.kind] for line in lines],
            [day_number(one.local_day) for one in ones],
        )
        return book.find(*(np.array(column, np.int64) for column in columns)).tolist()

    def _sale_book(self, currency_id):
        if currency_id not in self._sales:
            prices = self.env["voip.ai.price"].sudo()
            book = prices._book(self.company.id, "sale", currency_id)
            self._sales[currency_id] = book
        return self._sales[currency_id]

    # === Currencies === #

    def _rate(self, source_id, target_id, one, errors):
        """Units of one currency for one of another on the session's day; where there is
        no rate the session has an error, and 0."""
        if not source_id:
            errors.setdefault(one.id, ("no_exchange_rate", one.cost_currency))
            return Decimal(0)
        rate, lacks = self.currencies.rate(source_id, target_id, one.local_day)
        if lacks:
            errors.setdefault(one.id, ("no_exchange_rate", lacks))
        return rate or Decimal(0)

    def _look_at_rates(self, sessions, errors):
        """The books are in the company's currency, the charge in the account's."""
        for one in sessions:
            currency = self._accounts[one.account_id].currency_id
            self._rate(currency.id, self.company.currency_id.id, one, errors)

    def _stated(self, one, errors):
        """Id of the currency in which the provider said what it charged, 0: it did not
        say."""
        if not (one.cost or one.cost_parts):
            return 0
        found = self.currencies.id_of(one.cost_currency)
        if not found:
            errors.setdefault(one.id, ("no_exchange_rate", one.cost_currency))
        return found

    def _add_up(self, sessions, lines, errors):
        """What each provider's own fields come to, in the currency of what it said that
        it charged; None where it did not say."""
        stated = [self._stated(one, errors) for one in sessions]
        totals = [Decimal(one.cost_parts or 0) for one in sessions]
        for line in lines:
            one, currency = sessions[line.session], stated[line.session]
            if currency and line.cost and not one.cost_parts:
                rate = self._rate(line.cost_currency_id, currency, one, errors)
                own = Decimal(_converted(line.cost, rate)).scaleb(-SCALE)
                totals[line.session] += own
        return [
            total if currency else None
            for total, currency in zip(totals, stated, strict=True)
        ]

    # === Amounts === #

    def _multiplied(self, sessions, lines):
        lines.sort(key=lambda line: line.session)
        pools, pool = self._pools(sessions, lines)
        given = Lines(
            session=_column([line.session for line in lines]),
            units=_column([line.units for line in lines]),
            price=_column([line.price for line in lines]),
            per=_column([per_of(line.kind) for line in lines]),
            given=_column([line.given for line in lines]),
            pool=_column(pool),
        )
        included, before = _column(list(pools.values())), self._before(list(pools))
        slices, after = amounts.rate(given, self._terms(sessions), included, before)
        return slices, dict(zip(pools, after.tolist(), strict=True))

    def _pools(self, sessions, lines):
        """({(account, plan, month, pool): included units}, number of each line's)."""
        pools, numbers, found = {}, {}, []
        for line in lines:
            one = sessions[line.session]
            plan, name = self._plans.get(one.plan_id), None
            if plan and plan.included_tokens and line.kind in TOKENS:
                name, most = "tokens", plan.included_tokens
            elif plan and plan.included_minutes and line.kind == "minute":
                name, most = "minutes", plan.included_minutes * 60
            if not name:
                found.append(NO_POOL)
                continue
            key = one.account_id, one.plan_id, one.local_day.replace(day=1), name
            found.append(numbers.setdefault(key, len(numbers)))
            pools[key] = most
        return pools, found

    def _before(self, keys):
        if not keys:
            return _column([])
        columns = [list(column) for column in zip(*keys, strict=True)]
        self.env.cr.execute(VOLUMES_SQL, columns)
        known = {tuple(key): units for *key, units in self.env.cr.fetchall()}
        return _column([known.get(key, 0) for key in keys])

    def _terms(self, sessions):
        plans = [self._plans.get(one.plan_id) for one in sessions]
        charged = [
            one.connected or plan is None or plan.charges_unconnected
            for one, plan in zip(sessions, plans, strict=True)
        ]
        return Terms(
            minimum=_column([_scaled(p.minimum) if p else 0 for p in plans]),
            decimals=_column([p.decimals if p else 6 for p in plans]),
            mode=_column([ROUNDINGS.index(p.rounding) if p else 0 for p in plans]),
            charged=np.array(charged, bool),
        )


def _column(values):
    return np.array(values, np.int64)


def _scaled(value):
    text = value if isinstance(value, str) else repr(value or 0.0)
    return int(Decimal(text).scaleb(SCALE))


def _converted(amount, rate):
    if rate == 1:
        return amount
    return int(converted(np.array([amount], object), rate, places=SCALE)[0])


VOLUMES_SQL = """
SELECT v.account_id, v.plan_id, v.month, v.unit, v.units
  FROM unnest(%s::int[], %s::int[], %s::date[], %s::text[])
       k (account_id, plan_id, month, unit)
  JOIN voip_ai_volume v USING (account_id, plan_id, month, unit)
"""
