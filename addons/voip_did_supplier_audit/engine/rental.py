"""Which line of an invoice the cost of a number and month is on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What a number costs in a month of its supplier, setup with it; exact."""

    number: str
    first: date
    last: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """A line about numbers: those that begin with one of ``codes``, all without any.

    ``day`` lies in the month that it is for; None: the months that begin from ``since``
    to ``until``, both included.
    """

    key: int
    codes: tuple
    day: date | None
    since: date
    until: date
    amount: Decimal

    def covers(self, cost):
        if self.day:
            return cost.first <= self.day <= cost.last
        return self.since <= cost.first <= self.until

    def length(self, cost):
        """Digits of the longest code that the number begins with; None: no code."""
        if not self.codes:
            return 0
        found = [len(code) for code in self.codes if cost.number.startswith(code)]
        return max(found, default=None)


def assign(costs, lines):
    """Put each cost on the line that names its number most exactly.

    Lines that name it alike, as of setup and of rental, have in turn at most what they
    charge, the last one what is left.

    :param costs: iterable of :class:`Cost`
    :param lines: list of :class:`Line` in their order
    :return: ({key of a line: [(cost, amount)]}, [costs on no line])
    """
    found, left = {line.key: [] for line in lines}, []
    rest = {line.key: line.amount for line in lines}
    for cost in costs:
        named = _named(cost, lines)
        amount = cost.amount
        for line in named[:-1]:
            part = min(max(rest[line.key], Decimal(0)), amount)
            if part > 0:
                found[line.key].append((cost, part))
                rest[line.key] -= part
                amount -= part
        if named and amount:
            found[named[-1].key].append((cost, amount))
            rest[named[-1].key] -= amount
        elif not named:
            left.append(cost)
    return found, left


def _named(cost, lines):
    """The lines that name the number most exactly, in their order."""
    asked = [(line.length(cost), line) for line in lines if line.covers(cost)]
    lengths = [length for length, _line in asked if length is not None]
    if not lengths:
        return []
    longest = max(lengths)
    return [line for length, line in asked if length == longest]
