"""What a margin is, in exact arithmetic. No Odoo here."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

EXACT = Context(prec=60)
MONEY = Decimal("0.00000001")
PERCENT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sale has to earn; Decimals.

    ``overhead_minute`` is money of the company per billed minute, ``overhead_percent``
    a share of the sale, ``threshold`` the least margin in percent of the sale.
    """

    threshold: Decimal
    overhead_minute: Decimal = Decimal(0)
    overhead_percent: Decimal = Decimal(0)

    @property
    def share_left(self):
        """The part of a sale that may go to cost and overhead per minute, a Fraction.

        Zero or less where threshold and overhead take all of it: no price restores it.
        """
        return 1 - Fraction(self.threshold + self.overhead_percent) / 100


@dataclass(frozen=True, slots=True)
class Sums:
    """Sale and cost (Decimals, money of the company) of calls and billed seconds."""

    sale: Decimal
    cost: Decimal
    seconds: int
    calls: int = 0

    def __add__(self, other):
        return Sums(
            self.sale + other.sale,
            self.cost + other.cost,
            self.seconds + other.seconds,
            self.calls + other.calls,
        )

    def needed(self, terms):
        """The sale (Fraction) whose margin is the threshold; None: there is none."""
        if terms.share_left <= 0:
            return None
        return self._burden(terms) / terms.share_left

    def is_below(self, terms):
        """Whether the margin is below the threshold, compared without rounding.

        What costs nothing and brings nothing is not; what is paid back has no margin.
        """
        if self.sale < 0 or not (self.sale or self.cost or self.seconds):
            return False
        return Fraction(self.sale) * terms.share_left < self._burden(terms)

    def overhead(self, terms):
        """Money of the company, rounded once to 8 decimals."""
        minutes = Fraction(self.seconds, 60) * Fraction(terms.overhead_minute)
        share = Fraction(self.sale) * Fraction(terms.overhead_percent) / 100
        return rounded(minutes + share, MONEY)

    def margin(self, terms):
        """Sale − cost − overhead."""
        return self.sale - self.cost - self.overhead(terms)

    def percent(self, terms):
        """The margin in percent of the sale, 4 decimals; None: nothing was sold."""
        if self.sale <= 0:
            return None
        share = Fraction(self.margin(terms)) / Fraction(self.sale)
        return rounded(share * 100, PERCENT)

    def _burden(self, terms):
        minutes = Fraction(self.seconds, 60) * Fraction(terms.overhead_minute)
        return Fraction(self.cost) + minutes


def rounded(value, unit):
    """A Fraction as Decimal, half away from zero to a multiple of ``unit``."""
    steps = value / Fraction(unit)
    whole = (2 * abs(steps.numerator) + steps.denominator) // (2 * steps.denominator)
    signed = Decimal(whole if steps >= 0 else -whole)
    return EXACT.multiply(signed, unit).quantize(unit, ROUND_HALF_UP, context=EXACT)
