"""Which price counts: whose, for which model and kind, on which day.

Levels come first, kinds within a level second. The levels are the account's own prices,
then those of the model, then those of its provider, then those for everything. In the
first level that has any price for the kind, one of its parents' or one for all kinds,
the nearest kind counts. So an account whose own price is for ``input`` pays it for
cached input too, whatever a general price of cached input says.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from .kinds import CHAINS, KINDS

FOREVER = 10**7
NONE = -1
# Codes that fit 64 bits, and codes of which there is a table.
WIDEST = 2**40
TABLE = 2**22


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
    def name(self):
        """Level and kind."""
        return self.account_id, self.model_id, self.provider_id, self.kind


class Book:
    """Prices of one side."""

    def __init__(self, prices):
        self.prices = list(prices)
        self._accounts = np.unique([p.account_id for p in self.prices] + [0])
        days = [p.first for p in self.prices] + [p.last + 1 for p in self.prices]
        self._days = np.unique(np.array([0, *days], np.int64))
        self._named, self._found = {}, {}
        for place, price in enumerate(self.prices):
            self._named.setdefault(price.name, []).append(place)

    def find(self, account, provider, model, kind, day):
        """Places of prices in :attr:`prices`, :data:`NONE` where nothing fits.

        :param account, provider, model, kind, day: int arrays of one length; ``kind``
            holds codes of :data:`~.kinds.KINDS`
        """
        if not len(kind):
            return np.zeros(0, np.int64)
        place = np.searchsorted(self._accounts, account)
        place = np.minimum(place, len(self._accounts) - 1)
        own = np.where(self._accounts[place] == account, account, 0)
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
        levels = product(*(dict.fromkeys((n, 0)) for n in (account, model, provider)))
        for level in levels:
            for one in chain:
                for place in self._named.get((*level, one), ()):
                    if self.prices[place].first <= day <= self.prices[place].last:
                        return place
        return NONE


def _distinct(columns):
    """(columns of the distinct rows, place of each row in them).

    A row is one number below the product of the columns' widths. While that is small
    the distinct ones are ticked off in a table, which is quicker than sorting.
    """
    codes, width = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        low = int(column.min())
        span = int(column.max()) - low + 1
        if width * span > WIDEST:
            _all, codes = np.unique(codes, return_inverse=True)
            codes, width = codes.reshape(-1), len(_all)
        codes = codes * span + (column - low)
        width *= span
    if width > TABLE:
        _codes, first, places = np.unique(
            codes, return_index=True, return_inverse=True
        )
        return [column[first] for column in columns], places.reshape(-1)
    last = np.full(width, -1, np.int64)
    last[codes] = np.arange(len(codes))
    there = last >= 0
    places = (np.cumsum(there) - 1)[codes]
    return [column[last[there]] for column in columns], places
