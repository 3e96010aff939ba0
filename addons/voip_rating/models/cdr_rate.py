"""Resolved records to rated usage: both sides, currencies, rows."""

import numpy as np

from odoo.addons.voip_billing_base.models.usage_writer import (
    UsageWriter,
    escape,
    escape_all,
)

from ..engine import Calls, rate_calls
from ..engine.deck import JURISDICTIONS
from ..engine.money import convert, to_text
from ..engine.rate import BLOCKED, NO_RATE, OK, ZERO
from ..engine.times import local_days
from .cdr_priced import Priced, Side, few_texts, time_texts
from .cdr_resolve import resolve
from .copy_queue import IdBlocks

FX_DECIMALS = 6
NULL = "\\N"
JURISDICTION_CODES = {name: code for code, name in enumerate(JURISDICTIONS)}
JURISDICTION_CODES[""] = 0
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

    :param context: :class:`~.cdr_context.RatingContext`
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
        self.rated = self.zero = self.failed = 0
        self._ids = IdBlocks(context.env.cr, jobs, "voip_usage_row_block_seq")

    def rate(self, records, ids):
        """Rate and write ``records`` whose record ids are ``ids``.

        :return: {row: (code, message)} of the records that could not be rated
        """
        errors = {}
        resolved = resolve(self.context, records, errors)
        sale = self._side(records, resolved, resolved.deck_id, errors, "")
        cost = self._side(records, resolved, resolved.cost_deck_id, errors, "supplier ")
        good = np.setdiff1d(
            np.arange(len(records)), np.fromiter(errors, np.int64, len(errors))
        )
        if good.size:
            self._write(records, ids, resolved, sale, cost, good)
        self.failed += len(errors)
        return errors

    # === Rating === #

    def _side(self, records, resolved, decks, errors, who):
        count = len(records)
        side = Side(
            *(np.zeros(count, np.int64) for _field in range(8)), labels=[], fragments=[]
        )
        side.status[:] = -1
        bad = np.fromiter(errors, np.int64, len(errors))
        usable = np.ones(count, bool)
        usable[bad] = False
        for deck_id in np.unique(decks).tolist():
            rows = np.flatnonzero((decks == deck_id) & usable)
            if deck_id and rows.size:
                self._with_deck(records, resolved, deck_id, rows, side, errors, who)
        return side

    def _with_deck(self, records, resolved, deck_id, rows, side, errors, who):
        deck = self.context.known_deck(deck_id) or self.jobs.call(
            lambda: self.context.deck(deck_id)
        )
        jurisdictions = records.jurisdiction
        calls = Calls.of(
            number=resolved.rated[rows],
            number_len=resolved.rated_len[rows],
            caller=resolved.caller[rows],
            caller_len=resolved.caller_len[rows],
            setup_us=records.start[rows],
            answer_us=records.answer[rows],
            duration_ms=records.duration_ms[rows],
            jurisdiction=np.fromiter(
                (JURISDICTION_CODES[jurisdictions[row]] for row in rows),
                np.int8,
                rows.size,
            ),
        )
        rated = rate_calls(deck.compiled, calls)
        self._note(rated, rows, deck, records, errors, who)
        side.status[rows] = rated.status
        side.price[rows] = np.maximum(rated.price, 0)
        side.billed[rows] = rated.billed
        side.amount[rows] = rated.amount
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
        for status, code, text in (
            (NO_RATE, "no_rate", "has no rate for"),
            (BLOCKED, "blocked", "blocks"),
        ):
            for index in np.flatnonzero(rated.status == status).tolist():
                row = int(rows[index])
                number = records.lrn[row] or records.called[row]
                errors.setdefault(
                    row, (code, f"{who}deck {deck.code} {text} {number}")
                )

    def _fragments(self, deck, indexes, side):
        """Texts of rates, made once per deck and batch."""
        known = deck.texts
        new = [index for index in indexes if index not in known]
        if new:
            rates = deck.compiled.rates
            ids = [int(rates.rate_id[index]) for index in new if index >= 0]
            labels = self.jobs.call(lambda: self.context.labels(ids))
            known.update((index, _texts_of(deck, index, labels)) for index in new)
        for index in indexes:
            label, fragment = known[index]
            side.labels.append(label)
            side.fragments.append(fragment)

    # === Currency === #

    def _convert(self, amounts, sources, targets, days):
        """Amounts in another currency at each call's day: (amounts, rate texts)."""
        differs = np.flatnonzero((sources != targets) & (sources > 0))
        texts = [NULL] * len(amounts)
        if not differs.size:
            return amounts, texts
        result = amounts.copy()
        keys, inverse = np.unique(
            np.column_stack([sources, targets, days])[differs],
            axis=0,
            return_inverse=True,
        )
        rates = self.jobs.call(
            lambda: [self.context.exchange_rate(*map(int, key)) for key in keys]
        )
        inverse = inverse.reshape(-1)
        result[differs] = convert(
            amounts[differs], rates, FX_DECIMALS, "half_up", inverse
        )
        for row, number in zip(differs.tolist(), inverse.tolist(), strict=True):
            texts[row] = f"{rates[number]:f}"
        return result, texts

    # === Writing === #

    def _write(self, records, ids, resolved, sale, cost, good):
        priced = self._price(records, resolved, sale, cost, good)
        charge = priced.charge(resolved.account_id[good], sale, good)
        summaries = self.writer.assign(charge, self.jobs.call)
        lines = zip(
            self._ids.take(good.size).tolist(),
            time_texts(records.start[good]),
            self._record_texts(records, ids, resolved, good, priced),
            summaries.tolist(),
            [f"{a.id}\t{a.payer_id}\t{a.currency_id}" for a in priced.accounts],
            sale.service[good].tolist(),
            [d or NULL for d in sale.destination[good].tolist()],
            escape_all(charge.label),
            [sale.fragments[f] for f in sale.fragment[good].tolist()],
            few_texts(sale.price[good]),
            sale.billed[good].tolist(),
            *priced.sale_texts(),
            self._cost_texts(resolved, cost, good, priced),
            priced.cost_text(),
            strict=True,
        )
        text = "\n".join(LINE % line for line in lines)
        self.jobs.copy("voip_usage_row", USAGE_COLUMNS, text + "\n")
        answered = int(priced.answered.sum())
        self.rated += answered
        self.zero += good.size - answered

    def _price(self, records, resolved, sale, cost, good):
        """Amounts of the ``good`` rows in account and company currency."""
        accounts = [
            self.context.accounts[a] for a in resolved.account_id[good].tolist()
        ]
        days = self._days(records.start[good], accounts)
        currency = np.fromiter((a.currency_id for a in accounts), np.int64, good.size)
        billed = np.fromiter((a.billed_until for a in accounts), np.int64, good.size)
        own = np.full(good.size, self.context.currency_id)
        deck_amount, cost_amount = sale.amount[good], cost.amount[good]
        amount, rates = self._convert(deck_amount, sale.currency[good], currency, days)
        amount_company, _rates = self._convert(amount, currency, own, days)
        cost_company, cost_rates = self._convert(
            cost_amount, cost.currency[good], own, days
        )
        return Priced(
            accounts=accounts,
            days=days,
            currency=currency,
            late=days <= billed,
            answered=sale.status[good] == OK,
            deck_amount=deck_amount,
            amount=amount,
            rates=rates,
            amount_company=amount_company,
            cost_amount=cost_amount,
            cost=cost_company,
            cost_rates=cost_rates,
        )

    def _days(self, start, accounts):
        zones = {}
        codes = np.fromiter(
            (zones.setdefault(a.tz, len(zones)) for a in accounts),
            np.int64,
            len(accounts),
        )
        days = np.empty(len(accounts), np.int64)
        for zone, code in zones.items():
            rows = codes == code
            days[rows] = local_days(start[rows], zone)
        return days

    def _record_texts(self, records, ids, resolved, good, priced):
        rows = good.tolist()
        company, batch = self.context.company.id, self.batch.id
        day_texts = priced.days.astype("M8[D]").astype(str).tolist()
        numbers = resolved.number[good].tolist()
        callers = resolved.caller[good].tolist()
        trunks = resolved.trunk_id[good].tolist()
        durations = records.duration_ms[good].tolist()
        sources = ids[good].tolist()
        return [
            f"{company}\t{batch}\t{sources[i]}\t{escape(records.call_id[row])}\t"
            f"{'rated' if ok_i else 'zero'}\t1\t{day_texts[i]}\t"
            f"{'t' if late_i else 'f'}\t{records.direction[row]}\t"
            f"{callers[i] or escape(records.caller[row]) or NULL}\t{numbers[i]}\t"
            f"{trunks[i] or NULL}\t{'t' if ok_i else 'f'}\t{durations[i]}\t"
            f"{1 if ok_i else 0}\t{records.jurisdiction[row] or NULL}"
            for i, (row, ok_i, late_i) in enumerate(
                zip(rows, priced.answered.tolist(), priced.late.tolist(), strict=True)
            )
        ]

    def _cost_texts(self, resolved, cost, good, priced):
        rates, amounts = priced.cost_rates, to_text(priced.cost_amount)
        suppliers = resolved.supplier_id[good].tolist()
        trunks = resolved.supplier_trunk_id[good].tolist()
        status = cost.status[good].tolist()
        fragments = cost.fragment[good].tolist()
        prices = few_texts(cost.price[good])
        billed = cost.billed[good].tolist()
        short = {}
        for number in set(fragments):
            if cost.fragments:
                prefix, rate_id, _c, _i, _n, currency = cost.fragments[number].split(
                    "\t"
                )
                short[number] = f"{currency}\t{rate_id}\t{prefix}"
        nothing = "\t".join([NULL] * 7)
        return [
            f"{suppliers[i] or NULL}\t{trunks[i] or NULL}\t"
            + (
                f"{short[fragments[i]]}\t{prices[i]}\t{billed[i]}\t{amounts[i]}\t"
                f"{rates[i]}"
                if state in (OK, ZERO)
                else nothing
            )
            for i, state in enumerate(status)
        ]

    def finish(self):
        """Write summaries and wallets; {currency id: Decimal} charged."""
        self.writer.insert(self.jobs.copy, self.jobs.call)
        self.jobs.close()
        return self.writer.finish()


LINE = "\t".join(["%s"] * 17)


def _texts_of(deck, index, labels):
    """(destination name, COPY text) of a rate; index -1 is no rate."""
    if index < 0:
        nothing = f"{NULL}\t{NULL}\t0\t{NULL}\t{NULL}\t{deck.currency_id}"
        return "Unknown destination", nothing
    rates = deck.compiled.rates
    rate_id = int(rates.rate_id[index])
    prefix = rates.prefix[index] if rates.prefix_len[index] else ""
    connect = to_text(rates.connect_fee[index : index + 1])[0]
    return labels.get(rate_id) or str(prefix), (
        f"{prefix}\t{rate_id}\t{connect}\t{rates.initial[index]}"
        f"\t{rates.next[index]}\t{deck.currency_id}"
    )
