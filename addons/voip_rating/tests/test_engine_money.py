from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_rating import engine

from . import reference
from .test_engine_common import PROPERTY, ints

money = engine.money
narrow = engine.columns.narrow
MODES = money.ROUNDINGS
TOP = 10**17 - 1
DEAREST = "999999999.99999999"
LONGEST = 532_800
FITS = 2**63 - 1
# Prices of a minute, billed for as long as a call can be, around what int64 holds.
BORDER = [(FITS // LONGEST) + step for step in (-1, 0, 1)]
SCALED = (
    st.integers(0, 10**8)
    | st.integers(0, 10**12)
    | st.integers(0, TOP)
    | st.sampled_from([TOP, FITS // 100, FITS // 100 + 1, 2**31, *BORDER])
)
BILLED = st.integers(0, LONGEST) | st.sampled_from([LONGEST, 92, 93])
MULTIPLIERS = st.sampled_from([1_000_000, 0, 1, 500_000, 1_333_333, 10**8]) | (
    st.integers(0, 10**8)
)


def price(text):
    return ints(money.to_scaled(text))


def amounts(rate, billed, fee="0", least="0", most=None, **kwargs):
    """Return the one amount of a call, as text."""
    most = ints(-1) if most is None else price(most)
    free = kwargs.pop("free", np.array([False]))
    result = money.amounts(
        price(rate), ints(billed), price(fee), price(least), most, free, **kwargs
    )
    return money.to_text(result)[0]


@tagged("post_install", "-at_install", "voip_engine")
class TestEngineMoney(BaseCase):
    def test_worked_examples(self):
        # price, billed seconds, connect fee, amount
        table = (
            ("1.00", 36, "0.15", "0.75"),
            ("0.0085", 47, "0", "0.006658"),
            ("0.05", 120, "0", "0.1"),
            ("0", 60, "0", "0"),
            ("0.00000001", 60, "0", "0"),
            ("9999.99999999", 532_800, "9999.99999999", "88809999.999911"),
            ("25000", 90, "500", "38000"),
            ("900000000", 3_661, "0", "54915000000"),
            ("900000000", 532_800, "900000000", "7992900000000"),
            (DEAREST, 532_800, DEAREST, "8880999999999.999911"),
        )
        for rate, billed, fee, expected in table:
            with self.subTest(rate=rate, billed=billed):
                self.assertEqual(amounts(rate, billed, fee), expected)

    def test_rounding_modes(self):
        # amount before rounding to 2 decimals (one minute), half_up, up, down, even
        table = (
            ("0.004", "0", "0.01", "0", "0"),
            ("0.005", "0.01", "0.01", "0", "0"),
            ("0.015", "0.02", "0.02", "0.01", "0.02"),
            ("0.025", "0.03", "0.03", "0.02", "0.02"),
            ("0.02500001", "0.03", "0.03", "0.02", "0.03"),
            ("0.02", "0.02", "0.02", "0.02", "0.02"),
            ("0.02999999", "0.03", "0.03", "0.02", "0.03"),
        )
        for rate, *expected in table:
            for mode, text in zip(MODES, expected, strict=True):
                with self.subTest(rate=rate, mode=mode):
                    self.assertEqual(amounts(rate, 60, decimals=2, mode=mode), text)

    def test_a_third_is_rounded_from_its_exact_value(self):
        self.assertEqual(amounts("0.00000002", 10, decimals=8, mode="up"), "0.00000001")
        self.assertEqual(amounts("0.00000002", 10, decimals=8), "0")
        self.assertEqual(amounts("0.00000003", 10, decimals=8), "0.00000001")
        self.assertEqual(amounts("0.00000003", 10, decimals=8, mode="half_even"), "0")

    def test_minimum_then_maximum_then_rounding(self):
        # fee, minimum, maximum, amount at 1.00 for one second, two decimals
        table = (
            ("0", "0", None, "0.02"),
            ("0", "0.5", None, "0.5"),
            ("0", "0.016", None, "0.02"),
            ("1", "0.5", None, "1.02"),
            ("1", "0", "0.7", "0.7"),
            ("0", "0.5", "0.3", "0.3"),
            ("1", "0", "0", "0"),
        )
        for fee, least, most, expected in table:
            with self.subTest(fee=fee, least=least, most=most):
                amount = amounts("1", 1, fee, least, most, decimals=2)
                self.assertEqual(amount, expected)

    def test_multiplier_comes_before_minimum_and_rounding(self):
        half = {"multiplier": ints(500_000)}
        self.assertEqual(amounts("1", 60, "0.2", **half), "0.6")
        self.assertEqual(amounts("1", 60, "0.2", "0.7", **half), "0.7")
        self.assertEqual(amounts("1", 60, "0.2", "0", "0.5", **half), "0.5")
        self.assertEqual(amounts("0.000001", 60, **half), "0.000001")
        top = amounts(
            "9999.99999999", 532_800, "9999.99999999", multiplier=ints(10**8)
        )
        self.assertEqual(top, "8880999999.991119")
        most = amounts(DEAREST, LONGEST, DEAREST, multiplier=ints(10**8))
        self.assertEqual(most, "888099999999999.991119")
        self.assertLess(Decimal(most), money.AMOUNT_LIMIT)

    def test_a_dear_call_leaves_its_neighbours_as_they_are(self):
        column = ints(2_500_000_000_000, TOP, 665_833)
        zero = ints(0, 0, 0)
        alone = [
            money.amounts(
                column[[row]], zero[[row]] + 532_800, zero[[row]], zero[[row]],
                zero[[row]] - 1, np.array([False]), row,
            )
            for row in range(3)
        ]  # fmt: skip
        together = money.amounts(
            column, zero + 532_800, zero, zero, zero - 1, zero > 0, ints(0, 1, 2)
        )
        self.assertEqual(together.tolist(), [amount[0] for amount in alone])

    def test_amounts_are_machine_integers_as_long_as_all_of_them_fit(self):
        zero = ints(0)
        for seconds, kind in ((0, np.int64), (92 * 60, np.int64), (93 * 60, object)):
            with self.subTest(seconds=seconds):
                result = money.amounts(
                    ints(TOP), ints(seconds), zero, zero, zero - 1, zero > 0, 8
                )
                self.assertEqual(result.dtype, kind)
                self.assertEqual(int(result[0]), TOP * seconds // 60)

    def test_large_bounds_do_not_wrap_beside_a_multiplier(self):
        for bound in ("1537.22867281", "3074.45734562", "9999.99999999", DEAREST):
            for factor in (0, 500_000, 10**8):
                half = {"multiplier": ints(factor), "decimals": 8}
                with self.subTest(bound=bound, factor=factor):
                    self.assertEqual(amounts("0", 60, "0", bound, **half), bound)
                    if factor:
                        top = amounts(DEAREST, 532_800, "0", "0", bound, **half)
                        self.assertEqual(top, bound)

    def test_free_calls_cost_nothing(self):
        free = np.array([True])
        self.assertEqual(amounts("1", 60, "1", "1", free=free), "0")

    def test_settings_may_differ_by_row(self):
        column = ints(*[2_500_000] * 4)
        zero = ints(0, 0, 0, 0)
        result = money.amounts(
            column, zero + 60, zero, zero, zero - 1, zero > 0,
            ints(2, 2, 3, 8), ["half_even", "up", "down", "half_up"],
        )  # fmt: skip
        self.assertEqual(money.to_text(result), ["0.02", "0.03", "0.025", "0.025"])

    def test_out_of_bounds_is_refused_by_name(self):
        good = {
            "price": 1,
            "billed": 1,
            "connect_fee": 0,
            "min_charge": 0,
            "max_charge": -1,
            "multiplier": 1,
        }
        bad = (
            ("price", -1, "price"),
            ("price", TOP + 1, "price"),
            ("price", FITS, "price"),
            ("billed", -1, "billed"),
            ("billed", 532_801, "billed"),
            ("connect_fee", TOP + 1, "connect fee"),
            ("connect_fee", -1, "connect fee"),
            ("min_charge", TOP + 1, "minimum"),
            ("min_charge", -1, "minimum"),
            ("max_charge", TOP + 1, "maximum"),
            ("max_charge", -2, "maximum"),
            ("multiplier", 10**8 + 1, "multiplier"),
            ("multiplier", -1, "multiplier"),
        )
        for name, value, word in bad:
            columns = {key: ints(val) for key, val in (good | {name: value}).items()}
            with (
                self.subTest(name=name, value=value),
                self.assertRaisesRegex(OverflowError, word),
            ):
                money.amounts(**columns, free=np.array([False]))

    def test_a_hundred_thousand_small_calls_sum_to_four(self):
        many = np.full(100_000, 4_000, np.int64)
        zero = np.zeros(100_000, np.int64)
        result = money.amounts(many, zero + 60, zero, zero, zero - 1, zero > 0)
        self.assertEqual(money.to_text(result[:1]), ["0.00004"])
        self.assertEqual(money.from_scaled(result.sum()), Decimal(4))

    def test_text_is_plain_and_exact(self):
        table = (
            (0, "0"),
            (1, "0.00000001"),
            (665_800, "0.006658"),
            (10**8, "1"),
            (123_456_700_000, "1234.567"),
            (-150_000_000, "-1.5"),
            (2**63 - 1, "92233720368.54775807"),
            (-(2**63), "-92233720368.54775808"),
            (2**63, "92233720368.54775808"),
            (-(10**23) - 1, "-1000000000000000.00000001"),
        )
        for value, text in table:
            with self.subTest(text=text):
                column = np.array([value, -1], object)
                self.assertEqual(money.to_text(column), [text, "-0.00000001"])
                self.assertEqual(money.from_scaled(value), Decimal(text))

    def test_conversion(self):
        # amount, rate, decimals, result
        table = (
            ("1", "1.08675", 2, "1.09"),
            ("100", "0.92", 2, "92"),
            ("0.006658", "1.0837", 6, "0.007215"),
            ("9999.99999999", "163.4271", 8, "1634270.99999837"),
            ("1", "0.0000000000000000000000000001", 8, "0"),
            ("999999999.99999999", "26315.789473684211", 6, "26315789473684.210737"),
        )
        for amount, rate, decimals, expected in table:
            with self.subTest(amount=amount, rate=rate):
                result = money.convert(price(amount), Decimal(rate), decimals)
                self.assertEqual(money.to_text(result), [expected])
                result = money.convert(-price(amount), Decimal(rate), decimals)
                self.assertEqual(money.to_text(-result), [expected])

    def test_conversion_by_group(self):
        rates = [Decimal("2"), Decimal("0.5"), Decimal("1e-9")]
        group = ints(1, 0, 1, 0)
        result = money.convert(ints(10**8, 10**8, 3, -3), rates, 8, group=group)
        self.assertEqual(result.tolist(), [5 * 10**7, 2 * 10**8, 2, -6])
        empty = money.convert(ints(), rates, 8, group=ints())
        self.assertEqual(empty.tolist(), [])

    def test_conversion_refuses(self):
        for rate in ("0", "-1", "NaN", "Infinity"):
            with self.subTest(rate=rate), self.assertRaises(money.BadPrice):
                money.convert(ints(1), Decimal(rate), 2)
        with self.assertRaises(IndexError):
            money.convert(ints(1), [Decimal(1)], 2, group=ints(1))

    @PROPERTY
    @given(
        SCALED, BILLED, SCALED, SCALED, st.none() | SCALED,
        MULTIPLIERS, st.integers(0, 8), st.sampled_from(MODES),
    )  # fmt: skip
    def test_equals_the_reference(
        self, rate, billed, fee, least, most, multiplier, decimals, mode
    ):
        result = money.amounts(
            ints(rate), ints(billed), ints(fee), ints(least),
            ints(-1 if most is None else most), np.array([False]),
            decimals, mode, ints(multiplier),
        )  # fmt: skip
        with localcontext(reference.CONTEXT):
            terms = reference.Rate(
                1, "", Decimal(rate), connect_fee=Decimal(fee) / 10**8,
                min_charge=Decimal(least) / 10**8,
                max_charge=None if most is None else Decimal(most) / 10**8,
            )  # fmt: skip
            deck = reference.Deck((), decimals=decimals, rounding=mode)
            factor = Decimal(multiplier) / 10**6
            minute = Decimal(rate) / 10**8
            expected = reference.amount_of(minute, minute, billed, terms, deck, factor)
        self.assertEqual(money.from_scaled(result[0]), expected)

    @PROPERTY
    @given(
        SCALED, SCALED, BILLED, st.integers(1, 86_400), SCALED, MULTIPLIERS,
        st.integers(0, 8), st.sampled_from(MODES), st.booleans(),
    )  # fmt: skip
    def test_first_increment_and_attempt_equal_the_reference(
        self, first, rate, billed, initial, fee, multiplier, decimals, mode, free
    ):
        result = money.amounts(
            ints(rate), ints(billed), ints(0), ints(0), ints(-1), np.array([free]),
            decimals, mode, ints(multiplier), ints(first), ints(initial), ints(fee),
        )  # fmt: skip
        with localcontext(reference.CONTEXT):
            first, minute = Decimal(first) / 10**8, Decimal(rate) / 10**8
            terms = reference.Rate(
                1, "", minute, initial=initial, attempt_fee=Decimal(fee) / 10**8
            )
            deck = reference.Deck((), decimals=decimals, rounding=mode)
            factor = Decimal(multiplier) / 10**6
            expected = reference.amount_of(first, minute, billed, terms, deck, factor)
            if free:
                expected = reference.fee_of(terms, deck)
        self.assertEqual(money.from_scaled(result[0]), expected)

    @PROPERTY
    @given(
        st.integers(-(10**17), 10**17)
        | st.integers(-(10**23), 10**23)
        | st.sampled_from([FITS, FITS + 1, -FITS - 1, 10**23]),
        st.decimals("0.000001", "100000", places=9)
        | st.decimals("0.000000000001", "1000000000", places=12),
        st.integers(0, 8),
        st.sampled_from(MODES),
    )
    def test_conversion_is_exact(self, amount, rate, decimals, mode):
        exact = Decimal(amount).scaleb(-8, reference.CONTEXT)
        expected = reference.convert(exact, rate, decimals, mode)
        column = narrow(np.array([amount, 1, -1], object))
        result = money.convert(column, rate, decimals, mode)
        self.assertEqual(money.from_scaled(result[0]), expected)
        grouped = money.convert(
            column, [rate, Decimal(1)], 8, mode, group=ints(0, 1, 1)
        )
        self.assertEqual(grouped[1:].tolist(), [1, -1])
        wide = any(abs(value) > FITS for value in result.tolist())
        self.assertEqual(result.dtype, object if wide else np.int64)

    @PROPERTY
    @given(st.lists(st.integers(0, 10**10), min_size=1, max_size=50), st.integers(0, 8))
    def test_sums_of_roundings_stay_within_their_steps(self, prices, decimals):
        column = np.array(prices, np.int64)
        zero = np.zeros_like(column)
        totals = {
            mode: Fraction(
                int(
                    money.amounts(
                        column, zero + 7, zero, zero, zero - 1, zero > 0, decimals, mode
                    ).sum()
                )
            )
            for mode in MODES
        }
        exact, count = Fraction(sum(prices) * 7, 60), len(prices)
        step = 10 ** (8 - decimals)
        self.assertLessEqual(totals["down"], exact)
        self.assertGreaterEqual(totals["up"], exact)
        self.assertLessEqual(totals["up"] - totals["down"], count * step)
        for mode in ("half_up", "half_even"):
            self.assertLessEqual(abs(totals[mode] - exact), Fraction(count * step, 2))

    @PROPERTY
    @given(st.decimals("0", DEAREST, places=8))
    def test_prices_survive_the_round_trip(self, value):
        number = money.to_scaled(value)
        self.assertEqual(money.from_scaled(number), value)
        self.assertEqual(money.to_scaled(money.to_text(ints(number))[0]), number)
