"""A rate deck compiled for matching whole columns of calls.

Only the rates active at the moment of a call count. Time is cut into epochs at every
``effective_from`` and ``effective_to``; an epoch is compiled when a call falls into it.
"""

from collections import deque
from dataclasses import dataclass
from threading import Lock

import numpy as np

from .codes import check_range, choose
from .columns import POW10
from .intervals import Intervals, compile_prefixes
from .money import PRICE_SCALE, ROUNDINGS
from .seconds import DURATION_ROUNDINGS, FORMULAS, GRACE_KINDS

MOMENTS = ("answer", "setup")
JURISDICTIONS = ("inter", "intra", "local", "indeterminate")
_EPOCHS_KEPT = 32
_SETS_KEPT = 4


@dataclass(frozen=True, slots=True)
class DeckSettings:
    """What a deck says once for all its rates.

    :param decides: the moment that picks the rate, ``answer`` or ``setup``
    :raise ValueError: for a value that does not exist
    """

    formula: str = "A"
    rounding: str = "half_up"
    decimals: int = 6
    duration_rounding: str = "up"
    grace_kind: str = "threshold"
    decides: str = "answer"

    def __post_init__(self):
        choose(self.formula, FORMULAS, "formula")
        choose(self.rounding, ROUNDINGS, "rounding")
        choose(self.duration_rounding, DURATION_ROUNDINGS, "duration rounding")
        choose(self.grace_kind, GRACE_KINDS, "grace kind")
        choose(self.decides, MOMENTS, "moment")
        check_range(self.decimals, 0, PRICE_SCALE, "decimals", ValueError)


@dataclass(frozen=True, slots=True, eq=False)
class _Origins:
    """The rates of one epoch that ask for an origin.

    ``tables`` holds (digits, sorted origins of that many digits, id of the first),
    longest first; ``keys`` are slot · ``count`` + origin id, sorted, ``rows`` the rate
    of each; ``asks`` tells which slots have any (with a row for slot -1).
    """

    tables: list
    count: int
    keys: np.ndarray
    rows: np.ndarray
    asks: np.ndarray

    def find(self, slot, callers, caller_lengths):
        """Return the rate of the longest origin of each caller, -1 = none."""
        found = np.full(slot.size, -1, np.int64)
        for digits, origins, first in self.tables:
            rest = np.flatnonzero((found < 0) & (caller_lengths >= digits))
            if not rest.size:
                continue
            start = callers[rest] // POW10[caller_lengths[rest] - digits]
            place = np.minimum(origins.searchsorted(start), origins.size - 1)
            known = origins[place] == start
            rest = rest[known]
            key = slot[rest].astype(np.int64) * self.count + first + place[known]
            at = np.minimum(self.keys.searchsorted(key), self.keys.size - 1)
            found[rest] = np.where(self.keys[at] == key, self.rows[at], -1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Epoch:
    """The rates active between two neighbouring changes of a deck.

    ``plain`` is the rate without origin of each slot, -1 = none, last row = slot -1.
    """

    intervals: Intervals
    plain: np.ndarray
    origins: _Origins | None

    def match(self, numbers, lengths, callers, caller_lengths):
        slot = self.intervals.find(numbers, lengths)
        result = self.plain[slot]
        if self.origins is None:
            return result
        rows = np.flatnonzero(self.origins.asks[slot])
        at = slot[rows]
        while rows.size:
            found = self.origins.find(at, callers[rows], caller_lengths[rows])
            found = np.where(found >= 0, found, self.plain[at])
            result[rows] = found
            at = self.intervals.parent[at]
            rest = (found < 0) & (at >= 0)
            rows, at = rows[rest], at[rest]
        return result


def _origin_tables(rates, rows):
    """Number the distinct origins of ``rows``: ``(tables, count, id of each row)``."""
    origins, lengths = rates.origin[rows], rates.origin_len[rows]
    tables, count = [], 0
    ids = np.zeros(rows.size, np.int64)
    for digits in np.unique(lengths)[::-1].tolist():
        mask = lengths == digits
        distinct, inverse = np.unique(origins[mask], return_inverse=True)
        tables.append((digits, distinct, count))
        ids[mask] = inverse + count
        count += distinct.size
    return tables, count, ids


def _compile_origins(rates, rows, slot, slots):
    """Compile rates with an origin; ``slot`` is the slot of each of ``rows``."""
    tables, count, ids = _origin_tables(rates, rows)
    keys = slot * count + ids
    order = np.argsort(keys)
    asks = np.zeros(slots + 1, bool)
    asks[slot] = True
    return _Origins(tables, count, keys[order], rows[order], asks)


def _differs(*columns):
    """Return True where a row differs from the one before it, in any column."""
    first = np.ones(columns[0].size, bool)
    if first.size:
        first[1:] = np.logical_or.reduce([c[1:] != c[:-1] for c in columns])
    return first


class CompiledDeck:
    """Rates and settings, ready to match; safe to share between threads.

    :param rates: :class:`Rates`
    :param settings: :class:`DeckSettings`
    """

    def __init__(self, rates, settings=None):
        self.rates = rates
        self.settings = settings or DeckSettings()
        # Most decks have neither, and their calls are not asked for them.
        self.has_first_prices = bool((rates.first_price >= 0).any())
        self.has_attempt_fees = bool(rates.attempt_fee.any())
        # Groups of one prefix and origin lie together, the version that wins last.
        self._order = np.lexsort(
            (
                rates.rate_id,
                rates.effective_from,
                rates.origin,
                rates.origin_len,
                rates.prefix,
                rates.prefix_len,
            )
        )
        self._changes = np.unique(
            np.concatenate((rates.effective_from, rates.effective_to))
        )
        self._epochs = {}
        self._prefixes = deque(maxlen=_SETS_KEPT)
        self._lock = Lock()

    def _compile(self, number):
        rates, order = self.rates, self._order
        if number < 0:
            order = order[:0]
        else:
            at = self._changes[number]
            order = order[
                (rates.effective_from[order] <= at) & (rates.effective_to[order] > at)
            ]
        prefix, prefix_len = rates.prefix[order], rates.prefix_len[order]
        origin, origin_len = rates.origin[order], rates.origin_len[order]
        first = _differs(prefix, prefix_len, origin, origin_len)
        # The last of a group wins: the row before the next group begins.
        wins = np.append(first[1:], True) if order.size else first
        order, prefix, prefix_len = order[wins], prefix[wins], prefix_len[wins]
        opens = _differs(prefix, prefix_len)
        slot = np.cumsum(opens) - 1
        intervals = self._intervals(prefix[opens], prefix_len[opens])
        slots = int(opens.sum())
        asking = origin_len[wins] > 0
        plain = np.full(slots + 1, -1, np.int64)
        plain[slot[~asking]] = order[~asking]
        origins = None
        if asking.any():
            origins = _compile_origins(rates, order[asking], slot[asking], slots)
        return _Epoch(intervals, plain, origins)

    def _intervals(self, prefixes, lengths):
        """Compiled prefixes; most epochs change prices only and have the same."""
        for known, sizes, intervals in self._prefixes:
            if np.array_equal(known, prefixes) and np.array_equal(sizes, lengths):
                return intervals
        intervals = compile_prefixes(prefixes, lengths)
        self._prefixes.append((prefixes, lengths, intervals))
        return intervals

    def _epoch(self, number):
        with self._lock:
            epoch = self._epochs.pop(number, None)
            if epoch is None:
                epoch = self._compile(number)
            self._epochs[number] = epoch
            if len(self._epochs) > _EPOCHS_KEPT:
                del self._epochs[next(iter(self._epochs))]
            return epoch

    def match(self, numbers, lengths, callers, caller_lengths, at_us):
        """Find the rate of each call.

        The longest called prefix with a rate that fits the caller wins; there the
        longest origin wins, a rate without origin comes last. Of several versions the
        one that began last wins, then the highest ``rate_id``.

        :param numbers: int64, called E.164 numbers; ``lengths``: their digits, 0..15
        :param callers: int64; ``caller_lengths``: their digits, 0 = unknown
        :param at_us: int64, the moment that decides
        :return: int64 positions in the rates, -1 = no rate
        """
        epoch = self._changes.searchsorted(at_us, side="right") - 1
        if not epoch.size:
            return np.empty(0, np.int64)
        if epoch.min() == epoch.max():
            one = self._epoch(int(epoch[0]))
            return one.match(numbers, lengths, callers, caller_lengths)
        result = np.empty(epoch.size, np.int64)
        for number in np.unique(epoch).tolist():
            rows = np.flatnonzero(epoch == number)
            result[rows] = self._epoch(number).match(
                numbers[rows], lengths[rows], callers[rows], caller_lengths[rows]
            )
        return result

    def prices(self, rows, jurisdictions):
        """Return the price per minute of rates for the jurisdiction of each call.

        :param rows: int64 positions in the rates
        :param jurisdictions: int8 codes of :data:`JURISDICTIONS`
        :return: int64 scaled; intra and local fall back to the inter price,
            indeterminate to the higher of inter and intra
        """
        rates = self.rates
        inter = rates.price[rows]
        if not jurisdictions.any():
            return inter
        intra, local = rates.price_intra[rows], rates.price_local[rows]
        unknown = rates.price_indeterminate[rows]
        special = np.select(
            [jurisdictions == 1, jurisdictions == 2, jurisdictions == 3],
            [intra, local, np.where(unknown >= 0, unknown, np.maximum(inter, intra))],
            inter,
        )
        return np.where(special >= 0, special, inter)

    def first_prices(self, rows, jurisdictions, prices):
        """Return the price per minute of the first increment of each call.

        :param rows, jurisdictions: as :meth:`prices` has them; ``prices``: its result
        :return: int64 scaled: that of the rate where its price per minute is taken,
            else the price of the jurisdiction; None where no rate has one
        """
        if not self.has_first_prices:
            return None
        rates = self.rates
        first = rates.first_price[rows]
        own = first >= 0
        if jurisdictions.any():
            own &= ~self._of_jurisdiction(rows, jurisdictions)
        return np.where(own, first, prices)

    def _of_jurisdiction(self, rows, jurisdictions):
        """Where a price of the jurisdiction is taken, not the price per minute."""
        rates = self.rates
        intra, unknown = rates.price_intra[rows], rates.price_indeterminate[rows]
        return np.select(
            [jurisdictions == 1, jurisdictions == 2, jurisdictions == 3],
            [
                intra >= 0,
                rates.price_local[rows] >= 0,
                (unknown >= 0) | (intra > rates.price[rows]),
            ],
            False,
        )
