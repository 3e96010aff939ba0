"""Rental as rated usage: what summaries, wallets and invoice lines are charged."""

import json

import numpy as np

from odoo.addons.voip_billing_base.charge.exchange import (
    rate_between,
    refuse_unconverted,
)
from odoo.addons.voip_billing_base.charge.values import day_of
from odoo.addons.voip_billing_base.charge.writer import Charge
from odoo.addons.voip_rating.engine.money import convert

from ..engine.rental import booked_day, price_on_first
from .labels import KEYS, label_of

FX_DECIMALS = 6
NEVER = -(10**6)


def charge_of(env, company, holdings, rows, amount):
    """The :class:`Charge` of :class:`~.holdings.Rows`.

    :param amount: what each is charged now, scaled by 10**8
    :raises UserError: a currency has no exchange rate
    """
    held = [holdings.held[place] for place in rows.holding.tolist()]
    ids = np.array([one.account_id for one in held], np.int64)
    booked = _booked(holdings, rows, ids)
    facts = {a.id: _facts(a, holdings.billed_until) for a in holdings.accounts.values()}
    payer, currency, billed = (
        np.array([facts[account][n] for account in ids.tolist()], np.int64)
        for n in range(3)
    )
    label, said = _said(env, holdings, rows, held)
    facet, facets = _facets(rows, label, said)
    none = np.zeros(len(rows), np.int64)
    services = {plan.id: plan.service_id.id for plan in holdings.plans.values()}
    return Charge(
        account_id=ids,
        payer_id=payer,
        service_id=np.array([services[one.plan_id] for one in held], np.int64),
        local_day=booked,
        unit_price=price_on_first(rows.terms, holdings.prices(rows)),
        currency_id=currency,
        late=(booked <= billed).astype(np.int64),
        deck_currency_id=currency,
        destination_id=none,
        label=label,
        labels=_labels(env, said),
        facet=facet,
        facets=facets,
        attempts=none + 1,
        calls=none + 1,
        units=_units(rows, amount),
        seconds=none,
        amount=amount,
        amount_company=_in_company(env, company, amount, currency, booked),
        cost=none,
    )


def _booked(holdings, rows, accounts):
    """Day on which each row is charged: the first time that of its month, a change of
    it the day it is found on."""
    today = np.array([holdings.today[account] for account in accounts.tolist()])
    return np.where(rows.turn == 0, booked_day(rows.terms, rows.advance), today)


def _facts(account, billed_until):
    biller = account.bill_account_id.id
    return account.payer_id.id, account.currency_id.id, billed_until.get(biller, NEVER)


def _units(rows, amount):
    """Pieces that are charged; a later change is no further piece."""
    return np.where((rows.turn == 0) & (amount > 0), rows.terms.pieces, 0)


def _said(env, holdings, rows, held):
    """(number of what each row is of, that as ``labels.label_of`` takes it)."""
    countries = env["res.country"].browse({one.country_id for one in held} - {0})
    codes = {country.id: country.code for country in countries}
    known, numbers = {}, []
    for fee, one in zip(rows.fee.tolist(), held, strict=True):
        key = (holdings.fees[fee], one.kind, codes.get(one.country_id, ""))
        numbers.append(known.setdefault(key, len(known)))
    said = [dict(zip(KEYS, key, strict=True)) for key in known]
    return np.array(numbers, np.int64), said


def _labels(env, said):
    """Texts of what ``_said`` gives, in English: summaries do not depend on a user."""
    source = env(context={**env.context, "lang": None})
    return [label_of(source, one) for one in said]


def _facets(rows, label, said):
    """(number of the JSON object of each row, objects): the month that is paid for, and
    what of which number."""
    spans = np.column_stack([rows.terms.first, rows.terms.last, label])
    distinct, inverse = np.unique(spans, axis=0, return_inverse=True)
    objects = [
        json.dumps(
            {"month": f"{day_of(first)} – {day_of(last)}", **said[number]},
            ensure_ascii=False,
        )
        for first, last, number in distinct.tolist()
    ]
    return inverse.reshape(-1), objects


def _in_company(env, company, amount, currency, booked):
    own = company.currency_id
    if (currency == own.id).all():
        return amount
    pairs = np.column_stack([currency, booked])
    keys, inverse = np.unique(pairs, axis=0, return_inverse=True)
    rates = []
    for number, day in keys.tolist():
        source = env["res.currency"].browse(number)
        refuse_unconverted(company, source, day_of(day))
        rates.append(rate_between(source, own, company, day_of(day)))
    return convert(amount, rates, FX_DECIMALS, "half_up", inverse.reshape(-1))
