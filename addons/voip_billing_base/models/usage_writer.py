"""Charge: rated usage becomes rows, summaries and one wallet entry per account."""

import io
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from ..engine.grouping import group_rows, sum_groups
from ..engine.rounding import tax_estimate
from .money_cursor import RetryTransaction, copy_text

SCALE = 8
EPOCH = date(1970, 1, 1)
SUMS = (
    "attempts",
    "calls",
    "units",
    "seconds",
    "amount",
    "amount_company",
    "cost",
)
KEYS = (
    "account_id",
    "payer_id",
    "service_id",
    "local_day",
    "unit_price",
    "currency_id",
    "late",
    "label",
)
SUMMARY_COLUMNS = (
    "id",
    "company_id",
    "account_id",
    "payer_id",
    "service_id",
    "local_day",
    "unit_price",
    "currency_id",
    "late",
    "label",
    "destination_id",
    *SUMS,
    "tax",
)


@dataclass(slots=True)
class Charge:
    """Columns of rated usage, n rows; money is int64 in units of 10**-8.

    ``local_day`` counts days since 1970-01-01; ``label`` is a list of strings; ``sign``
    is -1 for rows that take something back (their sums arrive already negated).
    """

    account_id: np.ndarray
    payer_id: np.ndarray
    service_id: np.ndarray
    local_day: np.ndarray
    unit_price: np.ndarray
    currency_id: np.ndarray
    late: np.ndarray
    label: list
    destination_id: np.ndarray
    attempts: np.ndarray
    calls: np.ndarray
    units: np.ndarray
    seconds: np.ndarray
    amount: np.ndarray
    amount_company: np.ndarray
    cost: np.ndarray


class UsageWriter:
    """Writes the usage of one batch inside one transaction.

    ``assign`` gives every row its summary and keeps the sums in memory; ``finish``
    writes the summaries once and moves each paying wallet once. The caller holds the
    company lock (``lock_company``) from before the first ``assign``.
    """

    def __init__(self, env, company, batch_id, origin):
        self.env = env
        self.company = company
        self.batch_id = batch_id
        self.origin = origin
        self._slots = {}
        self._ids = []
        self._new = []
        self._keys = []
        self._destinations = []
        self._totals = np.zeros((0, len(SUMS)), dtype=np.int64)
        self._labels = {}
        self._ratios = {}

    def assign(self, charge):
        """Summary ids (int64 array) of the rows of ``charge``."""
        labels = self._labels
        codes = np.fromiter(
            (labels.setdefault(name, len(labels)) for name in charge.label),
            dtype=np.int64,
            count=len(charge.label),
        )
        columns = [np.asarray(getattr(charge, key), np.int64) for key in KEYS[:-1]]
        first, inverse = group_rows([*columns, codes])
        keys = list(
            zip(
                *(column[first].tolist() for column in columns),
                (charge.label[index] for index in first),
                strict=True,
            )
        )
        slots = self._slots_of(keys, charge.destination_id[first].tolist())
        sums = np.column_stack(
            [sum_groups(inverse, len(keys), getattr(charge, name)) for name in SUMS]
        )
        np.add.at(self._totals, slots, sums)
        return np.asarray(self._ids, dtype=np.int64)[slots][inverse]

    def _slots_of(self, keys, destinations):
        missing = [
            (key, destination)
            for key, destination in zip(keys, destinations, strict=True)
            if key not in self._slots
        ]
        if missing:
            self._open_slots(missing)
        return np.fromiter(
            (self._slots[key] for key in keys), dtype=np.int64, count=len(keys)
        )

    def _open_slots(self, missing):
        existing = self._existing([key for key, _destination in missing])
        fresh = len(missing) - len(existing)
        self.env.cr.execute(
            "SELECT nextval('voip_usage_summary_id_seq')"
            " FROM generate_series(1, %s)",
            [fresh],
        )
        new_ids = iter([row[0] for row in self.env.cr.fetchall()])
        for position, (key, destination) in enumerate(missing):
            summary_id = existing.get(position)
            self._slots[key] = len(self._ids)
            self._new.append(summary_id is None)
            self._ids.append(summary_id or next(new_ids))
            self._keys.append(key)
            self._destinations.append(destination)
        grown = np.zeros((len(missing), len(SUMS)), dtype=np.int64)
        self._totals = np.concatenate([self._totals, grown])

    def _existing(self, keys):
        columns = list(zip(*keys, strict=True))
        columns[3] = [EPOCH + timedelta(days=day) for day in columns[3]]
        columns[4] = [Decimal(price).scaleb(-SCALE) for price in columns[4]]
        columns[6] = [bool(late) for late in columns[6]]
        self.env.cr.execute(EXISTING_SQL, [list(column) for column in columns])
        return {position - 1: summary for position, summary in self.env.cr.fetchall()}

    def finish(self):
        """Write summaries and wallet movements.

        :return: {currency_id: Decimal} charged in all
        :raises RetryTransaction: a summary was billed meanwhile
        """
        taxes = [
            tax_estimate(int(totals[4]), self._ratio(key[0], key[2]), SCALE)
            for key, totals in zip(self._keys, self._totals, strict=True)
        ]
        new = np.asarray(self._new, dtype=bool)
        self._insert(np.flatnonzero(new), taxes)
        self._update(np.flatnonzero(~new), taxes)
        return self._charge_wallets(taxes)

    def _ratio(self, account_id, service_id):
        key = (account_id, service_id)
        if key not in self._ratios:
            account = self.env["voip.account"].browse(account_id)
            service = self.env["voip.service"].browse(service_id)
            self._ratios[key] = account._tax_ratio(service)
        return self._ratios[key]

    def _lines(self, slots, taxes):
        for slot in slots:
            account, payer, service, day, price, currency, late, label = self._keys[
                slot
            ]
            totals = self._totals[slot].tolist()
            yield (
                self._ids[slot],
                self.company.id,
                account,
                payer,
                service,
                EPOCH + timedelta(days=day),
                Decimal(price).scaleb(-SCALE),
                currency,
                "t" if late else "f",
                escape(label),
                self._destinations[slot] or "\\N",
                *totals[:4],
                *(Decimal(total).scaleb(-SCALE) for total in totals[4:]),
                Decimal(taxes[slot]).scaleb(-SCALE),
            )

    def _copy(self, table, slots, taxes):
        text = "".join(
            "\t".join(map(str, line)) + "\n" for line in self._lines(slots, taxes)
        )
        copy_text(self.env.cr, table, SUMMARY_COLUMNS, io.BytesIO(text.encode()))

    def _insert(self, slots, taxes):
        if len(slots):
            self._copy("voip_usage_summary", slots, taxes)

    def _update(self, slots, taxes):
        if not len(slots):
            return
        cr = self.env.cr
        cr.execute(
            "CREATE TEMP TABLE IF NOT EXISTS voip_summary_delta"
            " (LIKE voip_usage_summary) ON COMMIT DROP;"
            "TRUNCATE voip_summary_delta"
        )
        self._copy("voip_summary_delta", slots, taxes)
        cr.execute(
            "SELECT s.id FROM voip_usage_summary s JOIN voip_summary_delta d USING (id)"
            " ORDER BY s.id FOR UPDATE OF s"
        )
        cr.execute(UPDATE_SQL)
        if cr.rowcount != len(slots):
            raise RetryTransaction("a usage summary was billed meanwhile")

    def _charge_wallets(self, taxes):
        wallets, currencies = {}, {}
        for key, totals, tax in zip(self._keys, self._totals, taxes, strict=True):
            amount = int(totals[4])
            unbilled, estimated = wallets.get(key[1], (0, 0))
            wallets[key[1]] = (unbilled + amount, estimated + tax)
            currencies[key[5]] = currencies.get(key[5], 0) + amount
        self.env["voip.wallet"]._move(
            [
                {
                    "account_id": payer,
                    "kind": "usage",
                    "unbilled": Decimal(unbilled).scaleb(-SCALE),
                    "tax": Decimal(tax).scaleb(-SCALE),
                    "batch_id": self.batch_id,
                    "origin": self.origin,
                }
                for payer, (unbilled, tax) in wallets.items()
            ]
        )
        self.env["voip.usage.summary"].invalidate_model()
        return {
            currency: Decimal(total).scaleb(-SCALE)
            for currency, total in currencies.items()
        }


def escape(text):
    """A text value as COPY wants it."""
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", "\\\\").replace("\t", "\\t")
        text = text.replace("\n", "\\n").replace("\r", "\\r")
    return text


EXISTING_SQL = """
SELECT k.position, s.id
  FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::numeric[], %s::int[],
              %s::bool[], %s::text[]) WITH ORDINALITY
       AS k(account_id, payer_id, service_id, local_day, unit_price, currency_id, late,
            label, position)
  JOIN voip_usage_summary s
    ON s.account_id = k.account_id AND s.payer_id = k.payer_id
   AND s.service_id = k.service_id AND s.local_day = k.local_day
   AND s.unit_price = k.unit_price AND s.currency_id = k.currency_id
   AND s.late = k.late AND s.label = k.label
 WHERE s.move_line_id IS NULL
"""
UPDATE_SQL = (
    "UPDATE voip_usage_summary s SET "
    + ", ".join(f"{name} = s.{name} + d.{name}" for name in (*SUMS, "tax"))
    + " FROM voip_summary_delta d WHERE s.id = d.id AND s.move_line_id IS NULL"
)
