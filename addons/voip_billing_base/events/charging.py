"""What events cost becomes rated usage, summaries, wallet movements and charges."""

import json

import numpy as np

from ..charge.exchange import rate_between
from ..charge.transaction import copy_lines, ensure_partitions, usage_ids
from ..charge.values import day_number
from ..charge.writer import Charge, UsageWriter
from ..engine import copy_lines as text
from ..engine.exact import narrow
from ..engine.rounding import converted
from .pricing import WORDS

ORIGIN = "usage events"
NEVER = -(10**6)
USAGE_COLUMNS = (
    "id",
    "started_at",
    "called_number",
    "company_id",
    "account_id",
    "summary_id",
    "supplier_id",
    "answered",
    "amount",
    "cost",
    "amount_company",
    "cost_amount",
    "cost_price",
    "cost_currency_id",
    "units",
    "source_ref",
)
CHARGE_COLUMNS = (
    "company_id",
    "event_id",
    "account_id",
    "price_id",
    "local_day",
    "started_at",
    "part",
    "word",
    "start",
    "units",
    "base",
    "unit_price",
    "per",
    "currency_id",
    "amount",
    "cost",
    "cost_price_id",
    "cost_carrier_fee_id",
    "cost_surcharge_id",
    "summary_id",
    "usage_id",
)


def write_charges(env, company, priced, services):
    """Charge :class:`~.pricing.Priced` events, in the caller's transaction.

    :param services: {event type id: service id}
    :raises OutOfBounds: naming accounts whose sums would pass a limit
    """
    if not len(priced.lines):
        return
    facts = _Facts(env, company, priced)
    charge = _charge_of(env, company, priced, facts, services)
    writer = UsageWriter(env, company, None, ORIGIN)
    summaries = writer.assign(charge)
    months = {event.occurred_at.date() for event in priced.events}
    for table in ("voip_usage_row", "voip_usage_event_charge_row"):
        ensure_partitions(env, table, months)
    ids = usage_ids(env.cr, len(priced.lines))
    rows = _usage_lines(company.id, ids, priced, facts, charge, summaries)
    copy_lines(env.cr, "voip_usage_row", USAGE_COLUMNS, rows)
    rows = _charge_lines(company.id, ids, priced, facts, charge, summaries)
    copy_lines(env.cr, "voip_usage_event_charge_row", CHARGE_COLUMNS, rows)
    _write_volumes(env.cr, company.id, priced.volumes)
    writer.finish()


class _Facts:
    """Columns of the lines that come from their events."""

    def __init__(self, env, company, priced):
        events = priced.events
        place = priced.lines.event
        self.first = priced.lines.first
        self.account = _column([e.account_id for e in events])[place]
        self.type = _column([e.type_id for e in events])[place]
        self.event = _column([e.id for e in events])[place]
        self.day = _column([day_number(e.local_day) for e in events])[place]
        moments = np.array([e.occurred_at for e in events], "M8[us]")
        self.moment = moments.astype(np.int64)[place]
        self.number = _column([_number(e.number) for e in events])[place]
        self.ref = text.picked([e.event_ref for e in events], place)
        # Where events are charged in parts, the first one bears the cost.
        self.cost = np.where(self.first, priced.cost_company[place], 0)
        self.cost_amount = np.where(self.first, priced.cost[place], 0)
        self._take_costs(env, priced, place)

    def _take_costs(self, env, priced, place):
        used = [parts.get("usage") for parts in priced.cost_prices]
        lists = env["voip.event.pricelist"].browse({x.list_id for x in used if x})
        supplier = {one.id: one.supplier_id.id for one in lists}
        currency = {one.id: one.currency_id.id for one in lists}

        def column(value):
            return _column([value(one) if one else 0 for one in used])[place]

        self.costs = self.first & (column(lambda x: 1) != 0)
        self.supplier = np.where(self.costs, column(lambda x: supplier[x.list_id]), 0)
        self.cost_currency = column(lambda x: currency[x.list_id])
        self.cost_price = column(lambda x: x.tiers[0][1])
        self.cost_ids = [
            np.where(self.costs, self._of_part(priced, part)[place], 0)
            for part in ("usage", "carrier_fee", "surcharge")
        ]

    def _of_part(self, priced, part):
        """Id of the supplier's price of a part, by event; 0 where there is none."""
        found = (parts.get(part) for parts in priced.cost_prices)
        return _column([one.id if one else 0 for one in found])


def _column(values):
    return np.array(values, np.int64)


def _number(digits):
    return int(digits) if 0 < len(digits) <= 18 else -1


def _charge_of(env, company, priced, facts, services):
    lines = priced.lines
    accounts = env["voip.account"].browse(np.unique(facts.account).tolist())
    billed = accounts.bill_account_id._billed_until()
    payer = {a.id: a.payer_id.id for a in accounts}
    currency = {a.id: a.currency_id.id for a in accounts}
    until = {a.id: billed.get(a.bill_account_id.id, NEVER) for a in accounts}
    currency = _mapped(facts.account, currency)
    label, labels = _labels(env, priced)
    facet, facets = _facets(priced)
    none, one = np.zeros(len(lines), np.int64), np.ones(len(lines), np.int64)
    return Charge(
        account_id=facts.account,
        payer_id=_mapped(facts.account, payer),
        service_id=_mapped(facts.type, services),
        local_day=facts.day,
        unit_price=lines.unit_price,
        currency_id=currency,
        late=(facts.day <= _mapped(facts.account, until)).astype(np.int64),
        deck_currency_id=currency,
        destination_id=none,
        label=label,
        labels=labels,
        facet=facet,
        facets=facets,
        attempts=one,
        calls=one,
        units=lines.units,
        seconds=none,
        amount=lines.amount,
        amount_company=_in_company(env, company, lines.amount, currency, facts.day),
        cost=facts.cost,
    )


def _mapped(values, known):
    """``known`` of each value."""
    distinct, inverse = np.unique(values, return_inverse=True)
    return _column([known[value] for value in distinct.tolist()])[inverse.reshape(-1)]


def _labels(env, priced):
    """(number of the text of each line, texts): what invoices call it."""
    ids = [price.id for price in priced.prices]
    names = {p.id: p.label for p in env["voip.event.price"].browse(ids)}
    return priced.lines.price, [names[number] for number in ids]


def _facets(priced):
    """(number of the JSON object of each line, objects): its part of the event."""
    known, numbers = {}, []
    words = zip(priced.lines.price.tolist(), priced.lines.word.tolist(), strict=True)
    for key in words:
        numbers.append(known.setdefault(key, len(known)))
    objects = []
    for number, word in known:
        price = priced.prices[number]
        said = {"part": WORDS[word] or price.part}
        if price.per != 1:
            said["per"] = f"/ {price.per:,}"
        objects.append(json.dumps(said))
    return _column(numbers), objects


def _in_company(env, company, amounts, currency, days):
    """Amounts of accounts in the company's currency; rates were looked for before."""
    own = company.currency_id
    if (currency == own.id).all():
        return amounts
    found = amounts.astype(object)
    keys = np.column_stack([currency, days])
    for number, day in np.unique(keys, axis=0).tolist():
        rows = np.flatnonzero((currency == number) & (days == day))
        source = env["res.currency"].browse(number)
        moment = np.datetime64(day, "D").astype(object)
        found[rows] = converted(
            amounts[rows], rate_between(source, own, company, moment)
        )
    return narrow(found)


def _usage_lines(company_id, ids, priced, facts, charge, summaries):
    costs = facts.costs
    same = charge.amount_company == charge.amount
    return text.lines(
        [
            text.integers(ids),
            text.moments(facts.moment),
            text.integers(facts.number, none=-1),
            str(company_id),
            text.integers(charge.account_id),
            text.integers(summaries),
            text.integers(facts.supplier, none=0),
            "t",
            text.money(charge.amount),
            text.money(charge.cost),
            text.only(~same, text.money(charge.amount_company)),
            text.only(costs, text.money(facts.cost_amount)),
            text.only(costs, text.few_money(facts.cost_price)),
            text.only(costs, text.integers(facts.cost_currency)),
            text.only(charge.units != 1, text.integers(charge.units)),
            text.texts(facts.ref),
        ]
    )


def _charge_lines(company_id, ids, priced, facts, charge, summaries):
    lines = priced.lines
    prices = priced.prices
    return text.lines(
        [
            str(company_id),
            text.integers(facts.event),
            text.integers(facts.account),
            text.integers(_column([p.id for p in prices])[lines.price]),
            text.days(facts.day),
            text.moments(facts.moment),
            text.picked([p.part for p in prices], lines.price),
            text.optional(text.picked(list(WORDS), lines.word)),
            text.integers(lines.start),
            text.integers(lines.units),
            text.integers(lines.base),
            text.few_money(lines.unit_price),
            text.integers(_column([p.per for p in prices])[lines.price]),
            text.integers(charge.currency_id),
            text.money(charge.amount),
            text.money(charge.cost),
            *(text.integers(ids_, none=0) for ids_ in facts.cost_ids),
            text.integers(summaries),
            text.integers(ids),
        ]
    )


def _write_volumes(cr, company_id, volumes):
    """Keep units of the month; in the order of their keys, as all do."""
    if not volumes:
        return
    keys = sorted(volumes)
    columns = [list(column) for column in zip(*keys, strict=True)]
    units = [volumes[key] for key in keys]
    cr.execute(VOLUMES_SQL, [company_id, *columns, units])


VOLUMES_SQL = """
INSERT INTO voip_usage_event_volume (company_id, account_id, price_id, month, units)
SELECT %s, k.* FROM unnest(%s::int[], %s::int[], %s::date[], %s::bigint[]) k
    ON CONFLICT (account_id, price_id, month) DO UPDATE SET units = EXCLUDED.units
"""
