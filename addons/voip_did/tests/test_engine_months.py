"""Months of rental join without gap or overlap."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import TransactionCase, tagged

from ..engine.months import anchor_of, kept_anchor, month_of, months_between

DAYS = st.dates(date(2019, 1, 1), date(2040, 12, 31))
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestMonths(TransactionCase):
    def test_a_month_is_named_by_its_days(self):
        for day, anchor, wanted in (
            ("2026-02-10", "2000-01-01", ("2026-02-01", "2026-02-28")),
            ("2028-02-29", "2000-01-01", ("2028-02-01", "2028-02-29")),
            ("2026-02-10", "2000-01-15", ("2026-01-15", "2026-02-14")),
            ("2026-02-28", "2024-01-31", ("2026-02-28", "2026-03-30")),
            ("2026-02-27", "2024-01-31", ("2026-01-31", "2026-02-27")),
            ("2026-03-30", "2024-01-31", ("2026-02-28", "2026-03-30")),
        ):
            found = month_of(date.fromisoformat(day), date.fromisoformat(anchor))
            self.assertEqual(tuple(map(str, found)), wanted, (day, anchor))

    # A busy machine draws slowly, too.
    @settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(DAYS, DAYS, DAYS)
    def test_months_that_were_charged_go_on_by_another_anchor(self, day, old, new):
        month = month_of(day, old)
        self.assertEqual(month_of(month[0], kept_anchor(new, month)), month)
        self.assertEqual(kept_anchor(old, month), old)

    @settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(DAYS, st.dates(date(2015, 1, 1), date(2026, 1, 1)), st.integers(0, 900))
    def test_months_join(self, first, anchor, days):
        last = first + days * DAY
        months = months_between(first, last, anchor)
        self.assertLessEqual(months[0][0], first)
        self.assertGreaterEqual(months[-1][1], last)
        for (begin, end), (after, _end) in zip(months, months[1:], strict=False):
            self.assertEqual(end + DAY, after)
            self.assertTrue(28 <= (end - begin).days + 1 <= 31)
        for begin, end in months:
            self.assertEqual(month_of(begin, anchor), month_of(end, anchor))

    def test_the_months_of_an_account_are_those_of_its_invoices(self):
        start = date(2026, 3, 17)
        for cycle, wanted in (
            ("monthly", ("2026-05-05", "2026-06-04")),
            ("anniversary", ("2026-04-17", "2026-05-16")),
            ("weekly", ("2026-05-01", "2026-05-31")),
        ):
            anchor = anchor_of(cycle, 5, start)
            found = month_of(date(2026, 5, 10), anchor)
            self.assertEqual(tuple(map(str, found)), wanted, cycle)
