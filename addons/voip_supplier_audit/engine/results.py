"""What a diagnosis takes as proven, and what it answers."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """Money that records prove by themselves, a row per line.

    Amounts are scaled, and before what is done to whole lines (currency, tax).
    """

    kind: str
    amount: np.ndarray
    calls: np.ndarray
    seconds: np.ndarray


@dataclass(frozen=True, slots=True)
class Explanation:
    """What explains ``amount`` (scaled, theirs minus ours) of a line.

    ``evidence`` has the supposition's own, and ``lines``, ``calls`` and ``figures``
    (names of printed figures) that agree; ``whole`` says that it is of the invoice.
    """

    kind: str
    amount: int
    evidence: dict
    whole: bool = False


@dataclass(frozen=True, slots=True)
class LineResult:
    """A line: scaled amounts; ``ties`` are tuples of kinds that give the same money."""

    ours: int
    theirs: int
    explanations: tuple
    unexplained: int
    within_tolerance: bool
    ties: tuple = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All lines, and the kinds of what explains the whole, simplest tie first.

    ``beside`` are explanations of what the total has beyond the lines.
    """

    lines: tuple
    whole: tuple
    ties: tuple
    unexplained: int
    beside: tuple = ()

    def explained(self):
        """Scaled amounts by kind, over all lines."""
        result = {}
        for one in (*sum((x.explanations for x in self.lines), ()), *self.beside):
            result[one.kind] = result.get(one.kind, 0) + one.amount
        return result
