"""Columns of calls on their way from rates to rows."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from odoo.addons.voip_billing_base.charge.writer import Charge
from odoo.addons.voip_billing_base.engine import copy_lines as text


@dataclass(slots=True)
class Side:
    """One side (sale or cost) of n calls; money scaled by 10**8.

    ``fragment`` numbers the rate's texts in ``fragments`` (label, prefix, ids …);
    ``amount`` is in the deck's currency.
    """

    status: np.ndarray
    price: np.ndarray
    billed: np.ndarray
    amount: np.ndarray
    currency: np.ndarray
    service: np.ndarray
    destination: np.ndarray
    fragment: np.ndarray
    labels: list
    fragments: list


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

        :param accounts: {id: :class:`~.parties.AccountFacts`}
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

    Without a conversion the amounts are the very same array, and written as text once.
    ``rates`` and ``cost_rates`` are decimal texts, null where nothing was converted.
    """

    account_id: np.ndarray
    payers: Payers
    days: np.ndarray
    late: np.ndarray
    answered: np.ndarray
    deck_amount: np.ndarray
    amount: np.ndarray
    rates: pa.Array
    amount_company: np.ndarray
    cost_amount: np.ndarray
    cost: np.ndarray
    cost_rates: pa.Array

    def charge(self, sale, good):
        """What the summaries and wallets are charged."""
        answered = self.answered.astype(np.int64)
        return Charge(
            account_id=self.account_id,
            payer_id=self.payers.payer_id,
            service_id=sale.service[good],
            local_day=self.days,
            unit_price=sale.price[good],
            currency_id=self.payers.currency_id,
            late=self.late,
            label=sale.fragment[good],
            labels=sale.labels,
            destination_id=sale.destination[good],
            attempts=np.ones(len(answered), np.int64),
            calls=answered,
            units=answered,
            seconds=sale.billed[good],
            amount=self.amount,
            amount_company=self.amount_company,
            cost=self.cost,
        )

    def sale_texts(self):
        """Columns: deck amount, exchange rate, amount, amount in company currency."""
        deck = text.money(self.deck_amount)
        own = deck if self.amount is self.deck_amount else text.money(self.amount)
        same = self.amount_company is self.amount
        company = own if same else text.money(self.amount_company)
        return deck, self.rates, own, company

    def cost_texts(self):
        """Columns: cost in the deck's and in the company's currency."""
        deck = text.money(self.cost_amount)
        return deck, deck if self.cost is self.cost_amount else text.money(self.cost)
