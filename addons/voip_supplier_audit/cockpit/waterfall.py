"""From what is billed to what is ours, cause by cause. No Odoo here."""

from dataclasses import dataclass
from decimal import Decimal

from ..invoices.figures import HUNDRED, ZERO

# A difference of less than this part of the whole would not be seen from zero on.
_SEEN = Decimal("0.4")
_PLACES = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Step:
    """A step: from ``start`` to ``end`` of the running sum.

    ``key`` is ``billed``, ``gap`` (the total beside its lines), ``fees``, a kind of
    cause, ``unexplained`` or ``ours``; the first and last begin at nothing.
    """

    key: str
    start: Decimal
    end: Decimal

    @property
    def is_total(self):
        return self.key in ("billed", "ours")

    @property
    def is_cause(self):
        """Whether it says why usage differs."""
        return not self.is_total and self.key not in ("gap", "fees")

    @property
    def amount(self):
        """What the step adds; of a total all of it."""
        return self.end - self.start


def waterfall(total, gap, fees, causes, rest):
    """Steps from the total of an invoice to what our records say of its usage.

    :param total: Decimal that is billed
    :param gap: what the total is beside the sum of its lines; ``fees``: on lines that
        are no usage
    :param causes: [(kind, Decimal that it makes the invoice dearer)]
    :param rest: Decimal that no cause explains
    :return: list of :class:`Step`; steps of nothing are left out
    """
    found, level = [Step("billed", ZERO, total)], total
    largest = sorted(causes, key=lambda cause: -abs(cause[1]))
    for key, amount in (("gap", gap), ("fees", fees), *largest, ("unexplained", rest)):
        if amount:
            found.append(Step(key, level, level - amount))
            level -= amount
    return [*found, Step("ours", ZERO, level)]


def placed(steps):
    """Where the bars of steps stand: (begin of the axis, [(left, width) in percent]).

    The axis begins above zero where the steps would not be seen otherwise.

    :return: Decimals with two decimals; a bar of something is at least 0.3 wide
    """
    levels = [step.end for step in steps]
    low, high = min(levels), max(levels)
    span = high - low
    begin = min(low, ZERO)
    if low > 0 and span < high * _SEEN:
        begin = max(low - (span or high) / 2, ZERO)
    size = max(high, ZERO) - begin or Decimal(1)

    def percent(value):
        return min(max((value - begin) / size * HUNDRED, ZERO), HUNDRED)

    bars = []
    for step in steps:
        ends = percent(step.start), percent(step.end)
        width = max(max(ends) - min(ends), Decimal("0.3") if step.amount else ZERO)
        left = min(min(ends), HUNDRED - width)
        bars.append((left.quantize(_PLACES), width.quantize(_PLACES)))
    return begin, bars
