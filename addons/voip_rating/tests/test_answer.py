"""The answer decides whether a call is charged; what is said twice must agree."""

import csv
import io
from datetime import UTC, datetime

from odoo.tests import BaseCase, tagged

from ..calls.answer import AMBIGUOUS
from ..calls.check import Limits, columns_of, parse_records
from ..calls.read import chunks_of
from ..engine.rate import NO_TIME

NOW = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()) * 1_000_000
START, ANSWER, END = (f"2026-10-05T10:00:{second}Z" for second in ("00", "04", "51"))
NEVER = (
    "",
    None,
    False,
    0,
    0.0,
    "0",
    "0.000000",
    "1970-01-01 00:00:00",
    "1970-01-01T00:00:00Z",
    "1970-01-01 01:00:00",
    "1969-12-31T19:00:00-05:00",
    "0000-00-00 00:00:00",
    "0000-00-00",
    "0001-01-01T00:00:00Z",
    "0001-01-01 00:00:00",
    "NULL",
    "\\N",
    " ",
    "   ",
)


def by_json(record, limits):
    return parse_records(*columns_of([record]), limits)


def by_csv(record, limits):
    text = io.StringIO()
    if "answer" not in record:
        # A file of durations has to have a column that says what was answered.
        record = {"answered": "", **record}
    values = ["null" if value is False else value for value in record.values()]
    csv.writer(text).writerows([record.keys(), values])
    file = io.BytesIO(text.getvalue().encode())
    [(records, errors, _source)] = chunks_of(file, limits)
    return records, errors


@tagged("post_install", "-at_install")
class TestAnswer(BaseCase):
    def _read(self, record, zone="UTC", tolerance_ms=1000):
        """What both ways make of a record: (records, (code, message) or None)."""
        limits = Limits(zone=zone, now_us=NOW, tolerance_ms=tolerance_ms)
        base = {"call_id": "1", "called": "442071234567", "start": START}
        found = []
        for way in (by_json, by_csv):
            records, errors = way({**base, **record}, limits)
            error = errors.get(0)
            found.append((records.payload(0) if error is None else None, error))
        self.assertEqual(found[0], found[1])
        return records, error

    def assertRead(self, record, answered, milliseconds, **options):
        records, error = self._read(record, **options)
        self.assertIsNone(error)
        self.assertEqual(
            (bool(records.answered[0]), int(records.duration_ms[0])),
            (answered, milliseconds),
        )
        return records

    def assertRefused(self, record, code, *words, **options):
        _records, error = self._read(record, **options)
        self.assertIsNotNone(error)
        self.assertEqual(error[0], code, error)
        for word in words:
            self.assertIn(word, error[1])

    def test_without_an_answer_a_call_is_an_attempt_whatever_the_duration_says(self):
        for record in (
            {"duration": "25", "sip_code": "603"},
            {"duration": "25", "end": "2026-10-05T10:00:25Z"},
            {"duration": "25", "answered": ""},
            {"duration": "25", "answered": "no"},
            {"duration": "0", "answered": "false", "answer": ANSWER},
            {"duration": "0", "sip_code": "200"},
            {"sip_code": "200", "end": END},
            {"duration": "25", "hangup_cause": "NO ANSWER"},
            *({"answer": value, "duration": "25"} for value in NEVER),
            *({"answer": value, "end": END} for value in NEVER),
            *({"answer": value, "answered": "0"} for value in NEVER),
        ):
            with self.subTest(record):
                records = self.assertRead(record, False, 0)
                if record.get("answer") != ANSWER:
                    self.assertEqual(int(records.answer[0]), NO_TIME)

    def test_a_duration_and_sip_code_200_without_answer_are_refused(self):
        for record in (
            {"duration": "25", "sip_code": "200"},
            {"duration": "25", "sip_code": "200", "answer": ""},
            {"duration": "25", "sip_code": "200", "end": END},
        ):
            with self.subTest(record):
                self.assertRefused(record, "missing_field", "SIP code 200", "25 s")
        for answered in ("true", "false"):
            record = {"duration": "25", "sip_code": "200", "answered": answered}
            self.assertIsNone(self._read(record)[1])

    def test_a_call_that_was_not_answered_and_lasted_contradicts_itself(self):
        for record, lasted in (
            ({"duration": "25"}, "25 s"),
            ({"end": END}, "47 s"),
            ({"end": END, "duration": "47", "sip_code": "200"}, "47 s"),
        ):
            with self.subTest(record):
                denial = {"answered": "false", "answer": ANSWER, **record}
                self.assertRefused(denial, "bad_duration", "answered", lasted)
        denial = {"answered": "false", "answer": ANSWER, "duration": "1"}
        self.assertRead(denial, False, 0)

    def test_an_answered_call_is_one_with_any_hangup_cause(self):
        for cause in ("NO_ANSWER", "USER_BUSY", "ORIGINATOR_CANCEL", "NORMAL_CLEARING"):
            for sip_code in ("200", "408", "486", "603"):
                record = {"hangup_cause": cause, "sip_code": sip_code}
                with self.subTest(record):
                    record |= {"answer": ANSWER, "duration": "47"}
                    self.assertRead(record, True, 47_000)

    def test_an_answered_call_has_the_duration_stated_or_from_answer_to_end(self):
        for record, milliseconds in (
            ({"answer": ANSWER, "duration": "47"}, 47_000),
            ({"answer": ANSWER, "end": END}, 47_000),
            ({"answer": ANSWER, "end": END, "duration": "46.2"}, 46_200),
            ({"answered": "true", "duration": "47"}, 47_000),
            ({"answered": "yes", "duration": "47", "end": END}, 47_000),
            ({"answer": ANSWER, "duration": "0"}, 0),
            ({"answer": ANSWER, "end": ANSWER}, 0),
            ({"answered": "1", "duration": "0"}, 0),
        ):
            with self.subTest(record):
                self.assertRead(record, True, milliseconds)

    def test_a_call_that_says_it_was_answered_never_is_bad_time(self):
        for value in NEVER:
            with self.subTest(value=value):
                claim = {"answer": value, "answered": "true", "duration": "47"}
                self.assertRefused(claim, "bad_time", "answer", "never")
                if value not in ("", None):
                    claim = {"end": value, "answered": "true", "duration": "47"}
                    self.assertRefused(claim, "bad_time", "end", "never")

    def test_never_is_no_start(self):
        for value in NEVER[3:]:
            with self.subTest(value=value):
                self.assertRefused({"start": value}, "bad_time", "start")

    def test_answered_without_duration_and_end_is_missing_duration(self):
        for record in (
            {"answer": ANSWER},
            {"answered": "true"},
            {"answered": "true", "end": END},
            {"answer": ANSWER, "answered": "1", "end": ""},
            {"answer": ANSWER, "duration": "", "end": "0"},
        ):
            with self.subTest(record):
                self.assertRefused(record, "missing_duration", "duration")

    def test_a_duration_that_contradicts_answer_and_end_is_refused_with_all(self):
        span = {"answer": ANSWER, "end": "2026-10-05T10:05:10Z"}  # 306 s
        for stated, taken in (
            ("10800", None),
            ("0", None),
            ("304.999", None),
            ("305", 305_000),
            ("306", 306_000),
            ("307", 307_000),
            ("307.001", None),
        ):
            with self.subTest(stated=stated):
                record = {**span, "duration": stated}
                if taken is None:
                    self.assertRefused(
                        record, "bad_duration", f" {stated} s", "10:00:04", "10:05:10",
                        "306 s",
                    )  # fmt: skip
                else:
                    self.assertRead(record, True, taken)

    def test_a_call_without_answer_time_is_no_longer_than_start_to_end(self):
        claim = {"answered": "true", "end": END}  # 51 s after the start
        self.assertRead({**claim, "duration": "52"}, True, 52_000)
        self.assertRead({**claim, "duration": "3"}, True, 3_000)
        record = {**claim, "duration": "52.1"}
        self.assertRefused(record, "bad_duration", "52.1 s", "from start", "51 s")

    def test_the_switch_states_its_tolerance(self):
        record = {"answer": ANSWER, "end": END, "duration": "52"}
        self.assertRefused(record, "bad_duration", tolerance_ms=4_999)
        self.assertRead(record, True, 52_000, tolerance_ms=5_000)
        record["duration"] = "47.001"
        self.assertRefused(record, "bad_duration", tolerance_ms=0)

    def test_the_order_of_a_records_times_tells_the_hour_that_comes_twice(self):
        # Berlin: 03:00 +02:00 becomes 02:00 +01:00 at 01:00 UTC
        for start, answer, end, duration, expected in (
            # (start, answer, end) in UTC, or None where it stays in doubt
            ("01:50:00", "01:50:00", "02:30:00", "2400", ("23:50", "23:50", "00:30")),
            ("01:50:00", "01:50:00", "02:30:00", "6000", ("23:50", "23:50", "01:30")),
            ("02:50:00", "02:50:04", "02:10:04", "1200", ("00:50", "00:50", "01:10")),
            ("02:50:00", "02:50:04", "02:10:04", "", ("00:50", "00:50", "01:10")),
            ("02:55:00", "02:05:00", "03:05:00", "3600", ("00:55", "01:05", "02:05")),
            ("02:40:00", "02:40:00", "03:20:00", "2400", ("01:40", "01:40", "02:20")),
            ("02:40:00", "02:40:00", "03:20:00", "6000", ("00:40", "00:40", "02:20")),
            ("01:50:00", "01:50:00", "03:10:00", "8400", ("23:50", "23:50", "02:10")),
        ):
            times = {"start": start, "answer": answer, "end": end}
            record = {name: f"2026-10-25 {clock}" for name, clock in times.items()}
            record["duration"] = duration
            with self.subTest(record):
                records, error = self._read(record, zone="Europe/Berlin")
                self.assertIsNone(error)
                payload = records.payload(0)
                found = tuple(payload[name][11:16] for name in times)
                self.assertEqual(found, expected)
                self.assertNotIn(AMBIGUOUS, payload)

    def test_a_call_that_fits_twice_is_the_shorter_one_and_marked(self):
        for start, end, milliseconds, words in (
            ("01:50:00", "02:30:00", 2_400_000, "end"),
            ("02:10:00", "02:30:00", 1_200_000, "start, answer, end"),
            ("02:40:00", "03:20:00", 2_400_000, "start, answer"),
        ):
            start, end = f"2026-10-25 {start}", f"2026-10-25 {end}"
            record = {"start": start, "answer": start, "end": end}
            with self.subTest(record):
                records = self.assertRead(
                    record, True, milliseconds, zone="Europe/Berlin"
                )
                mark = records.payload(0)[AMBIGUOUS]
                words += ": the clock showed this twice, 60 minutes apart"
                self.assertTrue(mark.startswith(words), mark)

    def test_what_the_sender_adds_stays_beside_the_mark(self):
        clock = "2026-10-25 02:10:00"
        record = {"start": clock, "answer": clock, "duration": "5", "colour": "red"}
        records = self.assertRead(record, True, 5_000, zone="Europe/Berlin")
        payload = records.payload(0)
        self.assertEqual(payload["colour"], "red")
        self.assertIn("start, answer", payload[AMBIGUOUS])

    def test_times_with_an_offset_are_never_in_doubt(self):
        for offset in ("+02:00", "+01:00", "Z"):
            start, end = (f"2026-10-25T02:{m}:00{offset}" for m in ("10", "30"))
            record = {"start": start, "answer": start, "end": end}
            with self.subTest(offset=offset):
                records = self.assertRead(
                    record, True, 1_200_000, zone="Europe/Berlin"
                )
                self.assertNotIn(AMBIGUOUS, records.payload(0))

    def test_the_hour_that_does_not_exist_is_an_error_that_says_so(self):
        for zone, clock in (
            ("Europe/Berlin", "2026-03-29 02:30:00"),
            ("Europe/London", "2026-03-29 01:00:00"),
            ("America/New_York", "2026-03-08 02:59:59.9"),
        ):
            with self.subTest(zone=zone):
                self.assertRefused(
                    {"start": clock}, "bad_time", "does not exist", zone, zone=zone
                )
