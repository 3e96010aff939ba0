import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_supplier_audit.engine import numbers, offset, pair
from odoo.addons.voip_supplier_audit.engine.records import Records
from odoo.addons.voip_supplier_audit.engine.runs import distinct, looked_up

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
BEGIN = 1_790_812_800_000_000
NIGHT = BEGIN + 13 * DAY


class Calls:
    """Calls of a month; some of the same two numbers within seconds."""

    def __init__(self, size=20_000, seed=5):
        self.random = random = np.random.default_rng(seed)
        self.called = random.integers(447_100_000_000, 447_199_999_999, size)
        self.caller = random.integers(33_100_000_000, 33_199_999_999, size)
        self.start = BEGIN + random.integers(0, 30 * 86_400, size) * SECOND
        self.ms = random.integers(1, 600, size) * 1000
        again = random.permutation(size)[: size // 10]
        of = random.permutation(size)[: size // 10]
        self.called[again], self.caller[again] = self.called[of], self.caller[of]
        gap = random.integers(1, 60, of.size) * SECOND
        self.start[again] = self.start[of] + self.ms[of] * 1000 + gap

    def ours(self, ids=None):
        return self.records(slice(None), self.start, ids)

    def records(self, rows, start, ids=None):
        columns = {"caller": self.caller[rows], "called": self.called[rows]}
        if ids is not None:
            columns["id_hash"] = ids[rows]
        return Records.of(start_us=start, duration_ms=self.ms[rows], **columns)

    def theirs(self, clock=lambda moment: moment, ids=None):
        """Shuffled, 1 in 500 lacking, starts a second off; ``(rows of ours, …)``."""
        lacking = max(self.start.size // 500, 1)
        rows = self.random.permutation(self.start.size)[lacking:]
        jitter = self.random.integers(-1, 2, rows.size) * SECOND
        return rows, self.records(rows, clock(self.start[rows]) + jitter, ids)


def with_offset(seconds, drift=0.0):
    def clock(moment):
        late = ((moment - BEGIN) * drift).astype(np.int64)
        return moment + seconds * SECOND + late

    return clock


def summer_time(moment):
    return moment + np.where(moment >= NIGHT, HOUR, 0)


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestPair(BaseCase):
    def check(self, clock, match, rows):
        wrong = (match.ours >= 0) & (match.ours != rows)
        self.assertLessEqual(wrong.sum(), rows.size * 3 // 10_000 + 2, clock)
        self.assertGreaterEqual(10 * match.ambiguous[wrong].sum(), 9 * wrong.sum())
        self.assertGreater((match.ours >= 0).sum(), 0.998 * rows.size)
        self.assertLess(match.ambiguous.sum(), rows.size // 50)

    def test_calls_find_each_other_whatever_the_clock_shows(self):
        calls = Calls()
        clocks = {
            "none": with_offset(0),
            "37 s": with_offset(37),
            "2 h": with_offset(7_200),
            "both": with_offset(7_237),
            "200 ppm": with_offset(37, 200e-6),
            "a night of summer time": summer_time,
        }
        for name, clock in clocks.items():
            with self.subTest(name):
                rows, theirs = calls.theirs(clock)
                self.check(name, pair.match(calls.ours(), theirs), rows)

    def test_offset_drift_and_step_are_told(self):
        calls = Calls()
        match = pair.match(calls.ours(), calls.theirs(with_offset(7_237))[1])
        self.assertAlmostEqual(match.clock.offset_us / SECOND, 7_237, delta=1)
        self.assertEqual(match.clock.zone_us, 2 * HOUR)
        match = pair.match(calls.ours(), calls.theirs(with_offset(37, 200e-6))[1])
        self.assertAlmostEqual(match.clock.drift * 1e6, 200, delta=2)
        match = pair.match(calls.ours(), calls.theirs(summer_time)[1])
        self.assertEqual(match.clock.step_us, HOUR)
        self.assertLess(abs(match.clock.step_at_us - NIGHT - HOUR), HOUR // 2 + HOUR)

    def test_three_hundred_rows_are_enough_for_an_offset(self):
        calls = Calls(300)
        match = pair.match(calls.ours(), calls.theirs(with_offset(-18_000 + 8))[1])
        self.assertAlmostEqual(match.clock.offset_us / SECOND, -17_992, delta=1)

    def test_too_few_calls_are_no_clock(self):
        self.assertEqual(offset.estimate(np.arange(4), np.arange(4)), offset.Clock())

    def test_call_ids_pair_what_numbers_cannot(self):
        calls = Calls(2_000)
        ids = calls.random.integers(1, 2**62, 2_000)
        rows, theirs = calls.theirs(with_offset(7_200), ids)
        theirs.caller[:] = 0
        match = pair.match(calls.ours(ids), theirs)
        self.assertTrue((match.ours == rows).all())
        self.assertTrue((match.way == pair.BY_ID).all())

    def test_an_id_that_returns_days_later_is_another_call(self):
        calls = Calls(2_000)
        ids = np.arange(1, 2_001)
        rows, theirs = calls.theirs(ids=ids)
        theirs.id_hash[:100] = ids[rows[100:200]]
        match = pair.match(calls.ours(ids), theirs)
        wrong = (match.ours >= 0) & (match.ours != rows)
        self.assertEqual(wrong.sum(), 0)

    def test_the_same_two_numbers_a_minute_long(self):
        calls = Calls(4_000)
        calls.called[:], calls.caller[:] = 447_100_000_000, 33_100_000_000
        calls.start[:] = BEGIN + np.arange(4_000) * 20 * SECOND
        rows, theirs = calls.theirs()
        self.check("dense", pair.match(calls.ours(), theirs), rows)

    def test_all_calls_of_two_numbers_at_one_moment_are_bounded(self):
        calls = Calls(4_000)
        calls.called[:], calls.caller[:] = 447_100_000_000, 33_100_000_000
        calls.start[:] = BEGIN
        match = pair.match(calls.ours(), calls.theirs()[1])
        paired = match.way == pair.BY_NUMBERS
        self.assertGreater(paired.sum(), 1_000)
        self.assertTrue(match.ambiguous[paired].all())

    def test_masked_and_national_numbers(self):
        calls = Calls(3_000)
        forms = {
            "last 9": lambda number: number % 10**9,
            "masked 3": lambda number: number // 1000 * 1000,
        }
        for name, written in forms.items():
            with self.subTest(name):
                rows, theirs = calls.theirs()
                theirs.called[:] = written(theirs.called)
                match = pair.match(calls.ours(), theirs)
                self.assertEqual(match.forms, ("whole", name))
                self.check(name, match, rows)

    def test_numbers_of_others_have_no_form(self):
        ours, theirs = np.arange(1, 500) * 10**9, np.arange(1, 500) * 10**9 + 7 * 10**6
        self.assertIsNone(numbers.find_form(ours, theirs))

    def test_records_without_caller_find_the_called_number(self):
        calls = Calls(3_000)
        rows, theirs = calls.theirs()
        theirs.caller[:300] = 0
        match = pair.match(calls.ours(), theirs)
        self.check("no caller", match, rows)
        self.assertGreater((match.way == pair.BY_CALLED).sum(), 250)

    def test_a_call_of_ours_is_two_legs_of_theirs(self):
        calls = Calls(3_000)
        calls.ms += 120_000
        rows, theirs = calls.theirs()
        first, second = 70_000, theirs.duration_ms[:60] - 70_000
        legs = Records.of(
            caller=theirs.caller[:60],
            called=theirs.called[:60],
            start_us=theirs.start_us[:60] + first * 1000,
            duration_ms=second,
        )
        theirs.duration_ms[:60] = first
        both = Records.of(
            **{
                name: np.concatenate((getattr(theirs, name), getattr(legs, name)))
                for name in ("caller", "called", "start_us", "duration_ms", "id_hash")
            }
        )
        match = pair.match(calls.ours(), both)
        found = match.way[-60:] == pair.LEG
        self.assertGreater(found.sum(), 54)
        self.assertTrue((match.ours[-60:][found] == rows[:60][found]).all())

    def test_a_record_that_comes_twice_is_a_duplicate_of_the_first(self):
        calls = Calls(3_000)
        rows, theirs = calls.theirs()
        twice = theirs.take(np.concatenate((np.arange(len(theirs)), np.arange(50))))
        match = pair.match(calls.ours(), twice)
        again = np.flatnonzero(match.way == pair.DUPLICATE)
        self.assertEqual(again.size, 50)
        first = match.repeats[again] % len(theirs)
        self.assertTrue((first == again % len(theirs)).all())
        mine = calls.ours()
        double = mine.take(np.concatenate((np.arange(len(mine)), np.arange(50))))
        match = pair.match(double, theirs)
        self.assertGreaterEqual((match.my_way == pair.DUPLICATE).sum(), 49)

    def test_durations_in_whole_minutes_still_tell_calls_apart(self):
        calls = Calls(3_000)
        rows, theirs = calls.theirs()
        theirs.duration_ms[:] = -(-theirs.duration_ms // 60_000) * 60_000
        self.check("minutes", pair.match(calls.ours(), theirs), rows)

    def test_nothing_on_a_side_is_nothing_found(self):
        calls = Calls(10)
        nothing = calls.ours().take(slice(0))
        self.assertEqual(len(pair.match(calls.ours(), nothing).ours), 0)
        match = pair.match(nothing, calls.ours())
        self.assertTrue((match.ours == pair.NONE).all())


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestDistinct(BaseCase):
    def test_values_near_each_other_and_far_apart_are_told_alike(self):
        for values in ([], [7], [-1, 3, -1, 2], [2**62, -5, 2**62, 0], [9, 9, 9]):
            with self.subTest(values=values):
                values = np.array(values, np.int64)
                found, place = distinct(values)
                self.assertEqual(found.tolist(), sorted(set(values.tolist())))
                self.assertEqual(found[place].tolist(), values.tolist())

    def test_ids_are_looked_up_alike_whether_they_lie_close_or_far_apart(self):
        for known in ([], [7], [5, 3, 9, 4], [2**62, -(2**61), 0]):
            with self.subTest(known=known):
                known = np.array(known, np.int64)
                asked = np.array([*known, *(known + 1), *(known - 1), 0, 7], np.int64)
                told = dict(zip(known.tolist(), range(10, 20), strict=False))
                values = np.arange(10, 10 + known.size)
                found = looked_up(known, values, asked, -1)
                expected = [told.get(one, -1) for one in asked.tolist()]
                self.assertEqual(found.tolist(), expected)
