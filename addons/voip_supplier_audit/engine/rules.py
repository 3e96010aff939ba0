"""Rules a supplier may have charged by, and what each supposes to be different."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from types import MappingProxyType

KINDS = (
    "rate",
    "old_rate",
    "late_increase",
    "increments",
    "formula",
    "rounding",
    "precision",
    "connect_fee",
    "minimum",
    "time_zone",
    "period_edge",
    "duplicate",
    "unanswered",
    "duration",
    "missing_here",
    "missing_there",
    "unknown_code",
    "swapped_names",
    "currency",
    "tax",
    "fee",
    "credit",
    "sum",
)
AGREED, STATED, OLD = "agreed", "stated", "old"
AS_RATE = -1  # take what the rate says


@dataclass(frozen=True, slots=True)
class Rule:
    """How calls are charged; what is left as it is comes from the agreement.

    How a call is charged: ``formula``, ``initial`` and ``following`` increments in
    seconds, ``rounding`` and ``decimals`` as the rating engine has them,
    ``connect_fee`` and ``min_charge`` scaled by 10^8 (:data:`AS_RATE`: the rate's),
    ``printed_rate``: by the price on the invoice's line, ``their_durations``: by the
    durations of the supplier's records.

    Which calls, and of what date: ``effective`` picks when a new price begins (agreed,
    as the supplier stated it, never), ``zone_us`` is the supplier's clock ahead of the
    one that was agreed, ``edge_us`` lets the period begin earlier and end later,
    ``unanswered`` charges calls nobody took, ``left_out`` leaves out calls that the
    supplier's records do not have.

    How a line is charged: ``minutes`` is ``(rounding, decimals)`` of its minutes before
    they are multiplied by the price; ``factor`` a fraction ``(over, under)``.
    """

    formula: str = "A"
    rounding: str = "half_up"
    decimals: int = 6
    duration_rounding: str = "up"
    initial: int = AS_RATE
    following: int = AS_RATE
    connect_fee: int = AS_RATE
    min_charge: int = AS_RATE
    printed_rate: bool = False
    their_durations: bool = False
    effective: str = AGREED
    zone_us: int = 0
    edge_us: tuple = (0, 0)
    unanswered: bool = False
    left_out: bool = False
    minutes: tuple | None = None
    factor: tuple = (1, 1)

    @property
    def of_calls(self):
        """The part that decides what one call costs, as a key."""
        return replace(
            self,
            effective=AGREED,
            zone_us=0,
            edge_us=(0, 0),
            unanswered=False,
            left_out=False,
            minutes=None,
            factor=(1, 1),
        )


@dataclass(frozen=True, slots=True)
class Supposition:
    """One thing that may be different.

    :param kind: one of :data:`KINDS`
    :param change: what it sets in a :class:`Rule`
    :param evidence: what a person is told with it (dates, a notice's name …)
    """

    kind: str
    change: Mapping
    evidence: Mapping = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of an explanation")

    def on(self, rule):
        """The rule with this being so, too."""
        return replace(rule, **self.change)


def merged(rule, suppositions):
    """The rule with all of them being so."""
    for supposition in suppositions:
        rule = supposition.on(rule)
    return rule


def combined(suppositions, depth):
    """Positions of all that may be so together, simplest first.

    Two that set the same thing exclude each other.

    :return: list of tuples, the empty one first
    """
    fields = [frozenset(supposition.change) for supposition in suppositions]
    result = [()]
    for size in range(1, depth + 1):
        for chosen in combinations(range(len(suppositions)), size):
            names = [name for place in chosen for name in fields[place]]
            if len(names) == len(set(names)):
                result.append(chosen)
    return result
