import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_supplier_audit.engine import pair
from odoo.addons.voip_supplier_audit.engine.records import Records

from .test_engine_pair import DAY, HOUR, NIGHT, SECOND, Calls


def few(size, seed):
    """Calls of six days about a night, all of other numbers."""
    calls = Calls(size, seed)
    random = calls.random
    calls.called = random.permutation(size) + 447_100_000_000
    calls.start = NIGHT - 3 * DAY + random.integers(0, 6 * 86_400, size) * SECOND
    return calls


def both(one, other):
    names = ("id_hash", "caller", "called", "start_us", "duration_ms")
    return Records(
        *(np.concatenate((getattr(one, n), getattr(other, n))) for n in names)
    )


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestClock(BaseCase):
    def check(self, match, rows, wrong=0):
        self.assertLessEqual(int((match.ours != rows).sum()), wrong)

    def test_every_call_is_found_in_the_night_that_clocks_change(self):
        """An hour is there twice, or not at all, by their clock."""
        changes = {
            "autumn": lambda at: at + np.where(at < NIGHT, 2, 1) * HOUR,
            "spring": lambda at: at + np.where(at < NIGHT, 1, 2) * HOUR,
        }
        for name, clock in changes.items():
            for seed in range(6):
                with self.subTest(name, seed=seed):
                    calls = few(600, seed)
                    rows, theirs = calls.theirs(clock)
                    match = pair.match(calls.ours(), theirs)
                    self.check(match, rows)

    def test_records_that_are_stamped_when_calls_end(self):
        for zone in (0, 2 * HOUR):
            for ids in (False, True):
                with self.subTest(zone=zone, ids=ids):
                    calls = Calls(4_000)
                    known = np.arange(1, 4_001) if ids else None
                    rows, theirs = calls.theirs(lambda at, zone=zone: at + zone, known)
                    theirs.start_us[:] += theirs.duration_ms * 1_000
                    match = pair.match(calls.ours(known), theirs)
                    self.assertTrue(match.at_end)
                    self.check(match, rows, wrong=20)
                    apart = match.start_us - calls.start[rows]
                    self.assertLess(np.abs(apart).max(), 3 * SECOND)

    def test_records_that_are_stamped_when_calls_begin_are_left_as_they_are(self):
        match = pair.match(Calls(4_000).ours(), Calls(4_000).theirs()[1])
        self.assertFalse(match.at_end)

    def test_two_legs_of_one_length_are_no_duplicate(self):
        for later in (0, 60):
            with self.subTest(later=later):
                calls = Calls(3_000)
                calls.ms[:] = 120_000
                rows, theirs = calls.theirs()
                theirs.duration_ms[:40] = 60_000
                legs = theirs.take(np.arange(40))
                legs.start_us[:] += later * SECOND
                match = pair.match(calls.ours(), both(theirs, legs))
                halves = np.stack((match.ours[:40], match.ours[-40:]))
                self.assertGreaterEqual((halves == rows[:40]).all(axis=0).sum(), 38)
                self.assertEqual((match.way == pair.DUPLICATE).sum(), 0)

    def test_a_call_said_twice_is_still_a_duplicate(self):
        calls = Calls(3_000)
        _rows, theirs = calls.theirs()
        match = pair.match(calls.ours(), both(theirs, theirs.take(np.arange(40))))
        self.assertEqual((match.way == pair.DUPLICATE).sum(), 40)

    def test_what_is_no_call_stays_alone_and_takes_no_ones_place(self):
        calls = Calls(3_000)
        rows, theirs = calls.theirs()
        credit = theirs.take(np.arange(40))
        every = both(credit, theirs)
        aside = np.arange(len(every)) < 40
        match = pair.match(calls.ours(), every, aside)
        alone = pair.match(calls.ours(), theirs)
        self.assertTrue((match.way[:40] == pair.ALONE).all())
        self.assertTrue((match.ours[40:] == alone.ours).all())
        paired = alone.theirs != pair.NONE
        self.assertTrue((match.theirs[paired] == alone.theirs[paired] + 40).all())
        self.assertTrue((match.start_us[40:] == alone.start_us).all())
