"""What of a rental is not earned at the end of a month, to the unit of the currency.

An invoice line of rental is parted into the spans of days that its charges are for;
each span is earned evenly, day by day. What is booked of a month is always the
difference to what the month-end before had: a month that is left out, a credit, an
invoice that came late are made good by the next one.

Money is in whole units of the company's currency (cents), days are counted from 1970.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

INVOICE, CREDIT, OWED = "invoice", "credit", "owed"


@dataclass(frozen=True, slots=True)
class Source:
    """A span of days of an invoice line, and what it is to be shared from.

    ``kind`` is :data:`INVOICE`, :data:`CREDIT` (a line of a credit note, by the spans
    of the line that it credits) or :data:`OWED` (what is given back and not yet on an
    invoice, of the line that was charged). ``amount`` is in the line's currency,
    ``total`` what the line booked as revenue, ``net`` and ``gross`` the sum of the
    line's spans and of their magnitudes; ``rate`` is units of the line's currency for
    one of the company's.
    """

    kind: str
    line: int
    account: int
    income: int
    first: int
    last: int
    amount: Decimal
    total: int
    net: Decimal
    gross: Decimal
    rate: Decimal

    @property
    def key(self):
        return self.kind, self.line, self.first, self.last


@dataclass(frozen=True, slots=True)
class Row:
    """What a month-end says of one span: opening + added - recognised = closing."""

    kind: str
    line: int
    account: int
    income: int
    first: int
    last: int
    share: int
    opening: int
    added: int
    recognised: int
    closing: int


def half_up(value):
    """A Fraction as the nearest integer, halves away from zero."""
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -size if value < 0 else size


def ratio(source, unit):
    """Units of the company's currency for one of the line's.

    As the line was booked, taxes in its price left out; where its spans nearly cancel
    each other, what is left of them says nothing of that: the invoice's rate does.

    :param unit: units of one of the company's currency, 100 of cents
    """
    if 2 * abs(source.net) >= source.gross and source.net:
        return Fraction(source.total) / Fraction(source.net)
    return Fraction(unit) / Fraction(source.rate)


def shares(sources, unit):
    """What each span of a line has of it; they add up to the line.

    :param sources: the :class:`Source` of one line, in the order of their days
    """
    each, found, amount, before = ratio(sources[0], unit), [], Fraction(0), 0
    for source in sources[:-1]:
        amount += Fraction(source.amount)
        reached = half_up(amount * each)
        found.append(reached - before)
        before = reached
    return [*found, sources[0].total - before]


def left(share, first, last, day):
    """What of ``share`` is of the days after ``day``."""
    days = last - first + 1
    ahead = min(max(last - max(day, first - 1), 0), days)
    return half_up(Fraction(share * ahead, days))


def month_end(sources, before, day, unit):
    """The rows of a month-end.

    :param sources: every :class:`Source` that may not be earned, of one kind and line
        beside each other, in the order of their days
    :param before: {key of a source: :class:`Row`} of the last month-end, those whose
        closing is not zero
    :param day: the last day of the month
    :param unit: units of one of the company's currency
    :return: list of :class:`Row`: what was open or is open now
    """
    rows, seen = [], set()
    by_line = groupby(sources, lambda source: (source.kind, source.line))  # pylint: disable=bad-builtin-groupby
    for _key, group in by_line:
        group = list(group)
        for source, share in zip(group, _all_shares(group, unit), strict=True):
            ahead = left(share, source.first, source.last, day)
            closing = share - ahead if source.kind == OWED else ahead
            seen.add(source.key)
            known = before.get(source.key)
            if known or closing:
                rows.append(_row(source, share, known, closing))
    gone = [known for key, known in before.items() if key not in seen]
    return rows + [_row(known, known.share, known, 0) for known in gone]


def _all_shares(group, unit):
    if group[0].kind != OWED:
        return shares(group, unit)
    return [half_up(-Fraction(s.amount) * ratio(s, unit)) for s in group]


def _row(source, share, known, closing):
    opening = known.closing if known else 0
    if source.kind == OWED:
        added = max(closing - opening, 0)
    else:
        added = 0 if known else share
    return Row(
        kind=source.kind,
        line=source.line,
        account=source.account,
        income=known.income if known else source.income,
        first=source.first,
        last=source.last,
        share=share,
        opening=opening,
        added=added,
        recognised=opening + added - closing,
        closing=closing,
    )
