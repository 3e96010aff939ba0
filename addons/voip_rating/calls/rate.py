"""Resolved records to rated usage: both sides, currencies, rows."""

import numpy as np
import pyarrow.compute as pc

from odoo.addons.voip_billing_base.charge.writer import UsageWriter
from odoo.addons.voip_billing_base.engine import copy_lines as text
from odoo.addons.voip_billing_base.engine.exact import put

from ..engine import Calls, rate_calls
from ..engine.money import convert, to_text
from ..engine.rate import BLOCKED, NO_RATE, OK, ZERO
from ..engine.times import local_days
from .bounds import Unfit, refuse_amounts, refuse_rates
from .copy_queue import IdBlocks
from .price import Payers, Priced, Side
from .resolve import resolve

FX_DECIMALS = 6
USAGE_COLUMNS = (
    "id",
    "started_at",
    "company_id",
    "batch_id",
    "source_id",
    "source_ref",
    "kind",
    "sign",
    "local_day",
    "late",
    "direction",
    "caller",
    "called",
    "trunk_id",
    "answered",
    "duration_ms",
    "units",
    "jurisdiction",
    "summary_id",
    "account_id",
    "payer_id",
    "currency_id",
    "service_id",
    "destination_id",
    "label",
    "prefix",
    "rate_id",
    "connect_fee",
    "initial_increment",
    "next_increment",
    "deck_currency_id",
    "unit_price",
    "billed_seconds",
    "deck_amount",
    "exchange_rate",
    "amount",
    "amount_company",
    "supplier_id",
    "supplier_trunk_id",
    "cost_currency_id",
    "cost_rate_id",
    "cost_prefix",
    "cost_price",
    "cost_billed_seconds",
    "cost_amount",
    "cost_exchange_rate",
    "cost",
)


class Rater:
    """Rates chunks of records of one batch and writes them as usage.

    :param context: :class:`~.context.RatingContext`
    :param jobs: DirectQueue or CopyQueue; all database work goes through it
    :param writer: UsageWriter that several batches share
    """

    def __init__(self, context, batch, jobs, writer=None):
        self.context = context
        self.batch = batch
        self.jobs = jobs
        self.writer = writer or UsageWriter(
            context.env, context.company, batch.id, batch.name
        )
        self.rated = self.zero = 0
        self._ids = IdBlocks(context.env.cr, jobs, "voip_usage_row_block_seq")

    def rate(self, records, ids):
        """Rate and write ``records`` whose record ids are ``ids``.

        :return: {row: (code, message)} of the records that could not be rated
        """
        errors = {}
        resolved = resolve(self.context, records, errors)
        self.context.refuse(resolved, errors)
        sale = self._side(records, resolved, resolved.deck_id, errors, "")
        cost = self._side(records, resolved, resolved.cost_deck_id, errors, "supplier ")
        while (good := records.but(errors)).size:
            try:
                self._write(records, ids, resolved, sale, cost, good)
                break
            except Unfit as unfit:
                errors.update(
                    (int(good[row]), ("out_of_bounds", message))
                    for row, message in unfit.rows.items()
                )
        return errors

    # === Rating === #

    def _side(self, records, resolved, decks, errors, who):
        count = len(records)
        side = Side(
            *(np.zeros(count, np.int64) for _field in range(8)), labels=[], fragments=[]
        )
        side.status[:] = -1
        usable = records.but(errors)
        for deck_id in np.unique(decks).tolist():
            rows = usable[decks[usable] == deck_id]
            if deck_id and rows.size:
                calls = _calls(records, resolved, rows)
                self._with_deck(records, calls, deck_id, rows, side, errors, who)
        return side

    def _with_deck(self, records, calls, deck_id, rows, side, errors, who):
        deck = self.context.known_deck(deck_id) or self.jobs.call(
            lambda: self.context.deck(deck_id)
        )
        rated = rate_calls(deck.compiled, calls)
        self._note(rated, rows, deck, records, errors, who)
        side.status[rows] = rated.status
        side.price[rows] = np.maximum(rated.price, 0)
        side.billed[rows] = rated.billed
        side.amount = put(side.amount, rows, rated.amount)
        side.currency[rows] = deck.currency_id
        rates = deck.compiled.rates
        found = np.where(rated.rate_index < 0, len(rates), rated.rate_index)
        services = np.append(rates.service_id, 0)[found]
        side.service[rows] = np.where(services > 0, services, deck.service_id)
        side.destination[rows] = np.append(rates.destination_id, 0)[found]
        unique, inverse = np.unique(rated.rate_index, return_inverse=True)
        side.fragment[rows] = inverse + len(side.fragments)
        self._fragments(deck, unique.tolist(), side)

    def _note(self, rated, rows, deck, records, errors, who):
        for status, code, verb in (
            (NO_RATE, "no_rate", "has no rate for"),
            (BLOCKED, "blocked", "blocks"),
        ):
            for index in np.flatnonzero(rated.status == status).tolist():
                row = int(rows[index])
                number = records.text("lrn", row) or records.text("called", row)
                errors.setdefault(
                    row, (code, f"{who}deck {deck.code} {verb} {number}")
                )

    def _fragments(self, deck, indexes, side):
        """Texts of rates, made once per deck and batch."""
        known = deck.texts
        new = [index for index in indexes if index not in known]
        if new:
            rates = deck.compiled.rates
            ids = [int(rates.rate_id[index]) for index in new if index >= 0]
            if not deck.labels_whole:
                self.jobs.call(lambda: self.context.read_labels(deck, ids))
            known.update((index, _texts_of(deck, index)) for index in new)
        for index in indexes:
            label, fragment = known[index]
            side.labels.append(label)
            side.fragments.append(fragment)

    # === Currency === #

    def _convert(self, amounts, sources, targets, days):
        """Amounts in another currency at each call's day: (amounts, rate texts).

        :raises Unfit: some amounts or exchange rates are out of bounds
        """
        differs = np.flatnonzero((sources != targets) & (sources > 0))
        if not differs.size:
            return amounts, text.NOTHING
        keys, inverse = np.unique(
            np.column_stack([sources, targets, days])[differs],
            axis=0,
            return_inverse=True,
        )
        rates = self.jobs.call(
            lambda: [self.context.exchange_rate(*map(int, key)) for key in keys]
        )
        inverse = inverse.reshape(-1)
        refuse_rates(rates, inverse, differs)
        converted = convert(amounts[differs], rates, FX_DECIMALS, "half_up", inverse)
        refuse_amounts(converted, differs)
        result = put(amounts.copy(), differs, converted)
        numbers = np.full(len(amounts), len(rates))
        numbers[differs] = inverse
        return result, text.picked([*(f"{rate:f}" for rate in rates), None], numbers)

    # === Writing === #

    def _write(self, records, ids, resolved, sale, cost, good):
        priced = self._price(records, resolved, sale, cost, good)
        summaries = self.writer.assign(priced.charge(sale, good), self.jobs.call)
        records = records.take(good)
        fragment = sale.fragment[good]
        company_cost, cost_texts = self._cost_texts(resolved, cost, good, priced)
        lines = text.lines(
            [
                text.integers(self._ids.take(good.size)),
                text.moments(records.start),
                str(self.context.company.id),
                str(self.batch.id),
                text.integers(ids[good]),
                *self._record_texts(records, resolved, good, priced),
                text.integers(summaries),
                text.integers(priced.account_id),
                text.integers(priced.payers.payer_id),
                text.integers(priced.payers.currency_id),
                text.integers(sale.service[good]),
                text.integers(sale.destination[good], none=0),
                text.texts(text.picked(sale.labels, fragment)),
                text.picked(sale.fragments, fragment),
                text.few_money(sale.price[good]),
                text.integers(sale.billed[good]),
                *priced.sale_texts(),
                *cost_texts,
                company_cost,
            ]
        )
        self.jobs.copy("voip_usage_row", USAGE_COLUMNS, lines)
        answered = int(priced.answered.sum())
        self.rated += answered
        self.zero += good.size - answered

    def _price(self, records, resolved, sale, cost, good):
        """Amounts of the ``good`` rows in account and company currency."""
        account_id = resolved.account_id[good]
        payers = Payers.of(self.context.accounts, account_id)
        days = _local_days(records.start[good], payers)
        currency = payers.currency_id
        own = np.full(good.size, self.context.currency_id)
        deck_amount, cost_amount = sale.amount[good], cost.amount[good]
        amount, rates = self._convert(deck_amount, sale.currency[good], currency, days)
        amount_company, _rates = self._convert(amount, currency, own, days)
        cost_company, cost_rates = self._convert(
            cost_amount, cost.currency[good], own, days
        )
        return Priced(
            account_id=account_id,
            payers=payers,
            days=days,
            late=days <= payers.billed_until,
            answered=sale.status[good] == OK,
            deck_amount=deck_amount,
            amount=amount,
            rates=rates,
            amount_company=amount_company,
            cost_amount=cost_amount,
            cost=cost_company,
            cost_rates=cost_rates,
        )

    def _record_texts(self, records, resolved, good, priced):
        """Columns from ``source_ref`` to ``jurisdiction``."""
        answered = priced.answered
        caller = text.integers(resolved.caller[good], none=0)
        return (
            text.texts(records.call_id),
            pc.if_else(answered, "rated", "zero"),
            "1",
            text.days(priced.days),
            text.flags(priced.late),
            records.direction,
            pc.coalesce(caller, text.optional(records.caller)),
            text.integers(resolved.number[good]),
            text.integers(resolved.trunk_id[good], none=0),
            text.flags(answered),
            text.integers(records.duration_ms),
            pc.if_else(answered, "1", "0"),
            text.optional(records.jurisdiction),
        )

    def _cost_texts(self, resolved, cost, good, priced):
        """(cost in company currency, columns from supplier to exchange rate)."""
        status, fragment = cost.status[good], cost.fragment[good]
        rated = (status == OK) | (status == ZERO)
        amounts, company = priced.cost_texts()
        rate_texts = [_cost_fragment(known) for known in cost.fragments] or [None]
        columns = (
            text.picked(rate_texts, fragment),
            text.few_money(cost.price[good]),
            text.integers(cost.billed[good]),
            amounts,
            priced.cost_rates,
        )
        if not rated.all():
            columns = [text.only(rated, column) for column in columns]
            columns[0] = pc.fill_null(columns[0], _cost_fragment(NO_FRAGMENT))
        return company, (
            text.integers(resolved.supplier_id[good], none=0),
            text.integers(resolved.supplier_trunk_id[good], none=0),
            *columns,
        )

    def finish(self):
        """Write summaries and wallets; {currency id: Decimal} charged."""
        self.writer.insert(self.jobs.copy, self.jobs.call)
        self.jobs.close()
        return self.writer.finish()


NO_FRAGMENT = "\t".join([text.NULL] * 6)


def _cost_fragment(fragment):
    """Currency, rate and prefix out of a rate's texts."""
    prefix, rate_id, _connect, _initial, _next, currency = fragment.split("\t")
    return f"{currency}\t{rate_id}\t{prefix}"


def _calls(records, resolved, rows):
    return Calls.of(
        number=resolved.rated[rows],
        number_len=resolved.rated_len[rows],
        caller=resolved.caller[rows],
        caller_len=resolved.caller_len[rows],
        setup_us=records.start[rows],
        answer_us=records.answer[rows],
        duration_ms=records.duration_ms[rows],
        jurisdiction=resolved.jurisdiction[rows],
    )


def _local_days(start, payers):
    """Day of each call in its account's zone, days since 1970-01-01."""
    days = np.empty(len(start), np.int64)
    for number, zone in enumerate(payers.zones):
        rows = payers.zone == number
        days[rows] = local_days(start[rows], zone)
    return days


def _texts_of(deck, index):
    """(destination name, COPY text) of a rate; index -1 is no rate."""
    if index < 0:
        null = text.NULL
        nothing = (null, null, "0", null, null, str(deck.currency_id))
        return "Unknown destination", "\t".join(nothing)
    rates = deck.compiled.rates
    rate_id = int(rates.rate_id[index])
    prefix = rates.prefix[index] if rates.prefix_len[index] else ""
    connect = to_text(rates.connect_fee[index : index + 1])[0]
    return deck.labels.get(rate_id) or str(prefix), (
        f"{prefix}\t{rate_id}\t{connect}\t{rates.initial[index]}"
        f"\t{rates.next[index]}\t{deck.currency_id}"
    )
