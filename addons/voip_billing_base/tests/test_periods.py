from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase, tagged

from ..engine.periods import CYCLES, add_months, last_closed


def day(text):
    return date.fromisoformat(text)


@tagged("post_install", "-at_install")
class TestPeriods(BaseCase):
    """Tables of closed periods; all dates are local dates of the account."""

    def assertPeriods(self, rows, **options):
        for cycle, today, first, last in rows:
            with self.subTest(cycle=cycle, today=today, **options):
                self.assertEqual(
                    last_closed(cycle, day(today), **options), (day(first), day(last))
                )

    def test_cycles_of_fixed_length_end_where_the_calendar_says(self):
        self.assertPeriods(
            [
                ("daily", "2026-03-01", "2026-02-28", "2026-02-28"),
                ("daily", "2028-03-01", "2028-02-29", "2028-02-29"),
                ("daily", "2026-01-01", "2025-12-31", "2025-12-31"),
                ("weekly", "2026-03-29", "2026-03-16", "2026-03-22"),  # Sunday
                ("weekly", "2026-03-30", "2026-03-23", "2026-03-29"),  # Monday
                ("biweekly", "2024-01-15", "2024-01-01", "2024-01-14"),
                ("biweekly", "2024-01-28", "2024-01-01", "2024-01-14"),
                ("biweekly", "2024-01-29", "2024-01-15", "2024-01-28"),
                ("twice_month", "2026-02-15", "2026-01-16", "2026-01-31"),
                ("twice_month", "2026-02-16", "2026-02-01", "2026-02-15"),
                ("twice_month", "2026-03-01", "2026-02-16", "2026-02-28"),
                ("twice_month", "2028-03-01", "2028-02-16", "2028-02-29"),
            ]
        )

    def test_a_monthly_period_begins_on_the_invoice_day(self):
        self.assertPeriods(
            [
                ("monthly", "2026-03-01", "2026-02-01", "2026-02-28"),
                ("monthly", "2026-03-31", "2026-02-01", "2026-02-28"),
                ("monthly", "2026-01-01", "2025-12-01", "2025-12-31"),
            ],
            day=1,
        )
        self.assertPeriods(
            [
                ("monthly", "2026-03-27", "2026-01-28", "2026-02-27"),
                ("monthly", "2026-03-28", "2026-02-28", "2026-03-27"),
                ("monthly", "2028-03-01", "2028-01-28", "2028-02-27"),
            ],
            day=28,
        )

    def test_an_anniversary_on_the_31st_does_not_drift(self):
        self.assertPeriods(
            [
                ("anniversary", "2026-02-28", "2026-01-31", "2026-02-27"),
                ("anniversary", "2026-03-31", "2026-02-28", "2026-03-30"),
                ("anniversary", "2026-04-30", "2026-03-31", "2026-04-29"),
                ("anniversary", "2026-05-30", "2026-03-31", "2026-04-29"),
                ("anniversary", "2026-05-31", "2026-04-30", "2026-05-30"),
                ("anniversary", "2028-02-29", "2028-01-31", "2028-02-28"),
            ],
            anchor=day("2026-01-31"),
        )

    def test_n_days_are_counted_from_the_start(self):
        self.assertPeriods(
            [
                ("n_days", "2026-01-20", "2026-01-10", "2026-01-19"),
                ("n_days", "2026-01-29", "2026-01-10", "2026-01-19"),
                ("n_days", "2026-01-30", "2026-01-20", "2026-01-29"),
                ("n_days", "2026-04-04", "2026-03-21", "2026-03-30"),
            ],
            anchor=day("2026-01-10"),
            days=10,
        )

    def test_no_period_has_closed_before_the_first_one_ended(self):
        anchor = day("2026-01-31")
        for cycle, today in (
            ("anniversary", "2026-01-31"),
            ("anniversary", "2026-02-27"),
            ("n_days", "2026-02-09"),
            ("n_days", "2025-12-31"),
        ):
            with self.subTest(cycle=cycle, today=today):
                self.assertIsNone(
                    last_closed(cycle, day(today), anchor=anchor, days=10)
                )

    def test_periods_of_every_cycle_follow_each_other_without_gap(self):
        """Walked day by day over four years with a leap day."""
        anchor = day("2025-12-31")
        for cycle in CYCLES:
            for invoice_day in (1, 15, 28):
                with self.subTest(cycle=cycle, invoice_day=invoice_day):
                    self._walk(cycle, anchor, invoice_day)

    def _walk(self, cycle, anchor, invoice_day):
        today, newest, closed = day("2026-01-01"), None, 0
        while today < day("2029-12-31"):
            period = last_closed(cycle, today, invoice_day, anchor, 17)
            today += timedelta(days=1)
            if period in (None, newest):
                continue
            self.assertLessEqual(period[0], period[1])
            self.assertLess(period[1], today - timedelta(days=1))
            if newest:
                self.assertEqual(period[0], newest[1] + timedelta(days=1))
            newest, closed = period, closed + 1
        self.assertGreaterEqual(closed, 46)

    def test_short_and_long_days_belong_to_one_period_like_any_other(self):
        """Berlin: 2026-03-29 has 23 hours, 2026-10-25 has 25."""
        berlin = ZoneInfo("Europe/Berlin")
        for text, hours in (("2026-03-29", 23), ("2026-10-25", 25)):
            start = datetime.fromisoformat(text).replace(tzinfo=berlin)
            end = (start + timedelta(days=1)).replace(tzinfo=berlin)
            length = end.timestamp() - start.timestamp()
            self.assertEqual(length, hours * 3600)
            last = datetime.fromtimestamp(end.timestamp() - 1, berlin).date()
            after = datetime.fromtimestamp(end.timestamp(), berlin).date()
            self.assertNotEqual(
                last_closed("daily", last), (day(text), day(text)), "not over yet"
            )
            self.assertEqual(last_closed("daily", after), (day(text), day(text)))

    def test_months_are_added_from_the_anchor(self):
        for start, months, result in (
            ("2026-01-31", 1, "2026-02-28"),
            ("2026-01-31", 2, "2026-03-31"),
            ("2026-01-31", 13, "2027-02-28"),
            ("2028-02-29", 12, "2029-02-28"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2026-01-15", -1, "2025-12-15"),
        ):
            with self.subTest(start=start, months=months):
                self.assertEqual(add_months(day(start), months), day(result))

    def test_an_unknown_cycle_and_a_missing_anchor_are_refused(self):
        with self.assertRaises(ValueError):
            last_closed("hourly", day("2026-01-01"))
        with self.assertRaises(ValueError):
            last_closed("anniversary", day("2026-01-01"))
