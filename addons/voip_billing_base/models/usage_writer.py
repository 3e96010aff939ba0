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
PIECE = 5_000
NULL = "\\N"
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


def at_once(func):
    return func()


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
    """Writes the usage of one batch, or of several, inside one transaction.

    ``assign`` gives every row its summary and keeps the sums in memory; ``finish``
    writes the summaries once and leaves one wallet entry per paying account and batch.
    With several batches ``book`` ends each. The caller holds the company lock
    (``lock_company``) from before the first ``assign``.
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
        self._booked = np.zeros(0, dtype=np.int64)
        self._taxes = []
        self._movements = []
        self._inserted = False

    def assign(self, charge, call=at_once):
        """Summary ids (int64 array) of the rows of ``charge``.

        :param call: runs the function it is given where the database may be asked
        """
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
        slots = self._slots_of(keys, charge.destination_id[first].tolist(), call)
        sums = np.column_stack(
            [sum_groups(inverse, len(keys), getattr(charge, name)) for name in SUMS]
        )
        np.add.at(self._totals, slots, sums)
        return np.asarray(self._ids, dtype=np.int64)[slots][inverse]

    def _slots_of(self, keys, destinations, call):
        missing = [
            (key, destination)
            for key, destination in zip(keys, destinations, strict=True)
            if key not in self._slots
        ]
        if missing:
            self._open_slots(missing, *call(lambda: self._ask_ids(missing)))
        return np.fromiter(
            (self._slots[key] for key in keys), dtype=np.int64, count=len(keys)
        )

    def _ask_ids(self, missing):
        """({position in missing: id of its open summary}, iterator of fresh ids)."""
        existing = self._existing([key for key, _destination in missing])
        self.env.cr.execute(
            "SELECT nextval('voip_usage_summary_id_seq')"
            " FROM generate_series(1, %s)",
            [len(missing) - len(existing)],
        )
        return existing, iter([row[0] for row in self.env.cr.fetchall()])

    def _open_slots(self, missing, existing, new_ids):
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
        columns[4] = map(scaled_text, columns[4])
        columns[7] = map(quoted, columns[7])
        self.env.cr.execute(EXISTING_SQL, [array_text(column) for column in columns])
        return {position - 1: summary for position, summary in self.env.cr.fetchall()}

    def insert(self, copy=None, call=at_once):
        """Write the new summaries; nothing is assigned any more.

        :param copy: callable of table, columns and text, that writes
        :param call: as for :meth:`assign`
        """
        self.book(self.batch_id, self.origin, call)
        self._inserted = True
        new = np.flatnonzero(self._new)
        for start in range(0, len(new), PIECE):
            lines = "".join(self._lines(new[start : start + PIECE].tolist()))
            (copy or self._copy)("voip_usage_summary", SUMMARY_COLUMNS, lines)

    def finish(self):
        """Write summaries and wallet movements.

        :return: {currency_id: Decimal} charged in all
        :raises RetryTransaction: a summary was billed meanwhile
        """
        if not self._inserted:
            self.insert()
        self._update(np.flatnonzero(~np.asarray(self._new, dtype=bool)).tolist())
        return self._charge_wallets()

    def book(self, batch_id, origin, call=at_once):
        """Charge what was assigned since the last time to a batch.

        :param call: as for :meth:`assign`
        """
        self._taxes += [0] * (len(self._keys) - len(self._taxes))
        self._booked = np.append(
            self._booked, np.zeros(len(self._keys) - len(self._booked), np.int64)
        )
        amounts = self._totals[:, 4] - self._booked
        slots = np.flatnonzero(amounts).tolist()
        self._booked += amounts
        keys = [self._keys[slot] for slot in slots]
        missing = {(key[0], key[2]) for key in keys} - self._ratios.keys()
        if missing:
            ask = self.env["voip.account"]._tax_ratios
            self._ratios.update(call(lambda: ask(missing)))
        wallets = {}
        for slot, key, amount in zip(slots, keys, amounts[slots].tolist(), strict=True):
            tax = tax_estimate(amount, self._ratios[key[0], key[2]], SCALE)
            self._taxes[slot] += tax
            unbilled, estimated = wallets.get(key[1], (0, 0))
            wallets[key[1]] = (unbilled + amount, estimated + tax)
        self._movements += [
            {
                "account_id": payer,
                "kind": "usage",
                "unbilled": Decimal(unbilled).scaleb(-SCALE),
                "tax": Decimal(tax).scaleb(-SCALE),
                "batch_id": batch_id,
                "origin": origin,
            }
            for payer, (unbilled, tax) in wallets.items()
        ]

    def _lines(self, slots):
        """COPY text of summaries, a line each."""
        company, days = self.company.id, {}
        for slot in slots:
            account, payer, service, day, price, currency, late, label = self._keys[
                slot
            ]
            text = days.get(day)
            if text is None:
                text = days[day] = str(EPOCH + timedelta(days=day))
            totals = self._totals[slot].tolist()
            counts = "\t".join(map(str, totals[:4]))
            money = "\t".join(map(scaled_text, (*totals[4:], self._taxes[slot])))
            yield (
                f"{self._ids[slot]}\t{company}\t{account}\t{payer}\t{service}\t{text}\t"
                f"{scaled_text(price)}\t{currency}\t{'t' if late else 'f'}\t"
                f"{escape(label)}\t{self._destinations[slot] or NULL}\t"
                f"{counts}\t{money}\n"
            )

    def _copy(self, table, columns, text):
        copy_text(self.env.cr, table, columns, io.BytesIO(text.encode()))

    def _update(self, slots):
        if not slots:
            return
        cr = self.env.cr
        cr.execute(
            "CREATE TEMP TABLE IF NOT EXISTS voip_summary_delta"
            " (LIKE voip_usage_summary) ON COMMIT DROP;"
            "TRUNCATE voip_summary_delta"
        )
        lines = "".join(self._lines(slots))
        self._copy("voip_summary_delta", SUMMARY_COLUMNS, lines)
        cr.execute(
            "SELECT s.id FROM voip_usage_summary s JOIN voip_summary_delta d USING (id)"
            " ORDER BY s.id FOR UPDATE OF s"
        )
        cr.execute(UPDATE_SQL)
        if cr.rowcount != len(slots):
            raise RetryTransaction("a usage summary was billed meanwhile")

    def _charge_wallets(self):
        self.env["voip.wallet"]._move(self._movements)
        self.env["voip.usage.summary"].invalidate_model()
        payers = {movement["account_id"] for movement in self._movements}
        self.env["voip.account"]._watch_credit(payers)
        currencies = {}
        for key, amount in zip(self._keys, self._booked.tolist(), strict=True):
            currencies[key[5]] = currencies.get(key[5], 0) + amount
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


def escape_all(values):
    """Texts of a column as COPY wants them."""
    joined = "".join(values)
    if joined.isprintable() and "\\" not in joined:
        return values
    return [escape(value) for value in values]


def array_text(values):
    """An array as PostgreSQL reads it from one text; quicker than one value each."""
    return "{" + ",".join(map(str, values)) + "}"


def quoted(text):
    """A text as an element of an array."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def scaled_text(value):
    """Decimal text of an int in units of 10**-8."""
    whole, part = divmod(abs(value), 10**SCALE)
    return f"{'-' if value < 0 else ''}{whole}.{part:08d}"


EXISTING_SQL = """
SELECT k.position, s.id
  FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::numeric[], %s::int[],
              %s::int[]::bool[], %s::text[]) WITH ORDINALITY
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
