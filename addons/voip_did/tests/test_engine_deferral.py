"""What is not earned of a line, against sums day by day."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.deferral import (
    CREDIT,
    INVOICE,
    OWED,
    Source,
    half_up,
    left,
    month_end,
    shares,
)

EPOCH = date(1970, 1, 1)
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def number(text):
    return (date.fromisoformat(text) - EPOCH).days


def spans(kind, total, *parts, line=1, rate="1"):
    """Sources of one line: parts are (first day, last day, amount)."""
    amounts = [Decimal(str(amount)) for _first, _last, amount in parts]
    net, gross = sum(amounts), sum(map(abs, amounts))
    return [
        Source(
            kind=kind, line=line, account=7, income=4, first=first, last=last,
            amount=amount, total=total, net=net, gross=gross, rate=Decimal(rate),
        )
        for (first, last, _amount), amount in zip(parts, amounts, strict=True)
    ]  # fmt: skip


def months(days):
    """The last days of the months that ``days`` (numbers) lie in, in order."""
    found = set()
    for day in days:
        first = (EPOCH + timedelta(days=day)).replace(day=1)
        after = (first + timedelta(days=32)).replace(day=1)
        found.add((after - EPOCH).days - 1)
    return sorted(found)


@st.composite
def lines(draw):
    parts = {}
    for _n in range(draw(st.integers(1, 5))):
        first = draw(st.integers(18_000, 18_060))
        last = first + draw(st.integers(0, 40))
        parts[first, last] = draw(st.integers(-(10**7), 10**7))
    parts = [(*span, Decimal(amount) / 1000) for span, amount in sorted(parts.items())]
    return spans(INVOICE, draw(st.integers(-(10**7), 10**7)), *parts)


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestEngineDeferral(BaseCase):
    def test_what_is_left_of_a_span(self):
        """share, first and last day, month-end: worked out by hand."""
        for share, first, last, day, wanted in (
            # Half of a month that begins on the 16th: 15 of 30 days.
            (3000, "2026-06-16", "2026-07-15", "2026-06-30", 1500),
            # A leap February: 14 of 29 days; else 13 of 28 with the same last day.
            (2900, "2028-02-01", "2028-02-29", "2028-02-15", 1400),
            (2800, "2027-02-01", "2027-02-28", "2027-02-15", 1300),
            # Not begun, over, on its last day.
            (3000, "2026-07-01", "2026-07-31", "2026-06-30", 3000),
            (3000, "2026-06-01", "2026-06-30", "2026-07-31", 0),
            (3000, "2026-06-01", "2026-06-30", "2026-06-30", 0),
            # A cent of two days: half a cent is up, of a credit down.
            (1, "2026-06-30", "2026-07-01", "2026-06-30", 1),
            (-1, "2026-06-30", "2026-07-01", "2026-06-30", -1),
            # One day.
            (500, "2026-07-01", "2026-07-01", "2026-06-30", 500),
        ):
            with self.subTest(first=first, last=last, day=day):
                found = left(share, number(first), number(last), number(day))
                self.assertEqual(found, wanted)

    def test_half_a_unit_is_rounded_away_from_zero(self):
        for value, wanted in ((5, 1), (-5, -1), (4, 0), (-4, 0), (15, 2), (-14, -1)):
            self.assertEqual(half_up(Fraction(value, 10)), wanted)

    def test_spans_that_cancel_each_other_count_by_the_invoices_rate(self):
        """20 EUR are charged and 20 given back: the line is of nothing, at 0.8 EUR for
        one of the company's each is 25.00."""
        parts = ((0, 9, 20), (10, 19, -20))
        self.assertEqual(
            shares(spans(INVOICE, 0, *parts, rate="0.8"), 100), [2500, -2500]
        )

    @patient
    @given(lines(), st.integers(-400, 400))
    def test_shares_are_the_line_and_each_is_near_its_part(self, sources, cents):
        found = shares(sources, 100)
        self.assertEqual(sum(found), sources[0].total)
        net, gross = sources[0].net, sources[0].gross
        if net and 2 * abs(net) >= gross:
            for source, share in zip(sources, found, strict=True):
                exact = Fraction(source.amount) * sources[0].total / Fraction(net)
                self.assertLessEqual(abs(share - exact), 1)

    @patient
    @given(
        st.integers(-(10**9), 10**9),
        st.integers(18_000, 18_400),
        st.integers(0, 60),
        st.integers(17_900, 18_500),
    )
    def test_left_is_the_sum_of_the_days_to_come(self, share, first, more, day):
        last = first + more
        each = Fraction(share, more + 1)
        exact = sum(
            (each for one in range(first, last + 1) if one > day), Fraction(0)
        )
        self.assertLessEqual(abs(left(share, first, last, day) - exact), Fraction(1, 2))

    @patient
    @given(st.lists(lines(), min_size=1, max_size=4), st.booleans())
    def test_month_after_month_all_of_it_is_earned(self, many, skip):
        """Whether each month-end is done or the middle ones are left out."""
        sources = []
        for place, line in enumerate(many):
            sources += [
                Source(**{n: getattr(s, n) for n in s.__slots__} | {"line": place})
                for s in line
            ]
        ends = months(range(17_990, 18_140))
        before, earned, booked = {}, 0, 0
        for end in [ends[0], *ends[-2:]] if skip else ends:
            rows = month_end(sources, before, end, 100)
            for row in rows:
                known = before.get((row.kind, row.line, row.first, row.last))
                self.assertEqual(row.opening, known.closing if known else 0)
                self.assertEqual(
                    row.closing, row.opening + row.added - row.recognised
                )
                self.assertTrue(
                    min(0, row.share) <= row.closing <= max(0, row.share)
                )
                self.assertEqual(
                    row.closing, left(row.share, row.first, row.last, end)
                )
            booked += sum(row.added for row in rows)
            earned += sum(row.recognised for row in rows)
            self.assertEqual(booked - earned, sum(row.closing for row in rows))
            before = {
                (row.kind, row.line, row.first, row.last): row
                for row in rows
                if row.closing
            }
        self.assertFalse(before)
        self.assertEqual(booked, earned)

    def test_what_is_given_back_is_not_earned_until_it_is_credited(self):
        """June 16 to July 15 is charged with 30.00, and ends on June 20: 5.00 are
        earned, 25.00 wait for the credit, which is on the invoice of July 16."""
        begin, end = number("2026-06-16"), number("2026-07-15")
        charged = spans(INVOICE, 3000, (begin, end, 30), line=1)
        back = (number("2026-06-21"), end, -25)
        owed = [
            Source(**{n: getattr(s, n) for n in s.__slots__}
                   | {"net": Decimal(30), "gross": Decimal(30)})
            for s in spans(OWED, 3000, back, line=1)
        ]  # fmt: skip
        june = month_end(charged + owed, {}, number("2026-06-30"), 100)
        self.assertEqual([(r.kind, r.closing) for r in june],
                         [(INVOICE, 1500), (OWED, 1000)])  # fmt: skip
        before = {(r.kind, r.line, r.first, r.last): r for r in june}
        credit = spans(INVOICE, -2500, back, line=2)
        july = month_end(charged + credit, before, number("2026-07-31"), 100)
        self.assertEqual(
            [(r.kind, r.opening, r.recognised, r.closing) for r in july],
            [(INVOICE, 1500, 1500, 0), (OWED, 1000, 1000, 0)],
        )

    def test_a_credit_note_takes_its_part_of_the_days_to_come(self):
        begin, end = number("2026-06-16"), number("2026-07-15")
        note = spans(CREDIT, -1000, (begin, end, 30), line=2)
        row = month_end(note, {}, number("2026-06-30"), 100)[0]
        self.assertEqual((row.added, row.recognised, row.closing), (-1000, -500, -500))
