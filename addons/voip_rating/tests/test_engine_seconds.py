import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_rating import engine

from . import reference
from .test_engine_common import PROPERTY, ints

billed_seconds = engine.seconds.billed_seconds
whole_seconds = engine.seconds.whole_seconds
FORMULAS = engine.seconds.FORMULAS
KINDS = engine.seconds.GRACE_KINDS

# d, initial, next, A, B, C
TABLE = (
    (7, 1, 1, 7, 7, 7),
    (31, 30, 6, 36, 36, 36),
    (32, 30, 6, 36, 36, 36),
    (57, 30, 6, 60, 60, 60),
    (75, 30, 6, 78, 78, 78),
    (59, 60, 60, 60, 60, 60),
    (61, 60, 60, 120, 120, 120),
    (61, 60, 1, 61, 61, 61),
    (11, 10, 6, 16, 12, 12),
    (21, 20, 6, 26, 24, 24),
    (26, 25, 8, 33, 32, 32),
    (31, 30, 18, 48, 36, 36),
    (5, 10, 30, 10, 10, 30),
    (1, 30, 18, 30, 30, 36),
)
INCREMENT = st.integers(1, 120) | st.integers(1, 86_400)
DURATION = st.integers(0, 200) | st.integers(0, 360_000)


@tagged("post_install", "-at_install", "voip_engine")
class TestEngineSeconds(BaseCase):
    def test_formulas_give_the_published_results(self):
        for d, initial, following, *expected in TABLE:
            for formula, seconds in zip(FORMULAS, expected, strict=True):
                with self.subTest(d=d, i=initial, n=following, formula=formula):
                    billed, free = billed_seconds(
                        ints(d), ints(initial), ints(following), formula
                    )
                    self.assertEqual(billed.tolist(), [seconds])
                    self.assertEqual(free.tolist(), [False])

    def test_formulas_may_differ_by_row(self):
        rows = [
            (d, initial, following, code, expected[code])
            for d, initial, following, *expected in TABLE
            for code in range(3)
        ]
        d, initial, following, code, expected = (
            ints(*column) for column in zip(*rows, strict=True)
        )
        billed, _free = billed_seconds(d, initial, following, code)
        self.assertEqual(billed.tolist(), expected.tolist())
        names = [FORMULAS[number] for number in code]
        billed, _free = billed_seconds(d, initial, following, names)
        self.assertEqual(billed.tolist(), expected.tolist())

    def test_unanswered_is_free_under_every_formula_and_grace(self):
        for formula in FORMULAS:
            for kind in KINDS:
                with self.subTest(formula=formula, kind=kind):
                    billed, free = billed_seconds(
                        ints(0, 0), ints(30, 30), ints(6, 6), formula, ints(0, 5), kind
                    )
                    self.assertEqual(billed.tolist(), [0, 0])
                    self.assertEqual(free.tolist(), [True, True])

    def test_an_answered_call_of_no_second_is_not_free_but_by_threshold(self):
        # kind, grace, billed at 30/6, free
        for kind, grace, seconds, is_free in (
            ("threshold", 0, 0, False),
            ("threshold", 1, 0, True),
            ("deduction", 0, 0, False),
            ("deduction", 5, 0, False),
            ("addition", 0, 0, False),
            ("addition", 5, 30, False),
        ):
            with self.subTest(kind=kind, grace=grace):
                billed, free = billed_seconds(
                    ints(0, 0), ints(30), ints(6), "A", ints(grace), kind,
                    np.array([True, False]),
                )  # fmt: skip
                self.assertEqual(billed.tolist(), [seconds, 0])
                self.assertEqual(free.tolist(), [is_free, True])

    def test_grace_kinds(self):
        # kind, grace, d, billed at 30/6 by A, free
        table = (
            ("threshold", 5, 5, 0, True),
            ("threshold", 5, 6, 30, False),
            ("threshold", 5, 36, 36, False),
            ("threshold", 0, 1, 30, False),
            ("deduction", 5, 4, 0, False),
            ("deduction", 5, 5, 0, False),
            ("deduction", 5, 6, 30, False),
            ("deduction", 5, 36, 36, False),
            ("deduction", 5, 42, 42, False),
            ("addition", 5, 26, 36, False),
            ("addition", 5, 25, 30, False),
            ("addition", 5, 1, 30, False),
        )
        for kind, grace, d, seconds, is_free in table:
            with self.subTest(kind=kind, grace=grace, d=d):
                billed, free = billed_seconds(
                    ints(d), ints(30), ints(6), "A", ints(grace), kind
                )
                self.assertEqual(billed.tolist(), [seconds])
                self.assertEqual(free.tolist(), [is_free])

    def test_milliseconds_to_seconds(self):
        # ms, up, nearest, down
        table = (
            (0, 0, 0, 0),
            (1, 1, 0, 0),
            (400, 1, 0, 0),
            (499, 1, 0, 0),
            (500, 1, 1, 0),
            (1000, 1, 1, 1),
            (1001, 2, 1, 1),
            (1500, 2, 2, 1),
            (360_000_000, 360_000, 360_000, 360_000),
        )
        for ms, *expected in table:
            for mode, seconds in zip(("up", "nearest", "down"), expected, strict=True):
                with self.subTest(ms=ms, mode=mode):
                    self.assertEqual(whole_seconds(ints(ms), mode).tolist(), [seconds])

    def test_out_of_bounds_is_refused(self):
        good = {"seconds": 10, "initial": 1, "following": 1, "grace": 1}
        bad = (
            ("seconds", -1, OverflowError),
            ("seconds", 360_001, OverflowError),
            ("initial", 0, ValueError),
            ("initial", 86_401, ValueError),
            ("following", 0, ValueError),
            ("following", -6, ValueError),
            ("grace", -1, OverflowError),
            ("grace", 86_401, OverflowError),
        )
        for name, value, error in bad:
            columns = {key: ints(val) for key, val in (good | {name: value}).items()}
            with self.subTest(name=name, value=value), self.assertRaises(error):
                billed_seconds(**columns)
        for ms in (-1, 360_000_001):
            with self.subTest(ms=ms), self.assertRaises(OverflowError):
                whole_seconds(ints(ms))
        with self.assertRaises(TypeError):
            whole_seconds(np.array([1.5]))
        for formula in ("D", "a", "", 3, -1):
            with self.subTest(formula=formula), self.assertRaises(ValueError):
                billed_seconds(ints(1), ints(1), ints(1), formula)

    @PROPERTY
    @given(DURATION, INCREMENT, INCREMENT, st.sampled_from(FORMULAS))
    def test_equals_the_reference(self, d, initial, following, formula):
        billed, _free = billed_seconds(ints(d), ints(initial), ints(following), formula)
        expected = d and reference.increments(d, initial, following, formula)
        self.assertEqual(billed.tolist(), [expected])

    @PROPERTY
    @given(
        st.integers(0, 359_000), INCREMENT, INCREMENT, st.integers(0, 90),
        st.sampled_from(FORMULAS), st.sampled_from(KINDS),
    )  # fmt: skip
    def test_a_longer_call_never_bills_less(self, d, i, n, grace, formula, kind):
        durations = np.arange(d, d + 200)
        billed, free = billed_seconds(durations, ints(i), ints(n), formula, grace, kind)
        self.assertTrue((np.diff(billed) >= 0).all())
        self.assertTrue((np.diff(free.astype(int)) <= 0).all())

    @PROPERTY
    @given(st.integers(1, 360_000), INCREMENT, INCREMENT)
    def test_every_formula_covers_the_call_and_fits_its_blocks(self, d, i, n):
        a, b, c = (
            int(billed_seconds(ints(d), ints(i), ints(n), formula)[0][0])
            for formula in FORMULAS
        )
        self.assertGreaterEqual(min(a, b, c), max(d, min(i, d)))
        self.assertEqual((a - i) % n, 0)
        self.assertEqual(c % n, 0)
        self.assertTrue(b % n == 0 or b == i)
        self.assertLess(a - max(d, i), n)
        self.assertLess(c - max(d, i), n)
        self.assertEqual(c, math.ceil(max(d, i) / n) * n)
        self.assertGreaterEqual(c, i)
