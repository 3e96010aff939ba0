"""What our calls would cost if the supplier charged by a rule.

Each rule for calls is tried once on the groups of a tally, with the rating engine; the
rules for dates, zones and lines that go with it only pick among the sums.
"""

from dataclasses import dataclass, field

import numpy as np

from odoo.addons.voip_rating.engine import money, seconds

from .rules import AGREED, AS_RATE, STATED
from .tally import FLAGS, LEFT_OUT, NEVER, UNANSWERED

_MINUTE = 60


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines of the supplier's invoice as columns; what is not printed is -1.

    ``amount`` and ``price`` (per minute) are scaled by 10^8; ``minute_unit`` is the
    printed precision of the minutes in thousandths of a second (60,000 = whole
    minutes), ``unit`` that of the amounts, scaled. An amount within half a unit, and
    half a unit of the minutes at the line's price, is the same amount. ``kinds`` names
    lines that are no usage: ``{line: "fee" or "tax"}``.
    """

    amount: np.ndarray
    calls: np.ndarray
    seconds_ms: np.ndarray
    price: np.ndarray
    unit: int = 1_000_000
    minute_unit: int = 600
    kinds: dict = field(default_factory=dict)

    @classmethod
    def of(cls, amount, calls=None, seconds_ms=None, price=None, **units):
        """Fill what is not printed."""
        missing = np.full(len(amount), -1, np.int64)
        columns = (amount, calls, seconds_ms, price)
        made = [missing if c is None else np.asarray(c, np.int64) for c in columns]
        return cls(*made, **units)

    def kind_of(self, row):
        """Kind of explanation of a line that our calls have nothing of."""
        return self.kinds.get(row, "unknown_code")

    def __len__(self):
        return len(self.amount)


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Calls, billed seconds and scaled amounts, a row per line."""

    calls: np.ndarray
    seconds: np.ndarray
    amount: np.ndarray


class Pricing:
    """A tally that is priced under rules; what was computed is kept.

    :param tallied: :class:`~.tally.Tally`
    :param lines: :class:`Lines`
    :param period: ``(from, to)`` in microseconds by our clock, ``from <= t < to``
    """

    def __init__(self, tallied, lines, period):
        self.tally, self.lines, self.period = tallied, lines, period
        self._costs, self._figures = {}, {}

    def figures(self, rule):
        """:class:`Figures` of the lines under ``rule``."""
        if rule not in self._figures:
            self._figures[rule] = self._compute(rule)
        return self._figures[rule]

    def _compute(self, rule):
        new, old, billed = self._cost(rule)
        counts, is_new = self._picked(rule)
        tallied, size = self.tally, len(self.lines)
        amount = tallied.by_line(np.where(is_new, new, old) * counts, size)
        calls = tallied.by_slot(np.ones(tallied.count.size, np.int64))
        calls = tallied.by_line(calls * counts, size)
        billed = tallied.by_line(billed * counts, size)
        if rule.minutes:
            amount = self._by_minutes(rule, billed, amount)
        return Figures(calls, billed, times(amount, rule.factor))

    def _picked(self, rule):
        """Which slots count (0 or 1), and which are of the new price."""
        tallied = self.tally
        begins = np.concatenate(([-NEVER], tallied.borders)).repeat(FLAGS)
        flag = np.tile(np.arange(FLAGS), tallied.borders.size + 1)
        first = self.period[0] - rule.zone_us - rule.edge_us[0]
        last = self.period[1] - rule.zone_us + rule.edge_us[1]
        counts = (begins >= first) & (begins < last)
        if rule.left_out:
            counts &= flag != LEFT_OUT
        if not rule.unanswered:
            counts &= flag != UNANSWERED
        change = self._changes(rule)[tallied.cell_rate][tallied.slot_cell]
        place = tallied.slot_class
        return counts.astype(np.int64)[place], begins[place] >= change

    def _changes(self, rule):
        """When the new price of each rate begins under ``rule``."""
        agreed = self.tally.agreed
        if rule.effective == AGREED:
            return moved(agreed.agreed_us, rule.zone_us)
        if rule.effective == STATED:
            return moved(agreed.stated_us, rule.zone_us)
        never = agreed.old_price != agreed.price
        return np.where(never, NEVER, agreed.agreed_us)

    def _cost(self, rule):
        """Amounts under the new and the old price and billed seconds, by slot."""
        key = rule.of_calls
        if key not in self._costs:
            tallied = self.tally
            billed = self.billed(rule)
            new = self.charged(rule, billed, tallied.agreed.price)
            old = new
            if (tallied.agreed.price != tallied.agreed.old_price).any():
                old = self.charged(rule, billed, tallied.agreed.old_price)
            self._costs[key] = tuple(
                tallied.by_slot(values) for values in (new, old, billed[0])
            )
        return self._costs[key]

    def billed(self, rule):
        """Billed seconds of the groups, and where nothing is charged."""
        tallied, agreed = self.tally, self.tally.agreed
        length = tallied.their_ms if rule.their_durations else tallied.duration_ms
        initial, following = rule.initial, rule.following
        return seconds.billed_seconds(
            seconds.whole_seconds(length, rule.duration_rounding),
            agreed.initial[tallied.rate] if initial == AS_RATE else initial,
            agreed.following[tallied.rate] if following == AS_RATE else following,
            rule.formula,
            answered=np.ones(tallied.count.size, bool),
        )

    def charged(self, rule, billed, price):
        """Amounts of the groups, scaled; ``price`` is of the rates."""
        tallied, agreed = self.tally, self.tally.agreed
        price = price[tallied.rate]
        if rule.printed_rate:
            printed = self.lines.price[tallied.line]
            price = np.where(printed >= 0, printed, price)
        fee, least = rule.connect_fee, rule.min_charge
        size = tallied.count.size
        return money.amounts(
            price,
            billed[0],
            agreed.connect_fee[tallied.rate] if fee == AS_RATE else np.full(size, fee),
            agreed.min_charge[tallied.rate]
            if least == AS_RATE
            else np.full(size, least),
            agreed.max_charge[tallied.rate],
            billed[1],
            rule.decimals,
            rule.rounding,
        )

    def _by_minutes(self, rule, billed, amount):
        """Amounts of lines with a printed price: it times their rounded minutes."""
        mode, decimals = rule.minutes
        unit = 10**decimals
        over = billed * unit
        whole = over // _MINUTE
        if mode == "up":
            whole += over % _MINUTE > 0
        elif mode == "nearest":
            whole += 2 * (over % _MINUTE) >= _MINUTE
        price = self.lines.price
        return np.where(price >= 0, (price * whole * 2 + unit) // (2 * unit), amount)

    def call_amounts(self, rule):
        """The amount of each call (scaled) under ``rule``, in the order of the calls.

        Calls that the rule does not count have 0.
        """
        tallied = self.tally
        billed = self.billed(rule)
        counts, is_new = self._picked(rule)
        counts, is_new = counts[tallied.slot], is_new[tallied.slot]
        new = self.charged(rule, billed, tallied.agreed.price)
        old = self.charged(rule, billed, tallied.agreed.old_price)
        amount = np.where(is_new, new, old) * counts
        return amount[tallied.group_of]


def moved(moments, zone_us):
    """Moments of a clock that is ``zone_us`` ahead; always and never stay so."""
    fixed = np.abs(moments) == NEVER
    return np.where(fixed, moments, np.where(fixed, 0, moments) - zone_us)


def times(amount, factor):
    """Amounts times a fraction, rounded half up, exact by Python's integers."""
    over, under = factor
    if over == under:
        return amount
    values = [(2 * int(a) * over + under) // (2 * under) for a in amount]
    return np.array(values, np.int64)


def borders(agreed, period, rules):
    """All moments that one of the rules may ask for; int64."""
    zones = sorted({rule.zone_us for rule in rules} | {0})
    edges = {rule.edge_us for rule in rules} | {(0, 0)}
    found = [agreed.agreed_us, agreed.stated_us]
    dates = np.unique(np.concatenate(found))
    parts = [moved(dates, zone) for zone in zones]
    for zone in zones:
        for before, after in edges:
            first, last = period[0] - zone - before, period[1] - zone + after
            parts.append(np.array([first, last]))
    return np.unique(np.concatenate(parts))
