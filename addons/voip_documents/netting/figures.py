"""How much of each item is netted. Decimals in and out, no Odoo here.

An item has two sides: above zero the partner owes it to us, below zero we owe it. In
each currency the smaller side is netted in full. What then remains in one currency is
netted against what remains in another one where their rate was agreed, in the order of
the rates. Each side gives its oldest due items first.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Item:
    """An open item, as far as it is taken.

    :param key: what names it; of two that are due on one day the smaller goes first
    :param amount: above zero the partner owes it, below zero we do
    """

    key: int
    currency: str
    amount: Decimal
    due: date


@dataclass(frozen=True, slots=True)
class Pair:
    """An agreed rate: one unit of ``one`` is ``rate`` units of ``other``."""

    one: str
    other: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a match.

    :param amounts: {key of an item: its amount above zero}
    """

    currency: str
    amounts: dict

    @property
    def total(self):
        return sum(self.amounts.values(), ZERO)


@dataclass(frozen=True, slots=True)
class Match:
    """What is set off by one entry: ``theirs`` they owe, ``ours`` we owe."""

    theirs: Part
    ours: Part


@dataclass(slots=True)
class Total:
    """One currency: what was taken on either side, what is netted, what remains."""

    theirs: Decimal = ZERO
    ours: Decimal = ZERO
    theirs_netted: Decimal = ZERO
    ours_netted: Decimal = ZERO

    @property
    def left(self):
        """Above zero the partner owes it, below zero we do."""
        return self.theirs - self.theirs_netted - self.ours + self.ours_netted


@dataclass(slots=True)
class Result:
    """:param totals: {currency: :class:`Total`}"""

    matches: list = field(default_factory=list)
    totals: dict = field(default_factory=dict)

    def netted(self):
        """{key of an item: how much of it is netted}"""
        amounts = {}
        for match in self.matches:
            for part in (match.theirs, match.ours):
                for key, amount in part.amounts.items():
                    amounts[key] = amounts.get(key, ZERO) + amount
        return amounts


def rounded(value, decimals):
    """``value`` half up to ``decimals`` places, exactly."""
    with localcontext() as context:
        context.prec = 100
        return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def net(items, pairs=(), decimals=None):
    """Set items off.

    :param pairs: agreed rates, in order
    :param decimals: {currency: places}, 2 where it is not there
    :return: :class:`Result`
    """
    queues = {}
    for item in sorted(items, key=lambda each: (each.due, each.key)):
        if item.amount:
            queue = queues.setdefault((item.currency, item.amount > 0), [])
            queue.append([item.key, abs(item.amount)])
    result = Result()
    for (currency, is_theirs), queue in queues.items():
        total = result.totals.setdefault(currency, Total())
        setattr(total, "theirs" if is_theirs else "ours", _sum(queue))
    for currency in sorted(result.totals):
        theirs, ours = _queues(queues, currency, currency)
        amount = min(_sum(theirs), _sum(ours))
        _match(result, currency, theirs, amount, currency, ours, amount)
    for pair in pairs:
        for pair_ in (pair, _turned(pair)):
            _across(result, queues, pair_, decimals or {})
    return result


def _turned(pair):
    """The same rate, where it is the other currency that they owe."""
    return Pair(pair.other, pair.one, -pair.rate)


def _across(result, queues, pair, decimals):
    """Net what they owe in ``pair.one`` against what we owe in ``pair.other``."""
    theirs, ours = _queues(queues, pair.one, pair.other)
    owed, owing = _sum(theirs), _sum(ours)
    worth = _exchanged(owed, pair.rate, decimals.get(pair.other, 2))
    if worth <= owing:
        owing = worth
    else:
        back = _exchanged(owing, -pair.rate, decimals.get(pair.one, 2))
        owed = min(owed, back)
    _match(result, pair.one, theirs, owed, pair.other, ours, owing)


def _exchanged(amount, rate, places):
    """``amount`` times ``rate``; divided by it where it is below zero."""
    with localcontext() as context:
        context.prec = 100
        return rounded(amount * rate if rate > 0 else amount / -rate, places)


def _queues(queues, theirs, ours):
    return queues.get((theirs, True), []), queues.get((ours, False), [])


def _sum(queue):
    return sum((amount for _key, amount in queue), ZERO)


def _match(result, currency, theirs, owed, other, ours, owing):
    if not owed or not owing:
        return
    match = Match(Part(currency, _take(theirs, owed)), Part(other, _take(ours, owing)))
    result.totals[currency].theirs_netted += owed
    result.totals[other].ours_netted += owing
    result.matches.append(match)


def _take(queue, amount):
    """Take ``amount`` from the front of a queue."""
    taken = {}
    while amount:
        key, there = queue[0]
        taken[key] = min(there, amount)
        amount -= taken[key]
        queue[0][1] -= taken[key]
        if not queue[0][1]:
            queue.pop(0)
    return taken


def shares(amounts, total, decimals):
    """Divide ``total`` (above zero) as ``amounts`` are, to the last unit.

    :param amounts: {key: amount above zero}
    :return: {key: share}; they add up to ``total`` exactly
    """
    whole, sum_before, share_before, found = sum(amounts.values()), ZERO, ZERO, {}
    for key, amount in amounts.items():
        sum_before += amount
        with localcontext() as context:
            context.prec = 100
            share = rounded(total * sum_before / whole, decimals)
        found[key] = share - share_before
        share_before = share
    return found
