"""An invoice of very many lines, a thousand at a time.

What is tried is kept by line, so that all at once would fill the memory. What explains
the whole is found on lines that lie evenly over it; those that it does not make right
are looked at together, so that several at once are still evidence for each other.
"""

from dataclasses import replace

import numpy as np

from .diagnose import Work
from .results import Diagnosis
from .supposed import Pricing
from .tally import tally

# So many lines are tried at once.
AT_ONCE = 1_000


class Parts:
    """Lines with our calls on them, of which some can be taken.

    :param pricing: :class:`~.supposed.Pricing` of all lines
    :param calls: :class:`~.tally.OurCalls` on them
    :param facts: :class:`~.results.Fact` s of the records
    :param has_records: whether calls have amounts of theirs as evidence
    """

    def __init__(self, pricing, calls, facts, has_records):
        self.pricing, self.calls, self.facts = pricing, calls, facts
        self.has_records = has_records

    def take(self, rows):
        """(pricing, calls as evidence or None, facts) of lines, in that order."""
        size = len(self.pricing.lines)
        place = np.full(size + 1, -1, np.int64)
        place[rows] = np.arange(rows.size)
        line = place[self.calls.line]
        calls = _columns(self.calls, np.flatnonzero(line >= 0))
        calls = replace(calls, line=place[calls.line])
        lines = _columns(self.pricing.lines, rows)
        kinds = {int(place[row]): kind for row, kind in lines.kinds.items()}
        kinds.pop(-1, None)
        before = self.pricing.tally
        pricing = Pricing(
            tally(calls, before.agreed, before.borders),
            replace(lines, kinds=kinds),
            self.pricing.period,
        )
        facts = tuple(_columns(fact, rows) for fact in self.facts)
        return pricing, calls if self.has_records else None, facts


def diagnose_parts(parts, rule, tries_of, proven, depth):
    """As :func:`~.diagnose.diagnose`, of many lines.

    :param parts: :class:`Parts`
    :param tries_of: function of (pricing, calls, facts) that lists suppositions
    """
    size = len(parts.pricing.lines)
    some = np.unique(np.linspace(0, size - 1, AT_ONCE).astype(np.int64))
    pricing, calls, facts = parts.take(some)
    tries = tuple(tries_of(pricing, calls, facts))
    work = Work(pricing, rule, tries, facts, proven, calls)
    whole, ties = work.of_whole(depth)
    evidence = parts.calls if parts.has_records else None
    work = Work(parts.pricing, rule, tries, parts.facts, proven, evidence)
    wrong, swapped = work.wrong(whole)
    order = np.argsort(~wrong, kind="stable")
    found = [None] * size
    for first in range(0, size, AT_ONCE):
        rows = order[first : first + AT_ONCE]
        pricing, calls, facts = parts.take(rows)
        work = Work(pricing, rule, tries, facts, proven, calls)
        rows = rows.tolist()
        mine = {n: swapped[row] for n, row in enumerate(rows) if row in swapped}
        chosen = work.of_lines(whole, depth, mine)
        told = work.result(whole, ties, chosen, None)
        for row, line in zip(rows, told.lines, strict=True):
            found[row] = line
    rest = sum(line.unexplained for line in found)
    return Diagnosis(tuple(found), told.whole, ties, rest)


def _columns(table, rows):
    """Some rows of a dataclass of columns."""
    columns = {
        name: value[rows]
        for name in table.__dataclass_fields__
        if isinstance(value := getattr(table, name), np.ndarray)
    }
    return replace(table, **columns)
