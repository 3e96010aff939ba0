"""Resolved records to rated usage: both sides, currencies, rows."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from odoo.addons.voip_billing_base.charge.writer import UsageWriter
from odoo.addons.voip_billing_base.engine import copy_lines as text
from odoo.addons.voip_billing_base.engine.exact import put

from ..engine import Calls, rate_calls
from ..engine.money import convert
from ..engine.parse import quote
from ..engine.rate import BLOCKED, NO_PRICE, NO_RATE, OK
from ..engine.times import local_days
from .bounds import Unfit, refuse_amounts, refuse_missing, refuse_rates
from .charge import parts
from .claim import partition
from .column import rows_where
from .copy_queue import IdBlocks
from .price import Payers, Priced, Side
from .resolve import resolve
from .write import USAGE_COLUMNS, facets_of, usage_lines

FX_DECIMALS = 6
UNKNOWN = "Unknown destination"


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
        sale = Side.empty(len(records), labels=[])
        cost = Side.empty(len(records))
        self._rate(sale, records, resolved, resolved.deck_id, errors, "")
        decks = resolved.cost_deck_id
        self._rate(cost, records, resolved.at_cost(), decks, errors, "supplier ")
        self._charge(sale, records, errors)
        while (good := records.but(errors)).size:
            try:
                self._write(records, ids, resolved, sale, cost, good)
                break
            except Unfit as unfit:
                errors.update(
                    (int(good[row]), (unfit.code, message))
                    for row, message in unfit.rows.items()
                )
        return errors

    # === Rating === #

    def _rate(self, side, records, resolved, decks, errors, who):
        usable = records.but(errors)
        for deck_id in np.unique(decks).tolist():
            rows = usable[decks[usable] == deck_id]
            if deck_id and rows.size:
                self._with_deck(records, resolved, deck_id, rows, side, errors, who)

    def _charge(self, side, records, errors):
        """Service charges cost what they say."""
        charges = rows_where(pc.not_equal(records.charge, ""))
        charges = np.intersect1d(charges, records.but(errors))
        if not charges.size:
            return
        costs = {row: parts(records.text("charge", row)) for row in charges.tolist()}
        names = {currency for _amount, currency in costs.values()}
        service, ids = self.jobs.call(
            lambda: (
                self.batch.format_id.charge_service_id.id,
                self.context.currency_ids(names),
            )
        )
        labels = self.context.labels
        for row, (amount, currency) in costs.items():
            if not service or currency not in ids:
                errors.setdefault(row, self._uncharged(service, currency))
                continue
            side.amount[row] = side.price[row] = amount
            side.currency[row], side.service[row] = ids[currency], service
            name = records.text("called", row)
            side.label[row] = labels.setdefault(name, len(labels))
            side.status[row] = OK
        side.labels = list(labels)

    def _uncharged(self, service, currency):
        if not service:
            name = self.batch.format_id.code
            return "no_rate", f"format {name} has no service of its service charges"
        return "no_exchange_rate", f"charge_currency: {quote(currency)} is not active"

    def _with_deck(self, records, resolved, deck_id, rows, side, errors, who):
        deck = self.context.known_deck(deck_id) or self.jobs.call(
            lambda: self.context.deck(deck_id)
        )
        rated = rate_calls(deck.compiled, _calls(records, resolved, rows))
        self._note(rated, rows, deck, (records, resolved), errors, who)
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
        side.rate_id[rows] = np.append(rates.rate_id, 0)[found]
        side.plain[rows] = np.append(rates.price, NO_PRICE)[found] == rated.price
        side.plain[rows] &= rated.rate_index >= 0
        if side.labels is not None:
            side.label[rows] = self._labels(deck, rated.rate_index)
            side.labels = list(self.context.labels)

    def _note(self, rated, rows, deck, calls, errors, who):
        for status, code, verb in (
            (NO_RATE, "no_rate", "has no rate for"),
            (BLOCKED, "blocked", "blocks"),
        ):
            for index in np.flatnonzero(rated.status == status).tolist():
                row = int(rows[index])
                number = _number(*calls, row)
                errors.setdefault(row, (code, f"{who}deck {deck.code} {verb} {number}"))

    def _labels(self, deck, indexes):
        """Numbers in the context's ``labels`` of the destination names of rates."""
        known = deck.label_of
        new = np.unique(indexes[known[indexes] < 0])
        if new.size:
            numbers = self.context.labels
            names = self._names(deck, new.tolist())
            known[new] = [numbers.setdefault(n, len(numbers)) for n in names]
        return known[indexes]

    def _names(self, deck, indexes):
        """Destination names of rates, read once per deck and batch."""
        rates, names = deck.compiled.rates, deck.names
        ids = [int(rates.rate_id[index]) for index in indexes if index >= 0]
        new = [rate_id for rate_id in ids if rate_id not in names]
        if new and not deck.names_whole:
            self.jobs.call(lambda: self.context.read_names(deck, new))
        return [
            names.get(int(rates.rate_id[index])) or str(rates.prefix[index])
            if index >= 0
            else UNKNOWN
            for index in indexes
        ]

    # === Currency === #

    def _convert(self, amounts, sources, targets, days):
        """Amounts in another currency at each call's day: (amounts, rate texts).

        :raises Unfit: some amounts or exchange rates are out of bounds
        """
        # Nothing is nothing in every currency.
        differs = np.flatnonzero((sources != targets) & (sources > 0) & (amounts != 0))
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
        refuse_missing(keys.tolist(), rates, inverse, differs)
        refuse_rates(rates, inverse, differs)
        converted = convert(amounts[differs], rates, FX_DECIMALS, "half_up", inverse)
        refuse_amounts(converted, differs)
        result = put(amounts.copy(), differs, converted)
        numbers = np.full(len(amounts), len(rates))
        numbers[differs] = inverse
        return result, text.picked([*(f"{rate:f}" for rate in rates), None], numbers)

    # === Writing === #

    def _write(self, records, ids, resolved, sale, cost, good):
        resolved, sale, cost = (part.take(good) for part in (resolved, sale, cost))
        records = records.take(good)
        priced = self._price(records, resolved, sale, cost)
        charge = priced.charge(*facets_of(records))
        summaries = self.writer.assign(charge, self.jobs.call)
        table = partition("voip_usage_row", records.months())
        # In the order of the index, which takes them in faster so.
        order = np.lexsort((records.start, resolved.account_id))
        own_ids = np.empty(good.size, np.int64)
        own_ids[order] = self._ids.take(good.size)
        lines = usage_lines(
            self.batch, own_ids, ids[good], summaries, records, resolved, priced
        )
        self.jobs.copy(table, USAGE_COLUMNS, lines.take(pa.array(order)))
        self._note_callers(records, ids[good], resolved)
        charged = int((priced.answered | (priced.amount != 0)).sum())
        self.rated += charged
        self.zero += good.size - charged

    def _note_callers(self, records, ids, resolved):
        rows = np.flatnonzero(resolved.mark)
        if not rows.size:
            return
        columns = (
            ids,
            records.start,
            resolved.account_id,
            resolved.caller,
            resolved.caller_of,
            resolved.mark,
        )
        calls = list(zip(*(each[rows].tolist() for each in columns), strict=True))
        holder = self.context.env["voip.number.holder"]
        self.jobs.call(lambda: holder._note_callers(self.context.company, calls))

    def _price(self, records, resolved, sale, cost):
        """Amounts in account and company currency."""
        account_id = resolved.account_id
        payers = Payers.of(self.context.accounts, account_id)
        days = _local_days(records.start, payers)
        currency = payers.currency_id
        own = np.full(len(records), self.context.currency_id)
        amount, rates = self._convert(sale.amount, sale.currency, currency, days)
        amount_company, _rates = self._convert(amount, currency, own, days)
        cost_company, cost_rates = self._convert(cost.amount, cost.currency, own, days)
        return Priced(
            account_id=account_id,
            payers=payers,
            days=days,
            late=days <= payers.billed_until,
            answered=sale.status == OK,
            sale=sale,
            cost_side=cost,
            amount=amount,
            rates=rates,
            amount_company=amount_company,
            cost=cost_company,
            cost_rates=cost_rates,
        )

    def finish(self):
        """Write summaries and wallets; {currency id: Decimal} charged."""
        self.writer.insert(self.jobs.copy, self.jobs.call)
        self.jobs.close()
        return self.writer.finish()


def _number(records, resolved, row):
    """The number that is rated, as a reason names it."""
    called = records.text("called", row)
    if records.text("direction", row) != "inbound":
        return records.text("lrn", row) or called
    if resolved.rated[row] == resolved.number[row]:
        return called
    rated = resolved.rated[row] or "an unknown caller"
    return f"{rated}, by which calls to {called} are rated"


def _calls(records, resolved, rows):
    return Calls.of(
        number=resolved.rated[rows],
        number_len=resolved.rated_len[rows],
        caller=resolved.caller[rows],
        caller_len=resolved.caller_len[rows],
        setup_us=records.start[rows],
        answer_us=records.answer[rows],
        duration_ms=records.duration_ms[rows],
        answered=records.answered[rows].astype(np.int8),
        jurisdiction=resolved.jurisdiction[rows],
    )


def _local_days(start, payers):
    """Day of each call in its account's zone, days since 1970-01-01."""
    days = np.empty(len(start), np.int64)
    for number, zone in enumerate(payers.zones):
        rows = payers.zone == number
        days[rows] = local_days(start[rows], zone)
    return days
