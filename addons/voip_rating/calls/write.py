"""Rated calls to rows of usage: what nothing immutable says already is written."""

import json

import numpy as np

from odoo.addons.voip_billing_base.engine import copy_lines as text

from .resolve import NO_NUMBER

USAGE_COLUMNS = (
    "id",
    "started_at",
    "source_id",
    "called_number",
    "caller_number",
    "caller",
    "company_id",
    "batch_id",
    "account_id",
    "summary_id",
    "trunk_id",
    "supplier_trunk_id",
    "supplier_id",
    "duration_ms",
    "answered",
    "rate_id",
    "billed_seconds",
    "amount",
    "deck_amount",
    "exchange_rate",
    "amount_company",
    "cost_rate_id",
    "cost_billed_seconds",
    "cost_price",
    "cost_currency_id",
    "cost_amount",
    "cost_exchange_rate",
    "cost",
)


def usage_lines(batch, ids, source_ids, summaries, records, resolved, priced):
    """COPY lines of :data:`USAGE_COLUMNS`.

    :param ids, source_ids, summaries: int64 arrays: of the rows, their call records
        and their summaries
    :param records, resolved, priced: columns of the same calls
    """
    return text.lines(
        [
            text.integers(ids),
            text.moments(records.start),
            text.integers(source_ids),
            text.integers(resolved.number, none=NO_NUMBER),
            text.integers(resolved.caller, none=0),
            _other_callers(records, resolved),
            str(batch.company_id.id),
            str(batch.id),
            text.integers(priced.account_id),
            text.integers(summaries),
            text.integers(resolved.trunk_id, none=0),
            text.integers(resolved.supplier_trunk_id, none=0),
            text.integers(resolved.supplier_id, none=0),
            text.integers(records.duration_ms),
            text.flags(priced.answered),
            *_sale(priced),
            *_cost(priced),
        ]
    )


def _other_callers(records, resolved):
    """Callers that are no number, as they came."""
    nameless = resolved.caller == 0
    if not nameless.any():
        return text.NOTHING
    return text.only(nameless, text.optional(records.caller))


def _sale(priced):
    """Columns from rate to amount in company currency."""
    return (
        text.integers(priced.sale.rate_id, none=0),
        text.integers(priced.sale.billed),
        text.money(priced.amount),
        _different(priced.sale.amount, priced.amount),
        priced.rates,
        _different(priced.amount_company, priced.amount),
    )


def _cost(priced):
    """Columns from cost rate to cost in company currency.

    A side without rate, of a call that nobody answered, states its currency itself.
    """
    cost = priced.cost_side
    bought = cost.status >= 0
    unrated = bought & (cost.rate_id == 0)
    own_price = bought & ~cost.plain
    return (
        text.integers(cost.rate_id, none=0),
        _only(bought, lambda: text.integers(cost.billed)),
        _only(own_price, lambda: text.few_money(cost.price)),
        _only(unrated, lambda: text.integers(cost.currency)),
        _different(cost.amount, priced.cost),
        priced.cost_rates,
        text.money(priced.cost),
    )


def _only(mask, column):
    """A column where the bool array ``mask`` is True, null elsewhere."""
    if not mask.any():
        return text.NOTHING
    return column() if mask.all() else text.only(mask, column())


def _different(values, others):
    """Money where it differs from what stands beside it anyway."""
    if values is others:
        return text.NOTHING
    return _only(np.asarray(values != others), lambda: text.money(values))


def facets_of(records):
    """(facet number of each row, JSON text of each facet): direction, jurisdiction."""
    directions = records.direction.dictionary_encode()
    stated = records.jurisdiction.dictionary_encode()
    names = stated.dictionary.to_pylist()
    codes = directions.indices.to_numpy() * len(names) + stated.indices.to_numpy()
    distinct, facet = np.unique(codes, return_inverse=True)
    facets = []
    for code in distinct.tolist():
        direction, name = divmod(code, len(names))
        known = {"direction": directions.dictionary[direction].as_py()}
        if names[name]:
            known["jurisdiction"] = names[name]
        facets.append(json.dumps(known, sort_keys=True))
    return facet, facets
