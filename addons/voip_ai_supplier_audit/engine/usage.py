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


def assign(costs, lines):
    """Put each cost on the line that names it most exactly.

    Lines that name it alike have in turn at most what they charge, the last one what
    is left.

    :param costs: iterable of :class:`Cost`
    :param lines: list of :class:`Line` in their order
    :return: ({key of a line: [(cost, amount)]}, [costs on no line])
    """
    found, left = {line.key: [] for line in lines}, []
    rest = {line.key: line.amount for line in lines}
    for cost in costs:
        named, amount = _named(cost, lines), cost.amount
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
    """The lines that name it most exactly, in their order."""
    asked = [(line.exactness(cost), line) for line in lines if line.covers(cost)]
    asked = [(exact, line) for exact, line in asked if exact is not None]
    most = max((exact for exact, _line in asked), default=None)
    return [line for exact, line in asked if exact == most]
