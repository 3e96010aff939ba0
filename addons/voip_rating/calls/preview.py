"""What would be charged: records resolved and rated, nothing stored or written."""

import numpy as np

from ..engine.money import to_text
from .context import RatingContext
from .copy_queue import DirectQueue
from .rate import Rater


class NoWriter:
    """Stands where the writer of usage would be."""


class Preview(Rater):
    """Rates as the intake does and keeps the amounts instead of writing them."""

    def __init__(self, batch_like):
        context = RatingContext(
            batch_like.env, batch_like.company_id, batch_like.switch_id
        )
        jobs = DirectQueue(batch_like.env.cr)
        super().__init__(context, batch_like, jobs, NoWriter())
        self.charges = {}

    def _write(self, records, ids, resolved, sale, cost, good):
        resolved, sale, cost = (part.take(good) for part in (resolved, sale, cost))
        priced = self._price(records.take(good), resolved, sale, cost)
        company = self.context.currency_id
        amounts, costs = to_text(priced.amount), to_text(priced.cost)
        for place, row in enumerate(good.tolist()):
            account = self.context.accounts[int(resolved.account_id[place])]
            rate = int(sale.rate_id[place])
            self.charges[row] = {
                "account": account.code,
                "rate": rate,
                "billed": int(sale.billed[place]),
                "amount": amounts[place],
                "currency": int(priced.payers.currency_id[place]),
                "cost": costs[place],
                "cost_currency": company,
            }


def charges_of(batch_like, records, errors):
    """What the records that are not in ``errors`` would be charged.

    :param batch_like: record with ``env``, ``company_id`` and ``switch_id``
    :return: ``(charges, problems)``: {row: dict} and {row: (code, message)}
    """
    good = records.but(errors)
    preview = Preview(batch_like)
    problems = preview.rate(records.take(good), np.zeros(len(good), np.int64))
    rows = good.tolist()
    return (
        {rows[row]: charge for row, charge in preview.charges.items()},
        {rows[row]: problem for row, problem in problems.items()},
    )
