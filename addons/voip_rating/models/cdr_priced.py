"""Columns of calls on their way from rates to rows."""

from dataclasses import dataclass

import numpy as np

from odoo.addons.voip_billing_base.models.usage_writer import Charge

from ..engine.money import to_text


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
class Priced:
    """Columns of n charged calls; money scaled by 10**8, days since 1970-01-01.

    Without a conversion the amounts are the very same array, and written as text once.
    """

    accounts: list
    days: np.ndarray
    currency: np.ndarray
    late: np.ndarray
    answered: np.ndarray
    deck_amount: np.ndarray
    amount: np.ndarray
    rates: list
    amount_company: np.ndarray
    cost_amount: np.ndarray
    cost: np.ndarray
    cost_rates: list

    def charge(self, account_id, sale, good):
        """What the summaries and wallets are charged."""
        count = len(self.accounts)
        answered = self.answered.astype(np.int64)
        return Charge(
            account_id=account_id,
            payer_id=np.fromiter((a.payer_id for a in self.accounts), np.int64, count),
            service_id=sale.service[good],
            local_day=self.days,
            unit_price=sale.price[good],
            currency_id=self.currency,
            late=self.late,
            label=[sale.labels[f] for f in sale.fragment[good].tolist()],
            destination_id=sale.destination[good],
            attempts=np.ones(count, np.int64),
            calls=answered,
            units=answered,
            seconds=sale.billed[good],
            amount=self.amount,
            amount_company=self.amount_company,
            cost=self.cost,
        )

    def sale_texts(self):
        """Columns: deck amount, exchange rate, amount, amount in company currency."""
        deck = to_text(self.deck_amount)
        own = deck if self.amount is self.deck_amount else to_text(self.amount)
        same = self.amount_company is self.amount
        return deck, self.rates, own, own if same else to_text(self.amount_company)

    def cost_text(self):
        """Column: cost in company currency."""
        return to_text(self.cost)


def few_texts(values):
    """:func:`to_text` of scaled ints of which many are equal."""
    distinct, inverse = np.unique(values, return_inverse=True)
    texts = to_text(distinct)
    return [texts[number] for number in inverse.tolist()]


def time_texts(moments):
    """Timestamps (UTC) as COPY reads them."""
    return np.datetime_as_string(moments.astype("M8[us]")).tolist()
