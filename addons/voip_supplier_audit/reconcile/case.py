"""What the engine diagnoses: an invoice's lines, our calls on them, the rates agreed.

No Odoo here.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from ..costs.match import ZERO, Asked, Cell, finder
from ..engine import classify, rules, supposed, tally, usual
from ..engine.diagnose import DEPTH, diagnose
from ..engine.parts import AT_ONCE, Parts, diagnose_parts
from ..engine.records import DAY_US
from ..engine.runs import distinct

_FIRST = date(1970, 1, 1)
_EDGES = ((DAY_US, 0), (0, DAY_US), (DAY_US, DAY_US))
# So small a part of our cost of a line may be by what the engine's rules lack (attempt
# fees, jurisdictions …): it counts on both sides. Where it is more, nothing is said.
_LEFT_OUT = 20


@dataclass(frozen=True, slots=True)
class Printed:
    """A line of usage: what it is about, and figures scaled by 10^8; -1: not printed.

    ``ours`` is what our records cost, ``ms`` its minutes in milliseconds;
    ``is_compared`` says that they cost the invoice's currency.
    """

    asked: Asked
    amount: int
    ours: int
    calls: int
    ms: int
    price: int
    kind: str
    is_compared: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """How the invoice is printed and what may be tried.

    :param period: (from, to), microseconds of our clock
    :param unit: printed unit of amounts, scaled; ``minute_unit``: of minutes, in ms
    :param zones: microseconds that the supplier's clock may be ahead
    :param factors: ``(kind, (over, under), evidence)`` of currencies and taxes
    :param agreed: suppositions that the agreement names
    """

    period: tuple
    unit: int
    minute_unit: int
    zones: tuple = ()
    factors: tuple = ()
    agreed: tuple = ()


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """What pairing said: :class:`~.read.Side` s, the match and the classes."""

    ours: object
    theirs: object
    match: object
    classes: object


class Case:
    """An invoice as the engine takes it.

    :param printed: :class:`Printed` of the lines of usage
    :param ours: our calls, :class:`~.read.Side`
    :param versions: as :func:`~.versions.read_versions`; ``rates`` and ``place`` as
        :func:`~.versions.agreed_rates` makes of them
    :param rule: :class:`~..engine.rules.Rule` as agreed
    :param pairs: :class:`Pairs`, or None without records of the supplier
    """

    def __init__(self, printed, ours, versions, rates, place, rule, terms, pairs=None):
        self.printed, self.ours, self.versions = printed, ours, versions
        self.rates, self.place, self.rule = rates, place, rule
        self.terms, self.pairs = terms, pairs
        self.line_of = finder([one.asked for one in printed])
        self.position = {one.asked.key: n for n, one in enumerate(printed)}
        self.line = self._our_lines()

    # === Lines of calls === #

    def _our_lines(self):
        """Position of each call's line, -1: on none, or of another currency."""
        if not len(self.ours):
            return np.zeros(0, np.int64)
        known = {version.id: version for version in self.versions}
        codes, code = distinct(self.ours.code)
        days, day = distinct(self.ours.day)
        # One number of two: sorting pairs takes ten times as long.
        both, place = distinct(code * days.size + day)
        pairs = zip(codes[both // days.size], days[both % days.size], strict=True)
        found = [
            self._found(known[code].prefix, known[code].destination, known[code], day)
            if code in known
            else -1
            for code, day in (map(int, pair) for pair in pairs)
        ]
        return np.array(found, np.int64)[place]

    def _found(self, prefix, destination, version, day):
        price = version.decimal if version else None
        moment = _FIRST + timedelta(days=day)
        cell = Cell(prefix, destination, price, moment, 0, 0, 0, ZERO)
        line = self.line_of(cell)
        return -1 if line is None else self.position[line.key]

    def keys(self, lines):
        """Keys of lines by their positions; -1: of none."""
        known = [one.asked.key for one in self.printed]
        return np.array([*known, -1], np.int64)[lines]

    def their_lines(self):
        """Positions of their records' lines: that of our call, else of the code or
        number that the record says."""
        pairs = self.pairs
        line = np.full(len(pairs.theirs), classify.NO_LINE, np.int64)
        paired = pairs.match.ours >= 0
        line[paired] = self.line[pairs.match.ours[paired]]
        known = {}
        for row in np.flatnonzero(line == classify.NO_LINE).tolist():
            asked = int(pairs.theirs.code[row]), int(pairs.theirs.day[row])
            if asked not in known:
                known[asked] = self._found(str(asked[0]), None, None, asked[1])
            line[row] = known[asked]
        return line

    # === Diagnosis === #

    def diagnose(self):
        """Explain the lines.

        :return: (:class:`~..engine.diagnose.Diagnosis`, keys of its lines, which may
            be fewer than were printed)
        """
        taken = np.ones(len(self.printed), bool)
        pricing, _calls = self._pricing(taken, {})
        model = pricing.figures(self.rule).amount
        ours = np.array([one.ours for one in self.printed], np.int64)
        beside = ours - model
        taken = np.abs(beside) * _LEFT_OUT <= np.abs(ours)
        taken &= np.array([one.is_compared for one in self.printed])
        if not taken.any():
            return None, []
        known, proven = self._known()
        pricing, calls = self._pricing(taken, known, beside)
        facts = self._facts(taken)
        found = self._explained(pricing, calls, proven, facts)
        keys = [self.printed[n].asked.key for n in np.flatnonzero(taken).tolist()]
        return found, keys

    def _explained(self, pricing, calls, proven, facts):
        """The diagnosis of the lines that are taken; of many in parts."""
        has_records = self.pairs is not None

        def tries(pricing, calls, facts):
            return self._tries(pricing, proven, facts, calls)

        if len(pricing.lines) > AT_ONCE:
            parts = Parts(pricing, calls, facts, has_records)
            return diagnose_parts(parts, self.rule, tries, proven, DEPTH - 1)
        calls = calls if has_records else None
        tries = tries(pricing, calls, facts)
        return diagnose(pricing, self.rule, tries, facts, proven, DEPTH, calls)

    def _known(self):
        """What the records say of our calls, and of all of them at once."""
        if self.pairs is None:
            return {}, ()
        charged = self.ours.charged
        found = self.pairs.classes, self.pairs.match, charged, self.pairs.theirs.charged
        known = classify.known_of_ours(*found)
        return known, tuple(classify.proven(self.pairs.classes, charged, known))

    def _pricing(self, taken, known, beside=None):
        """Pricing and our calls of the lines that are taken."""
        line = _numbered(taken)[self.line]
        rows = np.flatnonzero(line >= 0)
        columns = {name: values[rows] for name, values in known.items()}
        codes, place = distinct(self.ours.code[rows])
        rate = np.array([self.place[code] for code in codes.tolist()], np.int64)[place]
        calls = tally.OurCalls.of(
            line[rows],
            rate,
            self.ours.records.start_us[rows],
            self.ours.records.duration_ms[rows],
            self.ours.charged.answered[rows],
            **columns,
        )
        zones = {zone for zone in (*self.terms.zones, *self._proven_zone())}
        tried = [rules.Rule(zone_us=zone) for zone in zones]
        tried += [rules.Rule(edge_us=edge) for edge in _EDGES]
        cuts = supposed.borders(self.rates, self.terms.period, tried)
        lines = self._lines(taken, beside)
        counted = tally.tally(calls, self.rates, cuts)
        return supposed.Pricing(counted, lines, self.terms.period), calls

    def _proven_zone(self):
        return () if self.pairs is None else (self.pairs.classes.zone_us,)

    def _facts(self, taken):
        if self.pairs is None:
            return ()
        pairs, line = self.pairs, _numbered(taken)[self.their_lines()]
        charged = replace(pairs.theirs.charged, line=line)
        return tuple(classify.facts(pairs.classes, pairs.match, charged, taken.sum()))

    def _lines(self, taken, beside):
        rows = np.flatnonzero(taken).tolist()
        chosen = [self.printed[row] for row in rows]
        amount = np.array([one.amount for one in chosen], np.int64)
        if beside is not None:
            amount -= beside[rows]
        return supposed.Lines.of(
            amount,
            [one.calls for one in chosen],
            [one.ms for one in chosen],
            [one.price for one in chosen],
            unit=self.terms.unit,
            minute_unit=self.terms.minute_unit,
            kinds={n: one.kind for n, one in enumerate(chosen)},
        )

    def _tries(self, pricing, proven, facts, calls):
        records = self.pairs is not None
        found = usual.usual(
            pricing,
            rules.merged(self.rule, proven),
            () if records else self.terms.zones,
            self.terms.factors,
            edges=() if records else _EDGES,
            facts=facts,
            calls=calls,
        )
        named = list(self.terms.agreed)
        changes = [dict(one.change) for one in named]
        return named + [one for one in found if dict(one.change) not in changes]


def _numbered(taken):
    """New positions of lines: -1 of those that are not taken, and of none (-1)."""
    return np.append(np.where(taken, np.cumsum(taken) - 1, -1), -1)
