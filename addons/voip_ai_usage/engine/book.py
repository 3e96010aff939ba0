"""Which price counts: whose, for which model and kind, on which day.

Levels come first, kinds within a level second. The levels are the account's own prices,
then those of the model, then those of its provider, then those for everything. In the
first level that has any price for the kind, one of its parents' or one for all kinds,
the nearest kind counts. So an account whose own price is for ``input`` pays it for
cached input too, whatever a general price of cached input says.
"""

from dataclasses import dataclass

import numpy as np

from .kinds import CHAINS, KINDS

FOREVER = 10**7
NONE = -1


@dataclass(frozen=True, slots=True)
class Price:
    """``price`` is for ``per`` units, scaled by 10**8; with a ``markup`` (scaled by
    10**6 of 1: 0.2 is 200,000) it is not asked, and what the units cost counts.

    ``account_id``, ``provider_id``, ``model_id`` 0 and ``kind`` "" mean all; ``first``
    and ``last`` are days since 1970.
    """

    id: int
    price: int = 0
    per: int = 1000
    markup: int | None = None
    currency_id: int = 0
    supplier_id: int = 0
    account_id: int = 0
    provider_id: int = 0
    model_id: int = 0
    kind: str = ""
    first: int = 0
    last: int = FOREVER

    @property
    def level(self):
        return bool(self.account_id), bool(self.model_id), bool(self.provider_id)


class Book:
    """Prices of one side."""

    def __init__(self, prices):
        self.prices = list(prices)
        self._accounts = np.unique([p.account_id for p in self.prices] + [0])
        days = [p.first for p in self.prices] + [p.last + 1 for p in self.prices]
        self._days = np.unique(np.array([0, *days], np.int64))
        self._found = {}

    def find(self, account, provider, model, kind, day):
        """Places of prices in :attr:`prices`, :data:`NONE` where nothing fits.

        :param account, provider, model, kind, day: int arrays of one length; ``kind``
            holds codes of :data:`~.kinds.KINDS`
        """
        if not len(kind):
            return np.zeros(0, np.int64)
        own = np.where(np.isin(account, self._accounts), account, 0)
        since = self._days[np.maximum(np.searchsorted(self._days, day, "right") - 1, 0)]
        columns, places = _distinct([own, provider, model, kind, since])
        keys = zip(*(column.tolist() for column in columns), strict=True)
        found = [self._place(*key) for key in keys]
        return np.array(found, np.int64)[places]

    def _place(self, *key):
        if key not in self._found:
            self._found[key] = self._look(*key)
        return self._found[key]

    def _look(self, account, provider, model, kind, day):
        name = KINDS[kind]
        chain = (*CHAINS.get(name, (name,)), "")
        best, place = None, NONE
        for number, price in enumerate(self.prices):
            fits = (
                price.first <= day <= price.last
                and price.account_id in (0, account)
                and price.provider_id in (0, provider)
                and price.model_id in (0, model)
                and price.kind in chain
            )
            rank = (*price.level, -chain.index(price.kind) if fits else 0)
            if fits and (best is None or rank > best):
                best, place = rank, number
        return place


def _distinct(columns):
    """(columns of the distinct rows, place of each row in them)."""
    codes = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, inverse = np.unique(column, return_inverse=True)
        codes = codes * len(values) + inverse.reshape(-1)
        # Numbers stay small: as many as there are rows at most.
        _all, codes = np.unique(codes, return_inverse=True)
        codes = codes.reshape(-1)
    _codes, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return [np.asarray(column)[first] for column in columns], inverse.reshape(-1)
