"""Penalties and bonuses that are agreed on a supplier's quality. No Odoo here.

Measures follow the practice of carriers (ITU-T E.411): ASR is answered calls of all
attempts in percent, ACD the average answered duration in seconds.
"""

from dataclasses import dataclass
from fractions import Fraction

PENALTY, BONUS = "penalty", "bonus"


@dataclass(frozen=True, slots=True)
class Term:
    """One agreed term; figures as Decimal or Fraction.

    A penalty begins below ``threshold``, a bonus at it. It is ``percent`` of the
    month's usage, for each full ``step`` beyond the threshold where there is one;
    ``most`` is what it comes to at most, 0 = anything.
    """

    kind: str
    threshold: object
    percent: object
    step: object = 0
    most: object = 0


def asr(answered, attempts):
    """Answered of all attempts in percent, exact; None without attempts."""
    return Fraction(100 * answered, attempts) if attempts else None


def acd(duration_ms, answered):
    """Average answered duration in seconds, exact; None without answered calls."""
    return Fraction(duration_ms, 1000 * answered) if answered else None


def share(term, value):
    """Percent of the month's usage that a term comes to.

    :param value: the measure, exact; None = there were no calls
    :return: Fraction, 0 where the term does not apply
    """
    if value is None:
        return Fraction(0)
    threshold = Fraction(term.threshold)
    beyond = threshold - value if term.kind == PENALTY else value - threshold
    if beyond < 0 or (term.kind == PENALTY and not beyond):
        return Fraction(0)
    found = Fraction(term.percent)
    if term.step:
        found *= beyond // Fraction(term.step)
    return min(found, Fraction(term.most)) if term.most else found
