"""What sessions cost becomes rated usage, summaries, wallet movements and charges."""

import json
from dataclasses import dataclass

import numpy as np

from odoo.addons.voip_billing_base.charge.exchange import rate_between
from odoo.addons.voip_billing_base.charge.transaction import (
    copy_lines,
    ensure_partitions,
    usage_ids,
)
from odoo.addons.voip_billing_base.charge.values import day_number, day_of
from odoo.addons.voip_billing_base.charge.writer import Charge, UsageWriter
from odoo.addons.voip_billing_base.engine import copy_lines as text
from odoo.addons.voip_billing_base.engine.exact import narrow
from odoo.addons.voip_billing_base.engine.rounding import converted

from ..engine.rate import MINIMUM, NONE, WORDS
from .labels import FEES, label_of

ORIGIN = "AI sessions"
NEVER = -(10**6)
DAY_US = 86_400_000_000
PER = {60: "/ min", 1000: "/ 1,000"}
USAGE_COLUMNS = (
    "id",
    "started_at",
    "called_number",
    "company_id",
    "account_id",
    "summary_id",
    "supplier_id",
    "duration_ms",
    "billed_seconds",
    "answered",
    "amount",
    "cost",
    "amount_company",
    "cost_amount",
    "cost_price",
    "cost_currency_id",
    "deck_amount",
    "exchange_rate",
    "units",
    "source_ref",
)
CHARGE_COLUMNS = (
    "company_id",
    "account_id",
    "session_id",
    "plan_id",
    "subscription_id",
    "local_day",
    "month",
    "started_at",
    "provider_id",
    "model_id",
    "kind",
    "word",
    "start",
    "units",
    "unit_price",
    "per",
    "currency_id",
    "price_id",
    "amount",
    "cost",
    "cost_price_id",
    "summary_id",
    "usage_id",
)


@dataclass(slots=True)
class Row:
    """One charge; money is scaled by 10**8, ``started_at`` microseconds since 1970.

    ``deck_…`` is of a mark-up on a cost in another currency: what invoices tell.
    """

    account_id: int
    service_id: int
    local_day: int
    month: int
    started_at: int
    kind: str
    of: str
    units: int
    amount: int
    word: str = ""
    start: int = 0
    seconds: int = 0
    unit_price: int = 0
    per: int = 1
    session_id: int = 0
    plan_id: int = 0
    subscription_id: int = 0
    provider_id: int = 0
    model_id: int = 0
    price_id: int = 0
    cost: int = 0
    cost_amount: int = 0
    cost_price: int = 0
    cost_price_id: int = 0
    cost_currency_id: int = 0
    supplier_id: int = 0
    deck_price: int = 0
    deck_amount: int = 0
    deck_currency_id: int = 0
    exchange_rate: str = ""
    ref: str = ""


def write_rows(env, company, rows, origin=ORIGIN):
    """Charge :class:`Row`s, in the caller's transaction and under the company's lock.

    :raises OutOfBounds: naming accounts whose sums would pass a limit
    """
    if not rows:
        return
    charge = _charge_of(env, company, rows)
    writer = UsageWriter(env, company, None, origin)
    summaries = writer.assign(charge)
    months = {day_of(row.started_at // DAY_US) for row in rows}
    ensure_partitions(env, "voip_usage_row", months)
    ids = usage_ids(env.cr, len(rows))
    lines = _usage_lines(company.id, ids, rows, charge, summaries)
    copy_lines(env.cr, "voip_usage_row", USAGE_COLUMNS, lines)
    lines = _charge_lines(company.id, ids, rows, charge, summaries)
    copy_lines(env.cr, "voip_ai_charge", CHARGE_COLUMNS, lines)
    writer.finish()


def session_rows(env, priced, plans):
    """:class:`Row`s of :class:`~.pricing.Priced` sessions.

    :param plans: {id: plan}
    """
    tokens = env.ref("voip_billing_base.service_ai_tokens").id
    minutes = env.ref("voip_ai_usage.service_ai_minutes").id
    names = _names(env, priced.lines)
    slices = priced.slices
    columns = (getattr(slices, name).tolist() for name in SLICED)
    rows = []
    for number, place, word, start, units, price, per, amount, first in zip(
        *columns, strict=True
    ):
        one = priced.sessions[number]
        line = priced.lines[place] if place != NONE else None
        plan = plans.get(one.plan_id)
        minute = line is not None and line.kind == "minute"
        service = tokens if not plan else plan.token_service_id.id
        if minute:
            service = plan.minute_service_id.id if plan else minutes
        row = _row_of(one, service, units, amount)
        row.word, row.start, row.unit_price, row.per = WORDS[word], start, price, per
        if word == MINIMUM:
            row.kind, row.word = "minimum", ""
        else:
            _take_line(row, line, names, first, units)
        rows.append(row)
    return rows


SLICED = "session line word start units price per amount first".split()


def _row_of(one, service, units, amount):
    return Row(
        account_id=one.account_id,
        service_id=service,
        local_day=day_number(one.local_day),
        month=day_number(one.local_day.replace(day=1)),
        started_at=int(np.datetime64(one.started_at, "us").astype(np.int64)),
        kind="",
        of="",
        units=units,
        amount=amount,
        session_id=one.id,
        plan_id=one.plan_id or 0,
        ref=one.ref,
    )


def _take_line(row, line, names, first, units):
    row.kind, row.of = line.kind, names[line.model_id, line.provider_id]
    row.provider_id, row.model_id = line.provider_id, line.model_id
    row.price_id = line.price_id
    if line.kind == "minute":
        row.seconds = units
    if line.marked and row.unit_price:
        row.deck_price, row.deck_currency_id, rate = line.marked
        row.exchange_rate = f"{rate:f}"
        row.deck_amount = (2 * units * row.deck_price + row.per) // (2 * row.per)
    if first:
        # Where a part is charged in slices, the first one bears its cost.
        row.cost, row.cost_amount = line.cost_company, line.cost
        row.cost_price, row.cost_price_id = line.cost_price, line.cost_price_id
        row.cost_currency_id, row.supplier_id = line.cost_currency_id, line.supplier_id


def _names(env, lines):
    """{(model id, provider id): the name of what was used, "" of a call alone}."""
    models = env["voip.ai.model"].browse({line.model_id for line in lines} - {0})
    names = {model.id: model.name for model in models}
    providers = env["voip.ai.provider"].browse({x.provider_id for x in lines} - {0})
    owners = {provider.id: provider.name for provider in providers}
    return {
        key: names.get(key[0]) or owners.get(key[1], "")
        for key in {(line.model_id, line.provider_id) for line in lines}
    }


# === Usage === #


def _column(rows, name):
    return np.array([getattr(row, name) for row in rows], np.int64)


def _money(rows, name):
    return narrow(np.array([getattr(row, name) for row in rows], object))


def _charge_of(env, company, rows):
    account = _column(rows, "account_id")
    accounts = env["voip.account"].browse(np.unique(account).tolist())
    billed = accounts.bill_account_id._billed_until()
    facts = {
        a.id: (a.payer_id.id, a.currency_id.id, billed.get(a.bill_account_id.id, NEVER))
        for a in accounts
    }
    payer, currency, until = (
        np.array([facts[number][n] for number in account.tolist()], np.int64)
        for n in range(3)
    )
    facet, facets = _numbered([json.dumps(said_of(row)) for row in rows])
    source = env(context={**env.context, "lang": None})
    label, labels = _numbered([label_of(source, json.loads(one)) for one in facets])
    none, day = np.zeros(len(rows), np.int64), _column(rows, "local_day")
    price, deck = _told_prices(rows, currency)
    amount, seconds = _money(rows, "amount"), _column(rows, "seconds")
    return Charge(
        account_id=account,
        payer_id=payer,
        service_id=_column(rows, "service_id"),
        local_day=day,
        unit_price=price,
        currency_id=currency,
        late=(day <= until).astype(np.int64),
        deck_currency_id=deck,
        destination_id=none,
        label=label[facet],
        labels=labels,
        facet=facet,
        facets=facets,
        attempts=none + 1,
        calls=none + 1,
        units=_units(rows),
        seconds=seconds,
        amount=amount,
        amount_company=_in_company(env, company, amount, currency, day),
        cost=_money(rows, "cost"),
    )


def _told_prices(rows, currency):
    """Prices as invoices tell them, and their currencies."""
    deck = _column(rows, "deck_currency_id")
    # What lacks to a minimum is another sum each time: it has no price.
    own = [0 if row.kind == "minimum" else row.unit_price for row in rows]
    price = np.where(deck, _money(rows, "deck_price"), narrow(np.array(own, object)))
    return price, np.where(deck, deck, currency)


def _units(rows):
    """Pieces: of minutes the session, whose seconds are counted apart."""
    return np.array([1 if row.seconds else row.units for row in rows], np.int64)


def _numbered(values):
    known = {}
    numbers = [known.setdefault(value, len(known)) for value in values]
    return np.array(numbers, np.int64), list(known)


def said_of(row):
    """Facets of the usage summary of a :class:`Row`: what ``labels`` tells of it."""
    said = {"ai": row.kind, "ai_of": row.of}
    if row.kind in FEES:
        said["ai_month"] = f"{day_of(row.month):%Y-%m}"
    if row.word:
        said["ai_word"] = row.word
    elif row.kind not in ("minute", "minimum", "fee", "slots"):
        said["per"] = PER[row.per]
    return said


def _in_company(env, company, amounts, currency, days):
    """Amounts in the company's currency; that there are rates was looked at before."""
    own = company.currency_id
    if (currency == own.id).all():
        return amounts
    found = amounts.astype(object)
    keys = np.column_stack([currency, days])
    for number, day in np.unique(keys, axis=0).tolist():
        rows = np.flatnonzero((currency == number) & (days == day))
        source = env["res.currency"].browse(number)
        rate = rate_between(source, own, company, day_of(day))
        found[rows] = converted(amounts[rows], rate)
    return narrow(found)


def _usage_lines(company_id, ids, rows, charge, summaries):
    costs = _column(rows, "cost_currency_id") != 0
    deck = _column(rows, "deck_currency_id") != 0
    place = np.arange(len(rows))
    same = charge.amount_company == charge.amount
    seconds = _column(rows, "seconds")
    return text.lines(
        [
            text.integers(ids),
            text.moments(_column(rows, "started_at")),
            text.NULL,
            str(company_id),
            text.integers(charge.account_id),
            text.integers(summaries),
            text.integers(_column(rows, "supplier_id"), none=0),
            text.integers(seconds * 1000),
            text.integers(seconds),
            "t",
            text.money(charge.amount),
            text.money(charge.cost),
            text.only(~same, text.money(charge.amount_company)),
            text.only(costs, text.money(_money(rows, "cost_amount"))),
            text.only(costs, text.few_money(_money(rows, "cost_price"))),
            text.only(costs, text.integers(_column(rows, "cost_currency_id"))),
            text.only(deck, text.money(_money(rows, "deck_amount"))),
            text.optional(text.picked([row.exchange_rate for row in rows], place)),
            text.only(charge.units != 1, text.integers(charge.units)),
            text.texts(text.picked([row.ref for row in rows], place)),
        ]
    )


def _charge_lines(company_id, ids, rows, charge, summaries):
    def link(name):
        return text.integers(_column(rows, name), none=0)

    def words(name):
        values = [getattr(row, name) for row in rows]
        return text.picked(values, np.arange(len(rows)))

    return text.lines(
        [
            str(company_id),
            text.integers(charge.account_id),
            link("session_id"),
            link("plan_id"),
            link("subscription_id"),
            text.days(charge.local_day),
            text.days(_column(rows, "month")),
            text.moments(_column(rows, "started_at")),
            link("provider_id"),
            link("model_id"),
            words("kind"),
            text.optional(words("word")),
            text.integers(_column(rows, "start")),
            text.integers(_column(rows, "units")),
            text.few_money(_money(rows, "unit_price")),
            text.integers(_column(rows, "per")),
            text.integers(charge.currency_id),
            link("price_id"),
            text.money(charge.amount),
            text.money(charge.cost),
            link("cost_price_id"),
            text.integers(summaries),
            text.integers(ids),
        ]
    )


def write_volumes(cr, company_id, volumes):
    """Keep counted units of the month; in the order of their keys, as all do."""
    if not volumes:
        return
    keys = sorted(volumes)
    columns = [list(column) for column in zip(*keys, strict=True)]
    cr.execute(VOLUMES_SQL, [company_id, *columns, [volumes[key] for key in keys]])


VOLUMES_SQL = """
INSERT INTO voip_ai_volume (company_id, account_id, plan_id, month, unit, units)
SELECT %s, k.*
  FROM unnest(%s::int[], %s::int[], %s::date[], %s::text[], %s::bigint[]) k
    ON CONFLICT (account_id, plan_id, month, unit) DO UPDATE SET units = EXCLUDED.units
"""
