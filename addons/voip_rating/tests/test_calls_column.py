"""What is read a column at a time equals what is read one by one."""

from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pyarrow as pa
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..calls import claim, column, resolve
from ..calls.answer import Odd
from ..calls.check import Limits, Records, columns_of, parse_records
from ..engine import NumberRules
from ..engine.numbers import BadNumber, normalise
from ..engine.times import BadTime, parse_time, parse_utc, read_time
from .common import VoipRatingCommon
from .test_engine_common import PROPERTY

RULES = (
    NumberRules(),
    NumberRules(tech_prefix="77#"),
    NumberRules(country_code="44", national_prefix="0"),
    NumberRules(country_code="1", default_national=True),
    NumberRules(strip_digits=2),
    NumberRules(add_prefix="49"),
    NumberRules(country_code="49", local_length=5, area_code="30"),
    NumberRules(min_digits=7),
    NumberRules(min_digits=7, short_codes=(("00", "9990"), ("7", ""))),
)
NUMBER = st.from_regex(r"\A(\+|00|011|0|77#|)?[0-9]{0,16}[ -]?[0-9é٣]{0,3}\Z")
STAMP = st.from_regex(
    r"\A(1989|1990|2024|2099|2100|20[0-9]{2})-([01][0-9])-([0-3][0-9])[T ]"
    r"([0-2][0-9]):([0-6][0-9]):([0-6][0-9])([.,][0-9]{1,9})?[Zz ]\Z"
)


@tagged("post_install", "-at_install")
class TestCdrColumns(BaseCase):
    @PROPERTY
    @given(STAMP)
    def test_times_in_utc(self, stamp):
        chars = np.frombuffer(stamp.encode(), np.uint8)[None, :]
        moments, ok = parse_utc(chars)
        try:
            expected = parse_time(stamp)
        except BadTime:
            expected = None
        if ok[0]:
            self.assertEqual(int(moments[0]), expected)
        else:
            self.assertTrue(expected is None or not stamp.endswith(("Z", "z")), stamp)

    @PROPERTY
    @given(st.lists(st.one_of(STAMP, st.sampled_from(("", "1700000000.5", "x", "é")))))
    def test_a_column_of_times(self, stamps):
        limits = Limits(zone="Europe/London", now_us=0)
        errors = parse_records({}, [], limits)[1].__class__()
        array = pa.array(stamps, pa.string())
        found = column.moments("end", array, len(stamps), limits.zone, errors, Odd())
        for row, stamp in enumerate(stamps):
            try:
                expected = read_time(stamp, limits.zone)[0] if stamp else None
            except BadTime as error:
                expected = None
                self.assertEqual(errors[row], ("bad_time", f"end: {error}"))
            if expected is None:
                expected = column.NO_TIME
            self.assertEqual(int(found[row]), expected)

    @PROPERTY
    @given(st.lists(NUMBER), st.sampled_from(RULES))
    def test_numbers(self, texts, rules):
        array = pa.array(texts, pa.string())
        rows = np.arange(len(texts))
        numbers, lengths, reasons = resolve._normalise(array, rows, rules)
        for row, raw in enumerate(texts):
            try:
                expected = normalise(raw, rules)
            except BadNumber as error:
                self.assertEqual(reasons[row], str(error))
                self.assertEqual(reasons[row].code, error.code)
                expected = ""
            self.assertEqual(int(numbers[row]), int(expected or 0))
            self.assertEqual(int(lengths[row]), len(expected))

    def test_equal_texts_share_a_result_and_each_bad_row_its_error(self):
        columns = {
            "call_id": ["1", "2", "3", "4"],
            "called": ["442071234567"] * 4,
            "start": ["2026-10-01T00:00:00Z"] * 4,
            "duration": ["1.5", "x", "1.5", "x"],
            "mos": ["4.1", "4.1", "9", ""],
            "answered": ["yes", "no", "perhaps", ""],
        }
        limits = Limits(zone="UTC", now_us=1_800_000_000_000_000)
        from_lists, errors = parse_records(columns, [""] * 4, limits)
        arrays = {name: pa.array(values) for name, values in columns.items()}
        from_arrays, same_errors = parse_records(arrays, [""] * 4, limits)
        self.assertEqual(errors, same_errors)
        self.assertEqual({row: code for row, (code, _m) in errors.items()}, {
            1: "bad_duration", 2: "missing_field", 3: "bad_duration"
        })
        self.assertEqual(from_lists.payload(0), from_arrays.payload(0))
        self.assertEqual(from_lists.payload(0)["duration"], "1.5")
        self.assertEqual(from_lists.marks().tolist(), from_arrays.marks().tolist())

    def test_marks_tell_every_field_apart(self):
        base = {"call_id": "1", "called": "44", "start": "2026-10-01T00:00:00Z"}
        base |= {"answered": True, "duration": "1"}
        others = {
            "caller": "1",
            "called": "45",
            "start": "2026-10-01T00:00:01Z",
            "answer": "2026-10-01T00:00:01Z",
            "end": "2026-10-01T00:00:01Z",
            "duration": "2",
            "answered": False,
            "trunk": "1",
            "account": "1",
            "supplier_trunk": "1",
            "direction": "inbound",
            "jurisdiction": "intra",
            "lrn": "1",
            "sip_code": 200,
            "hangup_cause": "1",
        }
        dicts = [base, dict(base), *({**base, n: v} for n, v in others.items())]
        limits = Limits(zone="UTC", now_us=1_800_000_000_000_000)
        records, errors = parse_records(*columns_of(dicts), limits)
        self.assertEqual(errors, {})
        marks = records.marks().tolist()
        self.assertEqual(marks[0], marks[1])
        self.assertEqual(len(set(marks)), len(others) + 1)
        self.assertEqual(len(set(records.keys(7))), 1)
        self.assertNotEqual(records.keys(7)[0], records.keys(8)[0])


@tagged("post_install", "-at_install")
class TestClaim(VoipRatingCommon):
    def test_a_key_that_another_intake_took_meanwhile_is_a_duplicate(self):
        account = self._create_account(deck_id=self._create_deck().id)
        trunk, switch = self._create_trunk(account), self._create_switch()
        start = f"{self.env.cr.now():%Y-%m-%d}T00:00:00Z"
        records = [
            {"call_id": call, "called": "44", "start": start, "trunk": trunk.code}
            for call in ("1", "2")
        ]

        def ingest(*sent):
            return self.env["voip.cdr"].ingest(switch=switch.code, records=list(sent))

        ingest(records[0])
        asked = []

        def late(cr, query, *arguments, **options):
            if isinstance(query, str) and "SELECT key, mark FROM" in query:
                asked.append(query)
                if len(asked) == 1:
                    query = f"SELECT * FROM ({query}) known WHERE false"
            return execute(cr, query, *arguments, **options)

        execute = type(self.env.cr).execute
        with patch.object(type(self.env.cr), "execute", late):
            answer = ingest(*records)
        self.assertEqual(len(asked), 2)
        self.assertEqual((answer["accepted"], answer["duplicates"]), (1, 1))

    def test_the_database_makes_the_same_keys(self):
        sent = [
            {"call_id": call_id, "leg": leg, "called": "44", "start": "2026-10-01"}
            for call_id in ("1", "é", "a84b4c76\\x", "'", "x" * 255)
            for leg in ("a", "b", "9é")
        ]
        limits = Limits(zone="UTC", now_us=1_800_000_000_000_000)
        records, _errors = parse_records(*columns_of(sent), limits)
        for switch_id in (1, 2_000_000_000):
            keys = records.keys(switch_id).tolist()
            self.assertEqual(len(set(keys)), len(sent))
            for row, key in zip(sent, keys, strict=True):
                self.env.cr.execute(
                    "SELECT voip_cdr_key_of(%s, %s, %s)",
                    [row["call_id"], switch_id, row["leg"]],
                )
                self.assertEqual(self.env.cr.fetchone()[0], key)

    def test_a_call_is_looked_for_in_its_month_and_those_beside_it(self):
        account = self._create_account(deck_id=self._create_deck().id)
        trunk, switch = self._create_trunk(account), self._create_switch()
        this = self.env.cr.now().replace(day=1, hour=0, minute=0)

        def ingest(*months, call_id):
            starts = [this - relativedelta(months=ago) for ago in months]
            answer = self.env["voip.cdr"].ingest(
                switch=switch.code,
                records=[
                    {
                        "call_id": call_id,
                        "called": "44",
                        "start": f"{start:%Y-%m-%dT%H:%M:00Z}",
                        "trunk": trunk.code,
                    }
                    for start in starts
                ],
            )
            return answer["accepted"], answer["duplicates"], answer["conflicts"]

        # (accepted, duplicates, conflicts) after one sent for three months ago
        for months, expected in (
            ((3,), (0, 1, 0)),
            ((2,), (0, 0, 1)),
            ((4,), (0, 0, 1)),
            ((1,), (1, 0, 0)),
            ((5,), (1, 0, 0)),
            ((0, 3, 6), (2, 1, 0)),
        ):
            call_id = f"call-{months}"
            with self.subTest(months=months):
                self.assertEqual(ingest(3, call_id=call_id), (1, 0, 0))
                self.assertEqual(ingest(*months, call_id=call_id), expected)
        self.assertEqual(ingest(0, 1, 2, 4, call_id="one batch"), (3, 0, 1))

    def test_a_key_clashes_with_calls_of_its_own_switch_only(self):
        account = self._create_account(deck_id=self._create_deck().id)
        trunk = self._create_trunk(account)
        start = f"{self.env.cr.now():%Y-%m-%d}T00:00:00Z"
        record = {"called": "44", "start": start, "trunk": trunk.code}

        def ingest(switch, call_id):
            answer = self.env["voip.cdr"].ingest(
                switch=switch.code, records=[{**record, "call_id": call_id}]
            )
            return answer["accepted"], answer["duplicates"], answer["conflicts"]

        switches = [self._create_switch(), self._create_switch()]
        same = patch.object(Records, "keys", lambda self, _switch: np.zeros(1, int))
        with same:
            for switch in switches:
                self.assertEqual(ingest(switch, "victim"), (1, 0, 0))
                self.assertEqual(ingest(switch, "victim"), (0, 1, 0))


@tagged("post_install", "-at_install")
class TestClaimUnasked(TestClaim):
    """Many keys are written without a look whether they are known."""

    allow_inherited_tests_method = True

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(claim, "MANY", 1))


    def test_what_begins_close_to_a_border_names_its_month(self):
        starts = "2026-10-31T23:30", "2026-11-01", "2026-11-30T22:59", "2026-12-05"
        micros = np.array(starts, "M8[us]").astype(np.int64)
        for rows, expected in (((0,), [682]), ((1, 0), [682]), ((2, 3), [])):
            records = SimpleNamespace(start=micros[list(rows)])
            with self.subTest(rows=rows):
                self.assertEqual(Records.borders(records, 3600).tolist(), expected)


@tagged("post_install", "-at_install")
class TestSeen(BaseCase):
    @PROPERTY
    @given(st.lists(st.sets(st.integers(-(2**63), 2**63 - 1))))
    def test_keys_are_found_once_they_were_added(self, chunks):
        seen, added = claim.Seen(), set()
        for chunk in chunks:
            keys = np.array(sorted(chunk | added), np.int64)
            self.assertEqual(seen.has(keys).tolist(), [key in added for key in keys])
            seen.add(np.array(sorted(chunk), np.int64))
            added |= chunk
