import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_rating import engine

from . import reference
from .test_engine_common import PROPERTY, compile_deck, digits, ints

Rate = reference.Rate
PREFIXES = st.text("01", max_size=4).map(lambda text: text and f"4{text}")
NUMBERS = st.text("01", max_size=7).map(lambda text: f"4{text}")


def compiled(*rates):
    return compile_deck(reference.Deck(rates))


def matched(deck, called, caller="", at_us=0):
    """Return the rate id of one call, None without a rate."""
    row = deck.match(*digits([called]), *digits([caller]), ints(at_us))[0]
    return int(deck.rates.rate_id[row]) if row >= 0 else None


def by_length(*prefixes):
    """Return rates with the ids 1, 2, … for the prefixes."""
    return [Rate(number, prefix, 1) for number, prefix in enumerate(prefixes, 1)]


@tagged("post_install", "-at_install", "voip_engine")
class TestEngineDeck(BaseCase):
    def test_longest_prefix_wins(self):
        deck = compiled(*by_length("44", "4479", "44790", "1", "4480"))
        table = (
            ("447900123456", 3),
            ("447910123456", 2),
            ("442079460000", 1),
            ("4479", 2),
            ("44790", 3),
            ("447", 1),
            ("44", 1),
            ("4", None),
            ("448000000000", 5),
            ("447999999999999", 2),
            ("45", None),
            ("12125551234", 4),
            ("999999999999999", None),
        )
        for called, expected in table:
            with self.subTest(called=called):
                self.assertEqual(matched(deck, called), expected)

    def test_a_short_number_matches_no_longer_prefix(self):
        deck = compiled(*by_length("44790", "447900", "4479000", "4"))
        self.assertEqual(matched(deck, "4479"), 4)
        self.assertEqual(matched(deck, "44790"), 1)
        self.assertEqual(matched(deck, "447900"), 2)
        self.assertEqual(matched(compiled(*by_length("44790")), "4479"), None)

    def test_the_code_may_go_while_its_parent_stays(self):
        deck = compiled(
            Rate(1, "44", 1),
            Rate(2, "4479", 1, effective_from=10, effective_to=20),
        )
        found = [matched(deck, "447900", at_us=at) for at in (9, 10, 19, 20)]
        self.assertEqual(found, [1, 2, 2, 1])

    def test_a_rate_without_digits_fits_every_number(self):
        deck = compiled(Rate(1, "", 1), Rate(2, "44", 1))
        self.assertEqual(matched(deck, "1"), 1)
        self.assertEqual(matched(deck, "4"), 1)
        self.assertEqual(matched(deck, "441"), 2)
        self.assertEqual(matched(deck, ""), 1)

    def test_an_empty_deck_matches_nothing(self):
        self.assertEqual(matched(compiled(), "44"), None)
        none = compiled(Rate(1, "44", 1)).match(*digits([]), *digits([]), ints())
        self.assertEqual(none.tolist(), [])

    def test_fifteen_digit_prefixes(self):
        deck = compiled(*by_length("999999999999999", "999999999999998", "9"))
        self.assertEqual(matched(deck, "999999999999999"), 1)
        self.assertEqual(matched(deck, "999999999999998"), 2)
        self.assertEqual(matched(deck, "999999999999997"), 3)

    def test_the_latest_version_wins_then_the_highest_id(self):
        deck = compiled(
            Rate(5, "44", 1, effective_from=0),
            Rate(4, "44", 1, effective_from=10),
            Rate(7, "44", 1, effective_from=10),
            Rate(6, "44", 1, effective_from=10),
            Rate(1, "44", 1, effective_from=30, effective_to=40),
        )
        table = ((-1, None), (0, 5), (9, 5), (10, 7), (29, 7), (30, 1), (39, 1))
        for at_us, expected in (*table, (40, 7)):
            with self.subTest(at_us=at_us):
                self.assertEqual(matched(deck, "441", at_us=at_us), expected)

    def test_a_future_increase_and_an_earlier_decrease_on_one_code(self):
        deck = compiled(
            Rate(1, "44", 10, effective_from=0, effective_to=None),
            Rate(2, "44", 12, effective_from=100),
            Rate(3, "44", 8, effective_from=50, effective_to=100),
        )
        found = [matched(deck, "44", at_us=at) for at in (49, 50, 99, 100)]
        self.assertEqual(found, [1, 3, 3, 2])

    def test_moments_of_one_batch_may_lie_in_many_epochs(self):
        rates = [
            Rate(number, "44", 1, effective_from=number, effective_to=number + 1)
            for number in range(100)
        ]
        deck = compiled(*rates)
        moments = np.tile(np.arange(-2, 102), 2)
        size = moments.size
        number, length = np.full(size, 441), np.full(size, 3)
        unknown = np.zeros(size, np.int64)
        rows = deck.match(number, length, unknown, unknown, moments)
        inside = (moments >= 0) & (moments < 100)
        self.assertEqual(rows.tolist(), np.where(inside, moments, -1).tolist())

    def test_origins(self):
        deck = compiled(
            Rate(1, "44", 1),
            Rate(2, "4479", 1, origin="33"),
            Rate(3, "4479", 1, origin="3312"),
            Rate(4, "4479", 1, origin="1"),
            Rate(5, "44790", 1, origin="49"),
            Rate(6, "4480", 1),
            Rate(7, "4480", 1, origin="33"),
        )
        table = (
            ("447900", "", 1),
            ("447900", "33", 2),
            ("447900", "3", 1),
            ("447900", "3311", 2),
            ("447900", "3312999", 3),
            ("447900", "12125551234", 4),
            ("447900", "4930", 5),
            ("447910", "4930", 1),
            ("448000", "33", 7),
            ("448000", "34", 6),
            ("448000", "", 6),
            ("4479", "4930", 1),
            ("4479", "33", 2),
            ("447", "33", 1),
        )
        for called, caller, expected in table:
            with self.subTest(called=called, caller=caller):
                self.assertEqual(matched(deck, called, caller), expected)

    def test_prices_by_jurisdiction(self):
        # inter, intra, local, indeterminate and the four prices that follow
        table = (
            (("1", None, None, None), (1, 1, 1, 1)),
            (("1", "2", None, None), (1, 2, 1, 2)),
            (("3", "2", None, None), (3, 2, 3, 3)),
            (("1", "2", "0", None), (1, 2, 0, 2)),
            (("1", "2", "3", "0"), (1, 2, 3, 0)),
            (("1", None, "3", "4"), (1, 1, 3, 4)),
        )
        for (inter, intra, local, unknown), expected in table:
            with self.subTest(inter=inter, intra=intra, local=local, unknown=unknown):
                deck = compiled(
                    Rate(
                        1, "1", inter, price_intra=intra, price_local=local,
                        price_indeterminate=unknown,
                    )
                )  # fmt: skip
                prices = deck.prices(ints(0, 0, 0, 0), ints(0, 1, 2, 3))
                self.assertEqual((prices // 10**8).tolist(), list(expected))

    def test_bad_columns_are_refused(self):
        good = {"rate_id": [1], "prefix": [44], "prefix_len": [2], "price": [1]}
        bad = (
            {"prefix_len": [3]},
            {"prefix_len": [1]},
            {"prefix": [0], "prefix_len": [1]},
            {"prefix": [1], "prefix_len": [0]},
            {"prefix": [10**15], "prefix_len": [15]},
            {"prefix_len": [16]},
            {"prefix_len": [-1]},
            {"price": [-1]},
            {"price": [10**17]},
            {"price": [1, 2]},
            {"price": None},
            {"price_intra": [-2]},
            {"initial": [0]},
            {"next": [0]},
            {"next": [86_401]},
            {"grace": [-1]},
            {"max_charge": [-2]},
            {"origin": [44], "origin_len": [0]},
            {"effective_from": [5], "effective_to": [5]},
            {"colour": [1]},
        )
        self.assertEqual(len(engine.Rates.of(**good)), 1)
        for columns in bad:
            with self.subTest(**columns), self.assertRaises(ValueError):
                engine.Rates.of(**(good | columns))
        with self.assertRaises(TypeError):
            engine.Rates.of(**(good | {"price": [0.5]}))

    def test_bad_settings_are_refused(self):
        bad = (
            {"formula": "D"},
            {"rounding": "half_down"},
            {"decimals": 9},
            {"decimals": -1},
            {"duration_rounding": "UP"},
            {"grace_kind": ""},
            {"decides": "end"},
        )
        for columns in bad:
            with self.subTest(**columns), self.assertRaises(ValueError):
                engine.DeckSettings(**columns)

    @PROPERTY
    @given(st.sets(PREFIXES, max_size=20))
    def test_intervals_are_disjoint_sorted_and_complete(self, prefixes):
        prefixes = sorted(prefixes)
        intervals = engine.intervals.compile_prefixes(*digits(prefixes))
        bounds, owner = intervals.bounds, intervals.owner
        self.assertTrue((np.diff(bounds) > 0).all())
        self.assertTrue((owner[1:] != owner[:-1]).all())
        self.assertEqual(bounds[0], 0)
        for first, slot in zip(bounds.tolist(), owner.tolist(), strict=True):
            text = f"{first:015d}" if first < 10**15 else "end"
            fitting = [prefix for prefix in prefixes if text.startswith(prefix)]
            if text == "end":
                fitting = []
            expected = prefixes.index(max(fitting, key=len)) if fitting else -1
            self.assertEqual(slot, expected)
        for slot, prefix in enumerate(prefixes):
            around = [p for p in prefixes if prefix.startswith(p) and p != prefix]
            expected = prefixes.index(max(around, key=len)) if around else -1
            self.assertEqual(intervals.parent[slot], expected)

    @PROPERTY
    @given(
        st.lists(
            st.tuples(PREFIXES, st.integers(0, 5), st.integers(1, 5)),
            max_size=15,
        ),
        st.lists(st.tuples(NUMBERS, st.integers(0, 10)), min_size=1, max_size=15),
    )
    def test_match_equals_the_loop(self, versions, calls):
        rates = tuple(
            Rate(number, prefix, 1, effective_from=first, effective_to=first + length)
            for number, (prefix, first, length) in enumerate(versions)
        )
        plain, deck = reference.Deck(rates), compiled(*rates)
        called = digits([number for number, _at in calls])
        moments = ints(*(at_us for _number, at_us in calls))
        unknown = np.zeros(len(calls), np.int64)
        rows = deck.match(*called, unknown, unknown, moments)
        for row, (number, at_us) in zip(rows.tolist(), calls, strict=True):
            call = reference.Call(number, at_us, 0)
            expected = reference.find_rate(plain, call, at_us)
            self.assertEqual(rates[row] if row >= 0 else None, expected)
