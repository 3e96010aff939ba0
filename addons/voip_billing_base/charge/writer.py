"""Charge: rated usage becomes rows, summaries and one wallet entry per account."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ..engine import copy_lines as text
from ..engine.exact import ROOM, add_at, largest, sum_groups
from ..engine.grouping import KeyInterner
from .bounds import SUMS, OutOfBounds, beyond, lock_summaries, out_of_bounds
from .tax import estimated_taxes
from .transaction import RetryTransaction, copy_lines
from .values import array_text, day_of, quoted

SCALE = 8
PIECE = 5_000
KEYS = (
    "account_id",
    "payer_id",
    "service_id",
    "local_day",
    "unit_price",
    "currency_id",
    "late",
    "deck_currency_id",
    "destination_id",
    "label",
    "facet",
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
    "deck_currency_id",
    "destination_id",
    "label",
    "facets",
    *SUMS,
    "tax",
)


def at_once(func):
    return func()


@dataclass(slots=True)
class Charge:
    """Columns of rated usage, n rows; money is integers in units of 10**-8.

    ``local_day`` counts days since 1970-01-01; ``label`` numbers the texts in
    ``labels`` and ``facet`` the JSON objects in ``facets``: what else an invoice line
    must tell apart. ``unit_price`` counts in ``deck_currency_id``; that and
    ``destination_id`` are 0 where there is none. Rows that take something back come
    with negative sums.
    """

    account_id: np.ndarray
    payer_id: np.ndarray
    service_id: np.ndarray
    local_day: np.ndarray
    unit_price: np.ndarray
    currency_id: np.ndarray
    late: np.ndarray
    deck_currency_id: np.ndarray
    destination_id: np.ndarray
    label: np.ndarray
    labels: list
    facet: np.ndarray
    facets: list
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
        self._slots = KeyInterner(len(KEYS))
        self._columns = {name: np.zeros(0, np.int64) for name in SLOT}
        self._texts = {"label": {}, "facet": {}}
        self._reach = dict.fromkeys(SUMS, 0)
        self._rates = {}
        self._movements = []
        self._inserted = False

    def assign(self, charge, call=at_once):
        """Summary ids (int64 array) of the rows of ``charge``.

        :param call: runs the function it is given where the database may be asked
        """
        columns = {name: np.asarray(getattr(charge, name), np.int64) for name in KEYS}
        columns["label"] = self._numbers("label", charge.labels)[charge.label]
        columns["facet"] = self._numbers("facet", charge.facets)[charge.facet]
        slots, new = self._slots.of([columns[name] for name in KEYS])
        if new.size:
            fresh = {name: values[new] for name, values in columns.items()}
            self._open_slots(fresh, call)
        for name in SUMS:
            self._add(name, slots, getattr(charge, name))
        return self._columns["id"][slots]

    def _numbers(self, kind, texts):
        """A number of each text, the same for the same text in all chunks."""
        known = self._texts[kind]
        return np.array([known.setdefault(t, len(known)) for t in texts], np.int64)

    def _add(self, name, slots, values):
        """Sum exactly: in int64 while that surely fits, else in Python integers.

        ``_reach`` is what a sum has at most; it is measured again when it seems to pass
        :data:`~..engine.exact.ROOM`, which a usual batch never does.
        """
        column, added = self._columns[name], largest(values) * len(values)
        if column.dtype != object and self._reach[name] + added > ROOM:
            self._reach[name] = largest(column)
            if self._reach[name] + added > ROOM:
                self._columns[name] = column.astype(object)
        self._reach[name] += added
        np.add.at(self._columns[name], slots, values)

    def _open_slots(self, fresh, call):
        count = len(fresh["label"])
        ids, new = call(lambda: self._ask_ids(fresh, count))
        fresh |= {"id": ids, "new": new}
        nothing = np.zeros(count, np.int64)
        for name, values in self._columns.items():
            grown = fresh.get(name, nothing)
            self._columns[name] = np.concatenate([values, grown])

    def _ask_ids(self, fresh, count):
        """Ids of open summaries, else fresh ones; and 1 where it is fresh."""
        ids = np.zeros(count, np.int64)
        cr = self.env.cr
        cr.execute(
            OPEN_SQL,
            [
                np.unique(fresh["account_id"]).tolist(),
                day_of(fresh["local_day"].min()),
                day_of(fresh["local_day"].max()),
            ],
        )
        if cr.fetchone()[0]:
            found = np.array(self._existing(fresh), np.int64).reshape(-1, 2)
            ids[found[:, 0] - 1] = found[:, 1]
        missing = np.flatnonzero(ids == 0)
        cr.execute(
            "SELECT nextval('voip_usage_summary_id_seq') FROM generate_series(1, %s)",
            [len(missing)],
        )
        ids[missing] = [row[0] for row in cr.fetchall()]
        new = np.zeros(count, np.int64)
        new[missing] = 1
        return ids, new

    def _existing(self, fresh):
        """[(position from 1, id)] of the open summaries among ``fresh``."""
        labels, facets = (list(map(quoted, self._texts[k])) for k in self._texts)
        arrays = [
            fresh["account_id"].tolist(),
            fresh["payer_id"].tolist(),
            fresh["service_id"].tolist(),
            text.days(fresh["local_day"]).to_pylist(),
            text.money(fresh["unit_price"]).to_pylist(),
            fresh["currency_id"].tolist(),
            fresh["late"].tolist(),
            fresh["deck_currency_id"].tolist(),
            fresh["destination_id"].tolist(),
            [labels[number] for number in fresh["label"].tolist()],
            [facets[number] for number in fresh["facet"].tolist()],
        ]
        self.env.cr.execute(EXISTING_SQL, [array_text(values) for values in arrays])
        return self.env.cr.fetchall()

    def insert(self, copy=None, call=at_once):
        """Write the new summaries; nothing is assigned any more.

        :param copy: callable of table, columns and lines, that writes
        :param call: as for :meth:`assign`
        :raises OutOfBounds: the sums of some accounts do not fit their summaries
        """
        self.book(self.batch_id, self.origin, call)
        if found := beyond(self._columns):
            raise call(lambda: out_of_bounds(self.env, found))
        self._inserted = True
        new = np.flatnonzero(self._columns["new"])
        for start in range(0, len(new), PIECE):
            lines = self._lines(new[start : start + PIECE])
            (copy or self._copy)("voip_usage_summary", SUMMARY_COLUMNS, lines)

    @property
    def summary_ids(self):
        return self._columns["id"].tolist()

    def finish(self):
        """Write summaries and wallet movements.

        :return: {currency_id: Decimal} charged in all
        :raises RetryTransaction: a summary was billed meanwhile
        :raises OutOfBounds: some accounts' summaries or wallets would pass a limit
        """
        if not self._inserted:
            self.insert()
        self._update(np.flatnonzero(self._columns["new"] == 0))
        return self._charge_wallets()

    def book(self, batch_id, origin, call=at_once):
        """Charge what was assigned since the last time to a batch.

        :param call: as for :meth:`assign`
        """
        columns = self._columns
        fresh = {}
        for name, booked in BOOKED.items():
            fresh[name] = columns[name] - columns[booked]
            columns[booked] = columns[name].copy()
        slots = np.flatnonzero(sum((values != 0) for values in fresh.values()))
        fresh = {name: values[slots] for name, values in fresh.items()}
        amounts, taxes = fresh["amount"], self._tax(slots, fresh, call)
        columns["tax"] = add_at(columns["tax"], slots, taxes)
        payers, group = np.unique(columns["payer_id"][slots], return_inverse=True)
        self._movements += [
            {
                "account_id": payer,
                "kind": "usage",
                "unbilled": Decimal(unbilled).scaleb(-SCALE),
                "tax": Decimal(tax).scaleb(-SCALE),
                "batch_id": batch_id,
                "origin": origin,
            }
            for payer, unbilled, tax in zip(
                payers.tolist(),
                sum_groups(group, len(payers), amounts).tolist(),
                sum_groups(group, len(payers), taxes).tolist(),
                strict=True,
            )
        ]

    def _tax(self, slots, fresh, call):
        """Estimated taxes of what the summaries ``slots`` are charged.

        :param fresh: columns of :data:`BOOKED`, what is charged to each slot
        """
        account = self._columns["account_id"][slots]
        pairs, group = np.unique(
            account << 32 | self._columns["service_id"][slots], return_inverse=True
        )
        pairs = [(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs.tolist()]
        if missing := set(pairs) - self._rates.keys():
            ask = self.env["voip.account"]._tax_rates
            self._rates.update(call(lambda: ask(missing)))
        return estimated_taxes([self._rates[pair] for pair in pairs], group, fresh)

    def _lines(self, slots):
        """COPY lines of summaries."""
        column = {name: values[slots] for name, values in self._columns.items()}
        return text.lines(
            [
                text.integers(column["id"]),
                str(self.company.id),
                *(text.integers(column[name]) for name in KEYS[:3]),
                text.days(column["local_day"]),
                text.few_money(column["unit_price"]),
                text.integers(column["currency_id"]),
                text.flags(column["late"] != 0),
                text.integers(column["deck_currency_id"], none=0),
                text.integers(column["destination_id"], none=0),
                *(
                    text.texts(text.picked(list(known), column[kind]))
                    for kind, known in self._texts.items()
                ),
                *(text.integers(column[name]) for name in SUMS[:4]),
                *(text.money(column[name]) for name in (*SUMS[4:], "tax")),
            ]
        )

    def _copy(self, table, columns, lines):
        copy_lines(self.env.cr, table, columns, lines)

    def _update(self, slots):
        if not len(slots):
            return
        cr = self.env.cr
        cr.execute(
            "CREATE TEMP TABLE IF NOT EXISTS voip_summary_delta"
            " (LIKE voip_usage_summary) ON COMMIT DROP;"
            "TRUNCATE voip_summary_delta"
        )
        self._copy("voip_summary_delta", SUMMARY_COLUMNS, self._lines(slots))
        lock_summaries(self.env)
        cr.execute(UPDATE_SQL)
        if cr.rowcount != len(slots):
            raise RetryTransaction("a usage summary was billed meanwhile")

    def _move_wallets(self):
        """:raises OutOfBounds: naming the accounts whose payers cannot be charged"""
        try:
            self.env["voip.wallet"]._move(self._movements)
        except OutOfBounds as error:
            columns = (self._columns[name].tolist() for name in KEYS[:2])
            reasons = {
                account: error.reasons[payer]
                for account, payer in zip(*columns, strict=True)
                if payer in error.reasons
            }
            raise OutOfBounds(reasons) from error

    def _charge_wallets(self):
        self._move_wallets()
        self.env["voip.usage.summary"].invalidate_model()
        payers = {movement["account_id"] for movement in self._movements}
        self.env["voip.account"]._watch_credit(payers)
        currencies, group = np.unique(self._columns["currency_id"], return_inverse=True)
        totals = sum_groups(group, len(currencies), self._columns["booked"])
        return {
            currency: Decimal(total).scaleb(-SCALE)
            for currency, total in zip(
                currencies.tolist(), totals.tolist(), strict=True
            )
        }


# What wallets are charged by, and how much of it they were charged already.
BOOKED = {
    "amount": "booked",
    "units": "booked_units",
    "seconds": "booked_seconds",
}
SLOT = (*KEYS, *SUMS, *BOOKED.values(), "id", "new", "tax")


OPEN_SQL = """
SELECT EXISTS (SELECT FROM voip_usage_summary
                WHERE account_id = ANY(%s) AND local_day BETWEEN %s AND %s
                  AND move_line_id IS NULL AND seal_id IS NULL)
"""
EXISTING_SQL = """
SELECT k.position, s.id
  FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::numeric[], %s::int[],
              %s::int[]::bool[], %s::int[], %s::int[], %s::text[], %s::jsonb[])
       WITH ORDINALITY
       AS k(account_id, payer_id, service_id, local_day, unit_price, currency_id, late,
            deck_currency_id, destination_id, label, facets, position)
  CROSS JOIN LATERAL (
      SELECT id FROM voip_usage_summary s
       WHERE s.account_id = k.account_id AND s.payer_id = k.payer_id
         AND s.service_id = k.service_id AND s.local_day = k.local_day
         AND s.unit_price = k.unit_price AND s.currency_id = k.currency_id
         AND s.late = k.late AND s.label = k.label AND s.facets = k.facets
         AND COALESCE(s.deck_currency_id, 0) = k.deck_currency_id
         AND COALESCE(s.destination_id, 0) = k.destination_id
         AND s.move_line_id IS NULL AND s.seal_id IS NULL
       LIMIT 1) s
"""
UPDATE_SQL = (
    "UPDATE voip_usage_summary s SET "
    + ", ".join(f"{name} = s.{name} + d.{name}" for name in (*SUMS, "tax"))
    + " FROM voip_summary_delta d"
    " WHERE s.id = d.id AND s.move_line_id IS NULL AND s.seal_id IS NULL"
)
