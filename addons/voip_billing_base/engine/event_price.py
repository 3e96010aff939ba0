"""Unit prices of usage events: which one counts, and what units come to.

Money is integers in units of 10**-8. A price says what ``per`` units cost; free units
come first in each month, then tiers. Progressive: each unit has the price of the tier
it lies in. Whole: all units of the month have the price of the tier that the last one
lies in, so the event that reaches a tier also corrects the units before it.
"""

from dataclasses import dataclass

import numpy as np

from .exact import INT64_MAX, largest, narrow, put

PARTS = ("usage", "carrier_fee", "surcharge")
# What an event may tell of itself for a price to ask for, the strongest first.
ASKED = ("campaign", "carrier", "model", "kind")
LONGEST = 15  # digits of a number (E.164)
FOREVER = 10**7


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price of a list.

    ``account_id`` 0, and texts that are empty, mean all. ``first`` and ``last`` are
    days since 1970. ``tiers`` are (first unit from 1, price), ascending, the first of
    them from 1.
    """

    id: int
    list_id: int
    type_id: int
    part: str
    tiers: tuple
    account_id: int = 0
    prefix: str = ""
    campaign: str = ""
    carrier: str = ""
    model: str = ""
    kind: str = ""
    first: int = 0
    last: int = FOREVER
    whole: bool = False
    free: int = 0
    per: int = 1

    @property
    def metered(self):
        """Whether it depends on the units of the month before."""
        return self.free > 0 or len(self.tiers) > 1

    @property
    def rank(self):
        """Of prices that fit, the greatest counts."""
        asked = (bool(getattr(self, name)) for name in ASKED)
        return (self.account_id > 0, *asked, len(self.prefix), self.first)


@dataclass(frozen=True, slots=True)
class Told:
    """What an event tells of itself; ``to`` is digits of the destination."""

    list_id: int
    account_id: int
    type_id: int
    day: int
    to: str = ""
    campaign: str = ""
    carrier: str = ""
    model: str = ""
    kind: str = ""


class PriceBook:
    """Prices of some lists, and what was found in them."""

    def __init__(self, prices):
        self._by_type = {}
        self._known = {name: set() for name in ASKED}
        self._prefixes, self._accounts, self._found = set(), set(), {}
        for price in prices:
            self._by_type.setdefault((price.list_id, price.type_id), []).append(price)
            self._prefixes.add(price.prefix)
            self._accounts.add(price.account_id)
            for name, known in self._known.items():
                known.add(getattr(price, name))

    def find(self, told):
        """{part: :class:`UnitPrice`} of what counts for an event; {}: nothing."""
        key = self._key(told)
        if key not in self._found:
            self._found[key] = self._look(key)
        return self._found[key]

    def _key(self, told):
        """What of an event any price asks for: few events differ in that."""
        account = told.account_id if told.account_id in self._accounts else 0
        asked = (getattr(told, name) for name in ASKED)
        asked = (
            value if value in known else ""
            for value, known in zip(asked, self._known.values(), strict=True)
        )
        prefix = self._prefix_of(told.to)
        return told.list_id, told.type_id, account, told.day, prefix, *asked

    def _prefix_of(self, number):
        """The longest prefix in the book; all others that fit are in it."""
        for length in range(min(len(number), LONGEST), 0, -1):
            if number[:length] in self._prefixes:
                return number[:length]
        return ""

    def _look(self, key):
        list_id, type_id, account, day, prefix, *asked = key
        best = {}
        for price in self._by_type.get((list_id, type_id), ()):
            wanted = [getattr(price, name) for name in ASKED]
            fits = (
                price.first <= day <= price.last
                and price.account_id in (0, account)
                and prefix.startswith(price.prefix)
                and all(w in ("", v) for w, v in zip(wanted, asked, strict=True))
            )
            known = best.get(price.part)
            if fits and (known is None or price.rank > known.rank):
                best[price.part] = price
        return best


@dataclass(frozen=True, slots=True)
class Slice:
    """Units of some events that have one price.

    ``rows`` are places of the events. ``word`` is ``""``, ``included`` for free units,
    or ``volume`` where units before are corrected to a new tier; then ``units`` is 0
    and ``base`` how many are.
    """

    rows: np.ndarray
    units: np.ndarray
    base: np.ndarray
    price: int
    amount: np.ndarray
    word: str


def amounts(units, price, per):
    """``units`` of a price for ``per`` of them, half-up on the magnitude."""
    size = np.abs(units)
    if 2 * largest(size) * abs(price) + per > INT64_MAX:
        size = size.astype(object)
    worth = (2 * size * abs(price) + per) // (2 * per)
    return narrow(np.where((units < 0) ^ (price < 0), -worth, worth))


def slices(price, start, units):
    """What events cost by one price.

    :param start: int64 array, units of the month before each event
    :param units: int64 array
    :return: list of :class:`Slice`; each event has one at least, and their ``units``
        add up to its own
    """
    free = np.clip(np.minimum(start + units, price.free) - start, 0, units)
    found = [_slice(price, free, 0, "included")]
    found += (_whole if price.whole else _progressive)(price, start, units, free)
    nothing = np.flatnonzero(units == 0)
    zero = np.zeros(nothing.size, np.int64)
    found.append(Slice(nothing, zero, zero, price.tiers[0][1], zero, ""))
    return [one for one in found if one.rows.size]


def _progressive(price, start, units, free):
    begin, end = start + free, start + units
    tops = [first - 1 for first, _price in price.tiers[1:]]
    low = 0
    found = []
    for (_first, unit_price), top in zip(price.tiers, [*tops, None], strict=True):
        high = end if top is None else np.minimum(end, top)
        inside = np.clip(high - np.maximum(begin, low), 0, None)
        found.append(_slice(price, inside, unit_price, ""))
        low = top
    return found


def _whole(price, start, units, free):
    firsts = np.array([first for first, _price in price.tiers], np.int64)
    prices = [unit_price for _first, unit_price in price.tiers]
    tier, before = (
        np.clip(np.searchsorted(firsts, moment, "right") - 1, 0, None)
        for moment in (start + units, start)
    )
    paid = np.clip(start - price.free, 0, None)
    found = []
    for place, unit_price in enumerate(prices):
        inside = np.where(tier == place, units - free, 0)
        found.append(_slice(price, inside, unit_price, ""))
        for old in range(place):
            moved = np.where((tier == place) & (before == old), paid, 0)
            rows = np.flatnonzero(moved)
            change = amounts(moved[rows], unit_price - prices[old], price.per)
            none = np.zeros(rows.size, np.int64)
            found.append(Slice(rows, none, moved[rows], unit_price, change, "volume"))
    return found


def _slice(price, inside, unit_price, word):
    rows = np.flatnonzero(inside)
    own = inside[rows]
    worth = amounts(own, unit_price, price.per)
    return Slice(rows, own, own, unit_price, worth, word)


def volumes(keys, units, before):
    """Units of the month before each event, of events in their order.

    :param keys: list of what is counted apart, one for each event
    :param units: int64 array
    :param before: {key: units before all of them}; is brought up to date
    :return: int64 array
    """
    start = np.zeros(len(keys), np.int64)
    for place, (key, more) in enumerate(zip(keys, units.tolist(), strict=True)):
        start[place] = before.get(key, 0)
        before[key] = before.get(key, 0) + more
    return start


def total(parts, count):
    """Sums (int array) of :class:`Slice` for each of ``count`` events."""
    sums = np.zeros(count, np.int64)
    for one in parts:
        sums = put(sums, one.rows, sums[one.rows] + one.amount)
    return sums
