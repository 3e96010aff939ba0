"""Which line of an invoice the cost of a model, kind and day is on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What the sessions of a day cost of a kind of a model; exact.

    ``model`` is its id, 0 of what has none, as speech that names only its provider.
    """

    model: int
    kind: str
    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """A line about a model (None: all) and a kind with what is part of it ("": all).

    ``day`` None: from ``since`` to ``until``, both included.
    """

    key: int
    model: int | None
    kind: str
    day: date | None
    since: date
    until: date
    amount: Decimal

    def covers(self, cost):
        if self.day:
            return cost.day == self.day
        return self.since <= cost.day <= self.until

    def exactness(self, cost):
        """How exactly it names what was used; None: something else."""
        if self.model is not None and self.model != cost.model:
            return None
        if self.kind and not f"{cost.kind}.".startswith(f"{self.kind}."):
            return None
        parts = len(self.kind.split(".")) if self.kind else 0
        return self.model is not None, parts, self.day is not None
