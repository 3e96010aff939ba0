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

    def exactness(self, cost):
        """Digits of the longest code that the number begins with; None: no code."""
        if not self.codes:
            return 0
        found = [len(code) for code in self.codes if cost.number.startswith(code)]
        return max(found, default=None)
