from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_rating import engine

from .test_engine_common import PROPERTY, ints

times = engine.times
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",  # changed at 00:01 until 2011
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Apia",  # skipped a day in 2011
    "Asia/Gaza",
    "America/Caracas",
)


def micros(moment):
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(text):
    return micros(datetime.fromisoformat(text))


def local_day(moment, zone):
    local = (EPOCH + timedelta(microseconds=moment)).astimezone(ZoneInfo(zone))
    return (local.date() - date(1970, 1, 1)).days


@tagged("post_install", "-at_install", "voip_engine")
class TestEngineTimes(BaseCase):
    def test_known_forms(self):
        # text, default zone, the same moment in UTC
        table = (
            ("2024-03-01T10:20:30Z", "Asia/Tokyo", "2024-03-01T10:20:30+00:00"),
            ("2024-03-01 10:20:30", "UTC", "2024-03-01T10:20:30+00:00"),
            ("2024-03-01 10:20", "UTC", "2024-03-01T10:20:00+00:00"),
            ("2024-03-01 10:20:30.5", "UTC", "2024-03-01T10:20:30.500+00:00"),
            ("2024-03-01 10:20:30,25", "UTC", "2024-03-01T10:20:30.250+00:00"),
            ("2024-03-01 10:20:30.123456789Z", "UTC", "2024-03-01T10:20:30.123456Z"),
            ("2024-03-01 10:20:30 +0100", "UTC", "2024-03-01T09:20:30+00:00"),
            ("2024-03-01T10:20:30+05:45", "UTC", "2024-03-01T04:35:30+00:00"),
            ("2024-03-01T10:20:30-05", "UTC", "2024-03-01T15:20:30+00:00"),
            ("2024-03-01 10:20 +0100", "UTC", "2024-03-01T09:20:00+00:00"),
            ("2024-03-01T10:20z", "Asia/Tokyo", "2024-03-01T10:20:00+00:00"),
            ("2024-07-01 10:20:30", "Europe/London", "2024-07-01T09:20:30+00:00"),
            (" 2024-03-01 10:20:30 ", "UTC", "2024-03-01T10:20:30+00:00"),
            # the hour that does not exist moves forward, of the doubled one the first
            ("2024-03-31 01:30:00", "Europe/London", "2024-03-31T01:30:00+00:00"),
            ("2024-10-27 01:30:00", "Europe/London", "2024-10-27T00:30:00+00:00"),
            ("1709288430", "Asia/Tokyo", "2024-03-01T10:20:30+00:00"),
            ("1709288430.25", "Asia/Tokyo", "2024-03-01T10:20:30.250+00:00"),
            (1709288430, "UTC", "2024-03-01T10:20:30+00:00"),
            (1709288430.25, "UTC", "2024-03-01T10:20:30.250+00:00"),
            ("1990-01-01 00:00:00", "UTC", "1990-01-01T00:00:00+00:00"),
            ("2099-12-31 23:59:59.999999", "UTC", "2099-12-31T23:59:59.999999+00:00"),
        )
        for text, zone, expected in table:
            with self.subTest(text=text, zone=zone):
                self.assertEqual(times.parse_time(text, zone), moment_of(expected))

    def test_local_times_are_read_together_as_they_are_alone(self):
        # around a change of each zone, by day and by minute
        for zone, first in (
            ("UTC", "2026-10-25"),
            ("Europe/London", "2026-10-24"),
            ("Europe/London", "2026-03-28"),
            ("America/New_York", "2026-03-07"),
            ("America/St_Johns", "2010-11-06"),
            ("Australia/Lord_Howe", "2024-04-06"),
            ("Pacific/Apia", "2011-12-28"),
            ("Asia/Kathmandu", "2026-01-01"),
        ):
            start = datetime.fromisoformat(first)
            minutes = range(0, 4 * 24 * 60, 7)
            texts = [str(start + timedelta(minutes=n, seconds=n % 60)) for n in minutes]
            texts += [f"{day} 23:59:59" for day in ("1970-01-01", "2026-02-30")]
            raw = np.frombuffer("".join(texts).encode(), np.uint8).reshape(-1, 19)
            moments, ok = times.parse_local(raw, zone)
            alone, later, read, _reasons = times.parse_times_many(texts, zone)
            with self.subTest(zone=zone, first=first):
                self.assertGreater(ok.sum(), len(texts) * 0.7)
                self.assertEqual(moments[ok].tolist(), alone[ok].tolist())
                self.assertFalse((ok & (~read | (later != 0))).any())

    def test_a_time_of_the_hour_that_comes_twice_may_be_later(self):
        # text, zone, in UTC at first, minutes later
        table = (
            ("2024-10-27 01:30:00", "Europe/London", "2024-10-27T00:30:00+00:00", 60),
            ("2024-10-27 00:59:59", "Europe/London", "2024-10-26T23:59:59+00:00", 0),
            ("2024-10-27 02:00:00", "Europe/London", "2024-10-27T02:00:00+00:00", 0),
            ("2024-04-07 01:45", "Australia/Lord_Howe", "2024-04-06T14:45+00:00", 30),
            ("2024-10-27 01:30:00Z", "Europe/London", "2024-10-27T01:30:00+00:00", 0),
            ("1729989000", "Europe/London", "2024-10-27T00:30:00+00:00", 0),
        )
        for text, zone, expected, minutes in table:
            with self.subTest(text=text):
                self.assertEqual(
                    times.read_time(text, zone),
                    (moment_of(expected), minutes * 60_000_000),
                )

    def test_a_call_never_begins_in_the_hour_that_does_not_exist(self):
        table = (
            ("2024-03-31 01:00:00", "Europe/London"),
            ("2024-03-31 01:59:59.999", "Europe/London"),
            ("2024-10-06 02:15", "Australia/Lord_Howe"),
            ("2011-12-30 12:00:00", "Pacific/Apia"),
        )
        for text, zone in table:
            with self.subTest(text=text, zone=zone):
                with self.assertRaisesRegex(times.BadTime, f"does not exist in {zone}"):
                    times.read_time(text, zone)
                self.assertTrue(times.parse_time(text, zone))

    def test_refusals_have_a_reason(self):
        table = (
            ("", "empty"),
            ("2024-03-01", "date and time"),
            ("2024-03-01T24:00:00", "hour above 23"),
            ("2024-02-30 10:00:00", "date and time"),
            ("2024-13-01 10:00:00", "date and time"),
            ("2024-03-01 10:60:00", "date and time"),
            ("2024-03-01 23:59:60", "date and time"),
            ("2024-03-01 10:20:30+16:00", "15 hours"),
            ("2024-03-01 10:20:30+25:00", "15 hours"),
            ("2024-03-01 10:20:30-9900", "15 hours"),
            ("2024-03-01 10:20:30+99", "15 hours"),
            ("2024-03-01 10:20:30+05:75", "59 minutes"),
            ("2024-03-01 10:20:30 UTC", "date and time"),
            ("01/03/2024 10:20", "date and time"),
            ("20240301T102030", "date and time"),
            ("2024-W09-5T10:20:30", "date and time"),
            ("1989-12-31 23:59:59", "1990"),
            ("2100-01-01 00:00:00", "1990"),
            ("0001-01-01 00:00:00", "1990"),
            ("9999-12-31 23:59:59", "1990"),
            ("1709288430000", "date and time|1990"),
            ("0", "1990"),
            (-1, "below"),
            (float("nan"), "finite"),
            (None, "not a number"),
            (True, "not a number"),
            ("٢٠٢٤-03-01 10:20:30", "ASCII"),
            ("2024-03-01 10:20:30\x00", "ASCII"),
        )
        for text, reason in table:
            with self.subTest(text=text), self.assertRaisesRegex(times.BadTime, reason):
                times.parse_time(text)

    def test_unknown_zones_are_refused(self):
        names = ("", "x", "../etc/passwd", "Europe", "\x00", None, "Europe/london ")
        for name in names:
            with self.subTest(name=name), self.assertRaises(ValueError):
                times.zone(name)

    def test_local_days_around_clock_changes(self):
        # the days have 23 and 25 hours; St John's went back over midnight
        table = (
            ("2024-03-30T23:59:59+00:00", "Europe/London", "2024-03-30"),
            ("2024-03-31T00:00:00+00:00", "Europe/London", "2024-03-31"),
            ("2024-03-31T22:59:59+00:00", "Europe/London", "2024-03-31"),
            ("2024-03-31T23:00:00+00:00", "Europe/London", "2024-04-01"),
            ("2024-10-26T23:00:00+00:00", "Europe/London", "2024-10-27"),
            ("2024-10-27T23:59:59+00:00", "Europe/London", "2024-10-27"),
            ("2024-10-28T00:00:00+00:00", "Europe/London", "2024-10-28"),
            ("2010-11-07T02:30:59+00:00", "America/St_Johns", "2010-11-07"),
            ("2010-11-07T02:31:00+00:00", "America/St_Johns", "2010-11-06"),
            ("2010-11-07T03:29:59+00:00", "America/St_Johns", "2010-11-06"),
            ("2010-11-07T03:30:00+00:00", "America/St_Johns", "2010-11-07"),
            ("2011-12-30T09:59:59+00:00", "Pacific/Apia", "2011-12-29"),
            ("2011-12-30T10:00:00+00:00", "Pacific/Apia", "2011-12-31"),
        )
        for moment, zone, expected in table:
            with self.subTest(moment=moment, zone=zone):
                days = times.local_days(ints(moment_of(moment)), zone)
                self.assertEqual(days.dtype, "int32")
                day = date(1970, 1, 1) + timedelta(days=int(days[0]))
                self.assertEqual(day.isoformat(), expected)

    def test_local_days_refuse_moments_out_of_bounds(self):
        for moment in (times.FIRST_US - 1, times.END_US):
            with self.subTest(moment=moment), self.assertRaises(ValueError):
                times.local_days(ints(moment), "UTC")
        self.assertEqual(times.local_days(ints(), "UTC").tolist(), [])

    def test_many_equals_one_by_one(self):
        texts = [
            f"{day} {hour}:{minute}:{second}{zone}"
            for day in ("2010-11-07", "2024-03-31", "2024-02-30", "2099-12-31")
            for hour in ("00", "01", "23", "24")
            for minute in ("00", "30", "59")
            for second in ("00", "07", "59", "60", "7", "0٤", "30.5")
            for zone in ("", "Z", "+0100", " -03:30", "X")
        ]
        values = [*texts, *reversed(texts), None, 1709288430, True, "", " "]
        values.append("1709288430")
        for zone in ("Europe/London", "America/St_Johns"):
            moments, later, ok, reasons = times.parse_times_many(values, zone)
            for index, value in enumerate(values):
                try:
                    expected, shift = times.read_time(value, zone)
                except times.BadTime as error:
                    self.assertEqual(reasons[index], str(error))
                    self.assertEqual((moments[index], ok[index]), (0, False))
                else:
                    self.assertEqual((moments[index], ok[index]), (expected, True))
                    self.assertEqual(later[index], shift)
                    self.assertNotIn(index, reasons)

    def test_text_of_a_moment(self):
        self.assertEqual(times.text_utc(1709288430_000_000), "2024-03-01T10:20:30Z")
        self.assertEqual(times.text_utc(2**63 - 1), f"{2**63 - 1} µs")

    @PROPERTY
    @given(
        st.lists(st.integers(times.FIRST_US, times.END_US - 1), max_size=20),
        st.sampled_from(ZONES),
    )
    def test_local_days_equal_the_calendar(self, moments, zone):
        expected = [local_day(moment, zone) for moment in moments]
        self.assertEqual(times.local_days(ints(*moments), zone).tolist(), expected)

    @PROPERTY
    @given(st.integers(1990, 2037), st.sampled_from(ZONES), st.integers(0, 86_399))
    def test_local_days_are_exact_where_clocks_change(self, year, zone, second):
        place = ZoneInfo(zone)
        start = datetime(year, 1, 1, tzinfo=UTC)
        days = [start + timedelta(days=number) for number in range(366)]
        moments = [
            micros(day) + (second + shift) * 1_000_000
            for day, after in zip(days, days[1:], strict=False)
            if day.astimezone(place).utcoffset() != after.astimezone(place).utcoffset()
            for shift in range(0, 86_400, 3_540)
        ]
        expected = [local_day(moment, zone) for moment in moments]
        self.assertEqual(times.local_days(ints(*moments), zone).tolist(), expected)

    @PROPERTY
    @given(
        st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)),
        st.sampled_from(ZONES),
    )
    def test_iso_text_is_read_as_the_calendar_says(self, moment, zone):
        local = moment.replace(tzinfo=ZoneInfo(zone))
        expected = micros(local)
        self.assertEqual(times.parse_time(moment.isoformat(" "), zone), expected)
        self.assertEqual(times.parse_time(local.isoformat(), "UTC"), expected)
