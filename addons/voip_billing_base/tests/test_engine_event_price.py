"""What units of events come to, against tables by hand and plain Decimal."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.event_price import PriceBook, Told, UnitPrice, slices, total, volumes
from ..engine.rounding import converted

ONE = 10**8
CENT = ONE // 100


def price(*tiers, **terms):
    given_ = {"id": 1, "list_id": 1, "type_id": 1, "part": "usage"} | terms
    return UnitPrice(tiers=tiers, **given_)


def charged(one, *events):
    """Amounts of events that come one after the other, as numbers of cents."""
    units = np.array(events, np.int64)
    start = volumes([1] * len(events), units, {})
    return [int(x) / CENT for x in total(slices(one, start, units), len(events))]


@tagged("post_install", "-at_install")
class TestSlices(BaseCase):
    def test_progressive_units_have_the_price_of_their_tier(self):
        one = price((1, 10 * CENT), (11, 5 * CENT), (21, CENT))
        # The 10th unit is the last of the first tier.
        for events, wanted in (
            ((10,), [100]),
            ((10, 1), [100, 5]),
            ((9, 2), [90, 15]),
            ((25,), [100 + 50 + 5]),
            ((10, 10, 1), [100, 50, 1]),
            ((0, 1), [0, 10]),
        ):
            with self.subTest(events):
                self.assertEqual(charged(one, *events), wanted)

    def test_whole_volume_corrects_the_units_before(self):
        one = price((1, 10 * CENT), (11, 5 * CENT), whole=True)
        for events, wanted in (
            ((10,), [100]),
            ((10, 1), [100, 5 - 50]),
            ((11,), [55]),
            ((9, 2), [90, 10 - 45]),
            ((9, 2, 1), [90, 10 - 45, 5]),
        ):
            with self.subTest(events):
                self.assertEqual(charged(one, *events), wanted)
                each = 5 if sum(events) > 10 else 10
                self.assertEqual(sum(wanted), sum(events) * each)

    def test_free_units_come_first_and_count_for_tiers(self):
        one = price((1, 10 * CENT), (11, 5 * CENT), free=8)
        self.assertEqual(charged(one, 8, 4), [0, 20 + 10])
        whole = price((1, 10 * CENT), (11, 5 * CENT), free=8, whole=True)
        self.assertEqual(charged(whole, 8, 2, 1), [0, 20, 5 - 10])

    def test_a_price_for_a_thousand_is_rounded_once(self):
        one = price((1, 1), per=1000)
        units = np.array([499, 500, 1500, 2499], np.int64)
        found = total(slices(one, units * 0, units), 4)
        self.assertEqual(found.tolist(), [0, 1, 2, 2])

    def test_amounts_beyond_64_bits_stay_exact(self):
        one = price((1, 10**14))
        units = np.array([10**9], np.int64)
        self.assertEqual(total(slices(one, units * 0, units), 1).tolist(), [10**23])

    @settings(max_examples=300, deadline=None)
    @given(
        tiers=st.lists(
            st.tuples(st.integers(1, 60), st.integers(0, 10**12)), max_size=4
        ),
        first=st.integers(0, 10**12),
        free=st.integers(0, 40),
        whole=st.booleans(),
        per=st.sampled_from([1, 7, 1000]),
        events=st.lists(st.integers(0, 40), min_size=1, max_size=12),
    )
    def test_the_month_is_what_a_plain_count_says(
        self, tiers, first, free, whole, per, events
    ):
        steps = {1: first} | {low + 1: cost for low, cost in tiers}
        one = price(*sorted(steps.items()), free=free, whole=whole, per=per)
        units = np.array(events, np.int64)
        start = volumes([1] * len(events), units, {})
        parts = slices(one, start, units)
        count = np.zeros(len(events), np.int64)
        for part in parts:
            np.add.at(count, part.rows, part.units)
        self.assertEqual(count.tolist(), events)
        found = int(sum(total(parts, len(events)).tolist()))
        wanted = plain(one, sum(events))
        pieces = sum(part.rows.size for part in parts)
        if per == 1:
            self.assertEqual(found, wanted)
        else:
            self.assertLessEqual(abs(found - wanted), Decimal("0.5") * pieces)

    @settings(max_examples=200, deadline=None)
    @given(
        amount=st.integers(-(10**20), 10**20),
        rate=st.decimals("0.000001", 10**6, places=12),
    )
    def test_a_conversion_is_rounded_half_up_once(self, amount, rate):
        wanted = abs(Decimal(amount).scaleb(-8)) * rate
        wanted = wanted.quantize(Decimal("0.000001"), ROUND_HALF_UP)
        found = converted(np.array([amount], object), rate)
        self.assertEqual(abs(int(found[0])), int(wanted.scaleb(8)))
        self.assertEqual(int(found[0]) < 0, amount < 0 and wanted > 0)


def plain(one, count):
    """A month of ``count`` units in Decimal, unit by unit."""
    worth = Decimal(0)
    for number in range(1, count + 1):
        at = count if one.whole else number
        tier = [cost for low, cost in one.tiers if low <= at][-1]
        worth += Decimal(tier) / one.per if number > one.free else 0
    return worth


@tagged("post_install", "-at_install")
class TestPriceBook(BaseCase):
    def _found(self, prices, **told):
        book = PriceBook(
            [
                UnitPrice(
                    **({"list_id": 1, "type_id": 1, "part": "usage"} | terms),
                    id=number,
                    tiers=((1, ONE),),
                )
                for number, terms in enumerate(prices)
            ]
        )
        told = {"list_id": 1, "account_id": 5, "type_id": 1, "day": 100} | told
        return {part: one.id for part, one in book.find(Told(**told)).items()}

    def test_the_most_specific_price_counts(self):
        prices = (
            {},
            {"prefix": "49"},
            {"prefix": "4930"},
            {"carrier": "att"},
            {"campaign": "spring"},
            {"account_id": 5},
            {"account_id": 5, "prefix": "49"},
        )
        other = {"account_id": 6}
        for told, wanted in (
            (other, 0),
            (other | {"to": "4989"}, 1),
            (other | {"to": "493012345"}, 2),
            (other | {"to": "4"}, 0),
            (other | {"to": "493012345", "carrier": "att"}, 3),
            (other | {"carrier": "att", "campaign": "spring"}, 4),
            (other | {"carrier": "else"}, 0),
            ({"campaign": "spring"}, 5),
            ({"to": "4930"}, 6),
        ):
            with self.subTest(told):
                self.assertEqual(self._found(prices, **told), {"usage": wanted})

    def test_prices_count_on_their_days_of_their_list_and_type(self):
        prices = ({"first": 0, "last": 99}, {"first": 100, "last": 100})
        for day, wanted in ((99, 0), (100, 1)):
            self.assertEqual(self._found(prices, day=day), {"usage": wanted})
        for told in ({"day": 101}, {"list_id": 2}, {"type_id": 2}):
            self.assertEqual(self._found(prices, **told), {})

    def test_fees_are_found_beside_the_price(self):
        prices = ({}, {"part": "carrier_fee", "carrier": "att"}, {"part": "surcharge"})
        self.assertEqual(self._found(prices), {"usage": 0, "surcharge": 2})
        self.assertEqual(
            self._found(prices, carrier="att"),
            {"usage": 0, "carrier_fee": 1, "surcharge": 2},
        )
