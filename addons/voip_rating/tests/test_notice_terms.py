"""When a change may be valid that is announced now."""

from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from ..notices.terms import ALL_WEEK, Calendar, earliest

WORK = frozenset(range(5))
HOLIDAYS = {date(2026, 12, 25), date(2026, 12, 28)}


@tagged("post_install", "-at_install")
class TestNoticeTerms(BaseCase):
    def _try(self, cases, calendar=None):
        for delivered, days, zone, expected in cases:
            with self.subTest(delivered=delivered, days=days, zone=zone):
                found = earliest(
                    datetime.fromisoformat(delivered),
                    days,
                    zone,
                    calendar or Calendar(),
                )
                self.assertEqual(str(found), expected)

    def test_the_day_of_delivery_does_not_count(self):
        self._try(
            [
                ("2026-12-03 00:00:00", 7, "UTC", "2026-12-10 00:00:00"),
                ("2026-12-03 23:59:59", 7, "UTC", "2026-12-10 00:00:00"),
                ("2026-12-04 15:00:00", 1, "UTC", "2026-12-05 00:00:00"),
            ]
        )

    def test_without_days_it_is_valid_at_once(self):
        self._try([("2026-12-05 15:00:01", 0, "UTC", "2026-12-05 15:00:01")])

    def test_the_midnight_is_of_the_agreed_zone(self):
        self._try(
            [
                ("2026-12-03 23:00:00", 1, "Pacific/Kiritimati", "2026-12-04 10:00:00"),
                ("2026-12-03 05:00:00", 1, "Pacific/Honolulu", "2026-12-03 10:00:00"),
                ("2026-12-03 11:00:00", 1, "Pacific/Honolulu", "2026-12-04 10:00:00"),
                ("2026-12-03 20:00:00", 1, "Asia/Kolkata", "2026-12-04 18:30:00"),
            ]
        )

    def test_nights_when_clocks_change(self):
        self._try(
            [
                ("2026-03-27 12:00:00", 2, "Europe/Berlin", "2026-03-28 23:00:00"),
                ("2026-03-28 12:00:00", 2, "Europe/Berlin", "2026-03-29 22:00:00"),
                ("2026-10-24 12:00:00", 2, "Europe/Berlin", "2026-10-25 23:00:00"),
                # There is no midnight in Cairo that night: the day begins at 1:00.
                ("2026-04-23 12:00:00", 1, "Africa/Cairo", "2026-04-23 22:00:00"),
                # Havana has this midnight twice; the first one begins the day.
                ("2026-10-31 12:00:00", 1, "America/Havana", "2026-11-01 04:00:00"),
                # Samoa left out the 30th.
                ("2011-12-29 12:00:00", 1, "Pacific/Apia", "2011-12-30 10:00:00"),
            ]
        )

    def test_leap_days_and_the_turn_of_the_year(self):
        self._try(
            [
                ("2028-02-28 12:00:00", 1, "UTC", "2028-02-29 00:00:00"),
                ("2028-02-28 12:00:00", 2, "UTC", "2028-03-01 00:00:00"),
                ("2026-02-28 12:00:00", 1, "UTC", "2026-03-01 00:00:00"),
                ("2026-12-31 12:00:00", 1, "UTC", "2027-01-01 00:00:00"),
            ]
        )

    def test_of_working_days_weekends_and_holidays_do_not_count(self):
        self._try(
            [
                # A Friday, and one before a long Christmas.
                ("2026-12-04 12:00:00", 1, "UTC", "2026-12-07 00:00:00"),
                ("2026-12-04 12:00:00", 5, "UTC", "2026-12-11 00:00:00"),
                ("2026-12-24 12:00:00", 1, "UTC", "2026-12-29 00:00:00"),
                # On a Saturday it is as if on Monday.
                ("2026-12-05 12:00:00", 1, "UTC", "2026-12-08 00:00:00"),
                ("2026-12-26 12:00:00", 1, "UTC", "2026-12-30 00:00:00"),
                ("2026-12-05 12:00:00", 0, "UTC", "2026-12-05 12:00:00"),
                # Still Friday in Honolulu.
                ("2026-12-05 05:00:00", 1, "Pacific/Honolulu", "2026-12-07 10:00:00"),
            ],
            Calendar(WORK, HOLIDAYS),
        )

    def test_a_calendar_without_a_day_that_counts_does_not_wait_for_ever(self):
        never = Calendar(
            {0}, {date.fromordinal(n) for n in range(739000, 745000)}
        )
        found = earliest(datetime(2026, 12, 4, 12), 2, "UTC", never)
        self.assertEqual(found, datetime(2026, 12, 6))
        self.assertEqual(Calendar(()).weekdays, ALL_WEEK)

    def test_more_days_are_never_earlier(self):
        calendar = Calendar(WORK, HOLIDAYS)
        for hour in range(0, 24 * 40, 7):
            moment = datetime.fromtimestamp(1797000000 + hour * 3600)
            found = [earliest(moment, n, "Europe/Berlin", calendar) for n in range(12)]
            self.assertEqual(found, sorted(set(found)))
            self.assertGreaterEqual(found[0], moment)
