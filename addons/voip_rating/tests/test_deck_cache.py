"""Compiled decks are bounded in bytes, whatever their number."""

from collections import OrderedDict
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..calls.context import RatingContext
from ..sheets import compiled as cache
from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestFit(BaseCase):
    def test_the_oldest_go_until_the_rest_fit_and_the_newest_stays(self):
        for sizes, most, left in (
            ([1, 2, 3], 6, [1, 2, 3]),
            ([1, 2, 3], 5, [2, 3]),
            ([1, 2, 3], 3, [3]),
            ([1, 2, 30], 3, [30]),
        ):
            with self.subTest(sizes=sizes, most=most):
                decks = OrderedDict((size, object()) for size in sizes)
                known = {size: size for size in sizes}
                cache.fit(decks, known, most)
                self.assertEqual(list(decks), left)
                self.assertEqual(list(known), left)


@tagged("post_install", "-at_install")
class TestDeckCache(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.decks = [
            cls._create_deck([{"prefix": str(code)} for code in range(100, 200)])
            for _number in range(5)
        ]

    def setUp(self):
        super().setUp()
        self.enterContext(patch.multiple(cache, _decks=OrderedDict(), _sizes={}))

    def _ask(self):
        for deck in self.decks:
            deck._quote_side(deck._quote_call("1234567", None, None, 60, "UTC"))

    def test_a_deck_is_weighed_with_what_was_compiled_for_calls(self):
        deck = cache.compiled(self.env, self.decks[0].id)
        before = cache.deck_bytes(deck)
        self.assertGreater(before, 100 * len(cache._COLUMNS))
        self._ask()
        self.assertGreater(cache.deck_bytes(deck), before)

    def test_the_process_keeps_what_fits_and_forgets_the_oldest(self):
        self._ask()
        self.assertEqual(len(cache._decks), 5)
        most = 3 * max(cache._sizes.values())
        with patch.object(cache, "BYTES_KEPT", most):
            self._ask()
            self.assertLessEqual(sum(cache._sizes.values()), most)
        kept = [key[1] for key in cache._decks]
        self.assertEqual(kept, [deck.id for deck in self.decks[-len(kept):]])
        self.assertEqual(set(cache._sizes), set(cache._decks))

    def test_a_batch_of_many_decks_keeps_what_fits(self):
        switch = self._create_switch()
        context = RatingContext(self.env, self.env.company, switch)
        one = cache.deck_bytes(cache.compiled(self.env, self.decks[0].id))
        with patch("odoo.addons.voip_rating.calls.context.BYTES_KEPT", 2 * one):
            for deck in self.decks:
                self.assertEqual(context.deck(deck.id).id, deck.id)
            known = [bool(context.known_deck(deck.id)) for deck in self.decks]
        self.assertEqual(known, [False, False, False, True, True])

    def test_what_is_read_is_what_the_deck_says(self):
        deck = self._create_deck(
            [
                {
                    "prefix": "44",
                    "price_per_minute": "123456789.12345678",
                    "price_intra": "0",
                    "connect_fee": "0.00000001",
                    "max_charge": "5",
                    "effective_from": "2026-03-10 12:00:01",
                    "effective_to": "2099-12-31 23:59:59",
                },
            ]
        )
        rates = cache.compiled(self.env, deck.id).rates
        self.assertEqual(
            {
                name: int(getattr(rates, name)[0])
                for name in ("price", "price_intra", "price_local", "connect_fee",
                             "min_charge", "max_charge", "effective_from",
                             "effective_to")
            },
            {
                "price": 12345678912345678,
                "price_intra": 0,
                "price_local": -1,
                "connect_fee": 1,
                "min_charge": 0,
                "max_charge": 500000000,
                "effective_from": 1773144001000000,
                "effective_to": 4102444799000000,
            },
        )
