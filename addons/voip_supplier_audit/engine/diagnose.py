"""Why an invoice is not what we expected: of the whole first, then of its lines.

Every combination of suppositions that may be so together is priced. What makes the most
lines right is taken for the whole invoice, the fewest and simplest suppositions first;
lines that are still wrong are tried again in that light. A supposition is claimed only
with evidence beside the sum: printed calls or minutes that agree with it and not
without it, calls whose amounts it gives, or several lines at once.
"""

import numpy as np

from .priced import find_priced
from .results import Diagnosis, Explanation, LineResult
from .rules import STATED, combined, merged
from .summary import sum_difference
from .supposed import Figures, times
from .swapped import find_swapped

DEPTH = 3
TIES = 3  # others shown beside the one taken
LINES_AT_ONCE = 3
CALLS_APART = 3  # a count that agrees says little if it was one call off before
MINUTES_APART = 5  # printed units
REPRODUCED = 0.8  # of the calls with an amount of theirs
_GAIN = 0.2  # of the money in dispute, where no lines come right


def diagnose(
    pricing,
    rule,
    suppositions,
    facts=(),
    proven=(),
    depth=DEPTH,
    calls=None,
    total=None,
):
    """Explain the lines of an invoice.

    :param pricing: :class:`~.supposed.Pricing`
    :param rule: :class:`~.rules.Rule` as agreed
    :param suppositions: what may be different, simplest first
    :param facts: :class:`Fact` of the records
    :param proven: suppositions that the records prove; they always hold
    :param calls: :class:`~.tally.OurCalls` with their amounts, as further evidence
    :param total: scaled total of the invoice; None: it is not looked at
    :return: :class:`Diagnosis`
    """
    work = Work(pricing, rule, tuple(suppositions), facts, tuple(proven), calls)
    whole, ties = work.of_whole(depth)
    chosen = work.of_lines(whole, depth)
    return work.result(whole, ties, chosen, total)


class Work:
    """The steps of a diagnosis; parts of an invoice take them one by one."""

    def __init__(self, pricing, rule, suppositions, facts, proven, calls):
        self.pricing, self.lines = pricing, pricing.lines
        self.rule, self.suppositions = rule, suppositions
        self.facts, self.proven, self.calls = facts, proven, calls
        self.base = merged(rule, proven)
        self.swapped, self.priced = {}, {}
        self._reproduced, self._amounts = {}, {}
        none = np.zeros(len(self.lines), np.int64)
        self.extra = sum((f.amount for f in facts), none)
        self.extra_calls = sum((f.calls for f in facts), none)
        self.extra_seconds = sum((f.seconds for f in facts), none)
        self.tolerance = self._tolerance()

    def _tolerance(self):
        """Half a printed unit of the amount, and of the minutes at the line's price."""
        agreed, tallied = self.pricing.tally.agreed, self.pricing.tally
        price = np.maximum(self.lines.price, 0)
        dearer = np.maximum(agreed.price, agreed.old_price)[tallied.cell_rate]
        np.maximum.at(price, tallied.cell_line, dearer)
        return self.lines.unit // 2 + price * self.lines.minute_unit // 120_000

    # === Tries === #

    def figures(self, chosen, light=()):
        """Figures with some suppositions (by position) on top of a light."""
        return self.pricing.figures(self.ruled(chosen, light))

    def ruled(self, chosen, light=()):
        places = (*light, *chosen)
        return merged(self.base, [self.suppositions[place] for place in places])

    def rest(self, chosen, light=()):
        """What is left of each line, scaled."""
        rule = self.ruled(chosen, light)
        extra = times(self.extra, rule.factor)
        return self.lines.amount - self.pricing.figures(rule).amount - extra

    def agreeing(self, figures):
        """Printed figures that agree: two columns (calls, minutes) of lines."""
        calls = self.lines.calls == figures.calls + self.extra_calls
        billed = (figures.seconds + self.extra_seconds) * 1000
        apart = np.abs(self.lines.seconds_ms - billed)
        minutes = (self.lines.seconds_ms >= 0) & (apart <= self.lines.minute_unit)
        return np.stack((calls & (self.lines.calls >= 0), minutes))

    def informs(self, figures, before):
        """Lines of which a printed figure agrees, and clearly did not before."""
        calls, minutes = self.agreeing(figures) & ~self.agreeing(before)
        calls &= np.abs(figures.calls - before.calls) >= CALLS_APART
        apart = np.abs(figures.seconds - before.seconds) * 1000
        minutes &= apart >= MINUTES_APART * self.lines.minute_unit
        return calls | minutes

    # === Of the whole === #

    def of_whole(self, depth):
        """Positions of what explains the whole, and the kinds of ties."""
        combinations = combined(self.suppositions, depth)
        rests = np.stack([self.rest(chosen) for chosen in combinations])
        solved = np.abs(rests) <= self.tolerance
        best = self._most_lines(combinations, solved)
        if not solved[best].any() or 2 * solved[best].sum() < len(self.lines):
            best = self._most_money(combinations, rests, best)
        whole = combinations[best]
        if whole and not self._proven_whole(whole, solved[best], solved[0]):
            return (), ()
        close = np.abs(rests - rests[best]) <= self.tolerance
        ties = self._ties(combinations, np.flatnonzero(close.all(axis=1)), best)
        return whole, ties

    def _most_lines(self, combinations, solved):
        """The fewest suppositions that make right as many lines as any do.

        Each further one must make right at least one line in a hundred more.
        """
        counts = solved.sum(axis=1)
        sizes = np.array([len(chosen) for chosen in combinations])
        price = max(len(self.lines) // 100, 1)
        return int(np.argmax(counts - (price - 1) * sizes - 0.5 * (sizes > 0)))

    def _most_money(self, combinations, rests, best):
        """Where lines hardly come right: what leaves the least money, clearly less."""
        left = np.abs(rests).sum(axis=1).astype(float)
        sizes = np.array([len(chosen) for chosen in combinations])
        score = left + _GAIN * left[0] * sizes
        least = int(np.argmin(score))
        return least if left[least] < left[best] else best

    def _proven_whole(self, whole, solved, before):
        gives = self._gives_calls(whole)
        if gives is not None:
            return gives
        if (solved & ~before).sum() >= LINES_AT_ONCE:
            return True
        return bool(self.informs(self.figures(whole), self.figures(())).any())

    def _ties(self, combinations, places, best):
        """Kinds of other combinations no larger than the one taken."""
        most = len(combinations[best])
        others = [combinations[n] for n in places.tolist() if n != best]
        kinds = [self._kinds(chosen) for chosen in others if 0 < len(chosen) <= most]
        mine = self._kinds(combinations[best])
        return tuple(dict.fromkeys(k for k in kinds if k != mine))[:TIES]

    def _kinds(self, chosen):
        return tuple(self.suppositions[place].kind for place in chosen)

    # === Of the lines === #

    def wrong(self, whole):
        """Lines that the whole does not make right, and those of them that are swapped.

        :return: (bool of lines, as :func:`~.swapped.find_swapped` answers)
        """
        figures = self.figures(whole)
        wrong = self._is_wrong(whole)
        if not wrong.any():
            return wrong, {}
        ours = Figures(
            figures.calls + self.extra_calls,
            figures.seconds + self.extra_seconds,
            figures.amount + self.extra,
        )
        return wrong, find_swapped(self.lines, ours, self.tolerance, wrong)

    def _is_wrong(self, whole):
        return np.abs(self.rest(whole)) > self.tolerance

    def of_lines(self, whole, depth, swapped=None):
        """Positions that explain each line beside the whole: {line: (chosen, ties)}.

        :param swapped: as :meth:`wrong` told, where that is known
        """
        if swapped is None:
            wrong, swapped = self.wrong(whole)
        else:
            wrong = self._is_wrong(whole)
        self.swapped = swapped
        wrong[list(self.swapped)] = False
        if not wrong.any():
            return {}
        figures = self.figures(whole)
        rows = np.flatnonzero(wrong)
        taken = {name for place in whole for name in self.suppositions[place].change}
        free = [c for c in combined(self.suppositions, depth) if c]
        free = [chosen for chosen in free if not taken & self._changes(chosen)]
        found = [self._try(chosen, whole, figures, rows) for chosen in free]
        result = self._choose(free, found, rows, whole)
        left = np.array([row for row in rows.tolist() if row not in result], np.int64)
        rule, target = self.ruled(whole), self.lines.amount - self.extra
        self.priced = find_priced(
            self.pricing, rule, target, left, self.tolerance, self.calls
        )
        return result

    def _changes(self, chosen):
        return {name for place in chosen for name in self.suppositions[place].change}

    def _try(self, chosen, whole, before, rows):
        """``(comes right, is changed, is told by printed figures)`` of the lines."""
        figures = self.figures(chosen, whole)
        right = np.abs(self.rest(chosen, whole)) <= self.tolerance
        touched = np.abs(figures.amount - before.amount) > self.tolerance
        return right[rows], touched[rows], self.informs(figures, before)[rows]

    def _choose(self, free, found, rows, whole):
        result = {}
        for place, row in enumerate(rows.tolist()):
            fits = [n for n, (right, *_more) in enumerate(found) if right[place]]
            tried = ((n, free[n], found[n]) for n in fits)
            backed = [n for n, *one in tried if self._backed(*one, place, row, whole)]
            if backed:
                size = len(free[backed[0]])
                same = [free[n] for n in backed if len(free[n]) == size]
                mine = self._kinds(same[0])
                others = [k for k in map(self._kinds, same[1:]) if k != mine]
                result[row] = (same[0], tuple(dict.fromkeys(others))[:TIES])
        return result

    def _backed(self, chosen, found, place, row, whole):
        """Whether a combination has evidence for a line, beside its sum."""
        right, touched, told = found
        if self._kinds(chosen) == ("rate",) and self._same_calls(chosen, whole, row):
            return True  # the price stands on the line itself
        gives = self._gives_calls(chosen, whole, row)
        if gives is not None:
            return gives
        several = right.sum() >= LINES_AT_ONCE and 2 * right.sum() >= touched.sum()
        return bool(several or told[place] and self._all_matter(chosen, whole, row))

    def _all_matter(self, chosen, light, row):
        """Whether each of some suppositions moves the money of a line: that calls that
        cost nothing make printed calls agree is no evidence for others."""
        amount = self.figures(chosen, light).amount[row]
        fewer = [chosen[:place] + chosen[place + 1 :] for place in range(len(chosen))]
        return all(self.figures(some, light).amount[row] != amount for some in fewer)

    def _same_calls(self, chosen, light, row):
        """Whether the line prints no count, or nearly that of a combination."""
        printed = self.lines.calls[row]
        calls = self.figures(chosen, light).calls[row] + self.extra_calls[row]
        return printed < 0 or abs(printed - calls) < CALLS_APART

    # === Calls as evidence === #

    def _gives_calls(self, chosen, light=(), row=None):
        """Whether the calls that a combination changes get the amounts of theirs.

        :return: None where there are no amounts of theirs, or it changes no call
        """
        if self.calls is None:
            return None
        rows = slice(None) if row is None else [row]
        found = self._changed_calls(self.ruled(chosen, light), light)
        hits, changed = (counts[rows].sum() for counts in found)
        return bool(hits >= REPRODUCED * changed) if changed else None

    def _changed_calls(self, rule, light):
        """By line: calls that a rule changes, those of them that are as theirs."""
        key = rule, light
        if key not in self._reproduced:
            amount = self._call_amounts(rule)
            changed = amount != self._call_amounts(self.ruled((), light))
            changed &= self.calls.their_amount >= 0
            same = changed & (amount == self.calls.their_amount)
            size = len(self.lines)
            self._reproduced[key] = tuple(
                np.bincount(self.calls.line[rows], minlength=size)
                for rows in (same, changed)
            )
        return self._reproduced[key]

    def _call_amounts(self, rule):
        if rule not in self._amounts:
            if len(self._amounts) > 2:  # a column of all calls each
                self._amounts.pop(next(iter(self._amounts)))
            self._amounts[rule] = self.pricing.call_amounts(rule)
        return self._amounts[rule]

    # === The result === #

    def result(self, whole, ties, chosen, total):
        agreed = self.pricing.figures(self.rule)
        lines = [
            self._line(row, int(agreed.amount[row]), whole, *chosen.get(row, ((), ())))
            for row in range(len(self.lines))
        ]
        rest, beside = sum(line.unexplained for line in lines), self._beside(total)
        return Diagnosis(tuple(lines), self._kinds(whole), ties, rest, beside)

    def _beside(self, total):
        if total is None:
            return ()
        gap, within = sum_difference(self.lines.amount, total, self.lines.unit)
        return () if within else (Explanation("sum", gap, {}),)

    def _line(self, row, ours, whole, chosen, ties):
        theirs = int(self.lines.amount[row])
        found = [*self._steps(row, ours, whole, chosen), *self._facts(row)]
        if row in self.swapped:
            other, amount = self.swapped[row]
            found.append(Explanation("swapped_names", amount, {"line": other}))
        if row in self.priced:
            amount, evidence = self.priced[row]
            found.append(Explanation("rate", amount, evidence))
        if not found and theirs and not (self.pricing.tally.cell_line == row).any():
            found.append(Explanation(self.lines.kind_of(row), theirs - ours, {}))
        rest = theirs - ours - sum(one.amount for one in found)
        within = abs(rest) <= int(self.tolerance[row])
        return LineResult(ours, theirs, tuple(found), rest, within, ties)

    def _steps(self, row, ours, whole, chosen):
        """Explanations in the order they are supposed; each what it adds."""
        last, rule = ours, self.rule
        steps = [(s, True) for s in self.proven]
        steps += [(self.suppositions[place], True) for place in whole]
        steps += [(self.suppositions[place], False) for place in chosen]
        for supposition, is_whole in steps:
            before, rule = rule, supposition.on(rule)
            extra = self.extra[row : row + 1]
            amount = int(self.pricing.figures(rule).amount[row])
            amount += int((times(extra, rule.factor) - extra)[0])
            if amount != last:
                evidence = {**supposition.change, **supposition.evidence}
                evidence |= self._evidence(rule, before, row)
                if supposition.kind == "rate":
                    evidence["price"] = int(self.lines.price[row])
                yield Explanation(supposition.kind, amount - last, evidence, is_whole)
            last = amount

    def _evidence(self, rule, before, row):
        """Calls that a rule adds or leaves out, printed figures that agree with it."""
        now, then = self.pricing.figures(rule), self.pricing.figures(before)
        agree = self.agreeing(now)[:, row]
        names = ("calls", "minutes")
        return self._dates(rule, before, row) | {
            "calls": abs(int(now.calls[row] - then.calls[row])),
            "figures": [name for name, ok in zip(names, agree, strict=True) if ok],
        }

    def _dates(self, rule, before, row):
        """Where a rule moves dates: the first that was stated, and what was agreed."""
        agreed, tallied = self.pricing.tally.agreed, self.pricing.tally
        rates = tallied.cell_rate[tallied.cell_line == row]
        rates = rates[agreed.stated_us[rates] != agreed.agreed_us[rates]]
        if rule.effective != STATED or before.effective == STATED or not rates.size:
            return {}
        first = rates[np.argmin(agreed.stated_us[rates])]
        dates = agreed.stated_us[first], agreed.agreed_us[first]
        return dict(zip(("stated", "agreed"), map(int, dates), strict=True))

    def _facts(self, row):
        for fact in self.facts:
            if fact.amount[row] or fact.calls[row]:
                evidence = {"calls": int(fact.calls[row])}
                yield Explanation(fact.kind, int(fact.amount[row]), evidence)
