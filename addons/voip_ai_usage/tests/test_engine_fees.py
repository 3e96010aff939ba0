"""What a plan costs by the month, against tables by hand."""

from datetime import date

from odoo.tests import BaseCase, tagged

from ..engine.fees import days_in, months, share

ONE = 10**8


@tagged("post_install", "-at_install")
class TestFees(BaseCase):
    def test_days_of_a_month_that_a_plan_covers(self):
        february = date(2028, 2, 1)
        for start, end, wanted in (
            (date(2028, 1, 1), None, 29),
            (date(2028, 2, 1), date(2028, 2, 29), 29),
            (date(2028, 2, 15), None, 15),
            (date(2028, 2, 29), None, 1),
            (date(2028, 1, 1), date(2028, 2, 1), 1),
            (date(2028, 1, 1), date(2028, 1, 31), 0),
            (date(2028, 3, 1), None, 0),
        ):
            with self.subTest(start=start, end=end):
                self.assertEqual(days_in(february, start, end), (wanted, 29))

    def test_months_from_a_day_to_a_day(self):
        found = months(date(2026, 12, 31), date(2027, 2, 1))
        self.assertEqual(found, [date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)])
        self.assertEqual(months(date(2026, 2, 1), date(2026, 1, 31)), [])

    def test_a_share_is_rounded_once(self):
        for price, days, of, wanted in (
            (800 * ONE, 31, 31, 800 * ONE),
            (800 * ONE, 10, 30, 26_666_666_667),
            (800 * ONE, 0, 30, 0),
            (1, 1, 2, 1),
            (1, 1, 3, 0),
        ):
            with self.subTest(price=price, days=days):
                self.assertEqual(share(price, days, of), wanted)
