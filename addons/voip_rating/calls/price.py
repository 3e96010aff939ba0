"""Columns of calls on their way from rates to rows."""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from odoo.addons.voip_billing_base.charge.writer import Charge


@dataclass(slots=True)
class Side:
    """One side (sale or cost) of n calls; money scaled by 10**8.

    ``amount`` is in the deck's ``currency``; ``rate_id`` is 0 without a rate, ``plain``
    whether ``price`` is the rate's price per minute; ``label`` numbers the destination
    names in ``labels``, of a side that is charged. ``status`` is -1 where there is no
    such side.
    """

    status: np.ndarray
    price: np.ndarray
    billed: np.ndarray
    amount: np.ndarray
    currency: np.ndarray
    service: np.ndarray
    destination: np.ndarray
    rate_id: np.ndarray
    plain: np.ndarray
    label: np.ndarray
    labels: list | None

    @classmethod
    def empty(cls, count, labels=None):
        names = [field.name for field in fields(cls)]
        side = cls(**{name: np.zeros(count, np.int64) for name in names})
        side.status[:] = -1
        side.plain, side.labels = np.zeros(count, bool), labels
        return side

    def take(self, rows):
        """The calls at ``rows`` (int array, ascending)."""
        if len(rows) == len(self.status):
            return self
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, values in columns.items():
            if isinstance(values, np.ndarray):
                columns[name] = values[rows]
        return Side(**columns)


@dataclass(slots=True)
class Payers:
    """What n calls take from their accounts; ``zone`` numbers the names in ``zones``.

    ``billed_until`` is the last invoiced day, days since 1970-01-01.
    """

    payer_id: np.ndarray
    currency_id: np.ndarray
    billed_until: np.ndarray
    zone: np.ndarray
    zones: list

    @classmethod
    def of(cls, accounts, ids):
        """Payers of the accounts ``ids`` (int64 array).

        :param accounts: {id: :class:`~.parties.parties.AccountFacts`}
        """
        distinct, inverse = np.unique(ids, return_inverse=True)
        facts = [accounts[account] for account in distinct.tolist()]
        zones = sorted({account.tz for account in facts})

        def column(values):
            return np.array(values, np.int64)[inverse]

        return cls(
            payer_id=column([account.payer_id for account in facts]),
            currency_id=column([account.currency_id for account in facts]),
            billed_until=column([account.billed_until for account in facts]),
            zone=column([zones.index(account.tz) for account in facts]),
            zones=zones,
        )


@dataclass(slots=True)
class Priced:
    """Columns of n charged calls; money scaled by 10**8, days since 1970-01-01.

    Without a conversion the amounts are the very same array. ``rates`` and
    ``cost_rates`` are decimal texts, null where nothing was converted.
    """

    account_id: np.ndarray
    payers: Payers
    days: np.ndarray
    late: np.ndarray
    answered: np.ndarray
    sale: Side
    cost_side: Side
    amount: np.ndarray
    rates: pa.Array
    amount_company: np.ndarray
    cost: np.ndarray
    cost_rates: pa.Array

    def charge(self, facet, facets):
        """What the summaries and wallets are charged.

        :param facet, facets: as :class:`Charge` has them
        """
        answered = self.answered.astype(np.int64)
        return Charge(
            account_id=self.account_id,
            payer_id=self.payers.payer_id,
            service_id=self.sale.service,
            local_day=self.days,
            unit_price=self.sale.price,
            currency_id=self.payers.currency_id,
            late=self.late,
            deck_currency_id=self.sale.currency,
            destination_id=self.sale.destination,
            label=self.sale.label,
            labels=self.sale.labels,
            facet=facet,
            facets=facets,
            attempts=np.ones(len(answered), np.int64),
            calls=answered,
            units=answered,
            seconds=self.sale.billed,
            amount=self.amount,
            amount_company=self.amount_company,
            cost=self.cost,
        )
