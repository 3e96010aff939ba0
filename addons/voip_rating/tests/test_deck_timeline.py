"""What each day costs after each load, against a plain model of the timeline."""

import random
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import VoipRatingCommon
from .test_upgrade import run

NOW = datetime(2026, 3, 10, 12)
FIRST = date(2026, 12, 1)
DAYS = 32
OPEN = 10_000
PRICES = (1, 2, 3)


class Layers:
    """Stated versions ``[start, end, price]`` in days; the one begun last rates."""

    def __init__(self):
        self.layers = []

    def at(self, day):
        valid = [layer for layer in self.layers if layer[0] <= day < layer[1]]
        return max(valid, default=None)

    def price(self, day):
        layer = self.at(day)
        return layer and layer[2]

    def _is_taken_over(self, start, end):
        """Whether the rate of a day lasts until another version begins at ``end``."""
        layer = self.at(start)
        days = range(start, min(end, DAYS * 2))
        return all(self.at(day) is layer for day in days) and any(
            other[0] == end or other[1] == end
            for other in self.layers
            if other is not layer and self.at(end) not in (None, layer)
        )

    def _ends_in_a_hole(self, start):
        """The day from which there is no rate, if the one at ``start`` lasts so far."""
        layer = self.at(start)
        day = start
        while self.at(day) is layer and day < DAYS * 2:
            day += 1
        return day if self.at(day) is None else None

    def load(self, start, end, price):
        """Return whether the row is accepted."""
        end = end or OPEN
        before = [list(layer) for layer in self.layers]
        layer = self.at(start)
        if layer and layer[2] == price:
            hole = self._ends_in_a_hole(start)
            if hole and hole < end:
                layer = [hole, end, price]
                self.layers.append(layer)
            elif not self._is_taken_over(start, end):
                layer[1] = end
        else:
            self.layers = [other for other in self.layers if other[0] != start]
            layer = [start, end, price]
            self.layers.append(layer)
        if layer[1] < OPEN and self._cut(layer) < layer[1]:
            self.layers = before
            return False
        while any(self._cut(other) < other[1] for other in self.layers):
            for other, cut in [(other, self._cut(other)) for other in self.layers]:
                other[1] = cut
        return True

    def _cut(self, layer):
        """Where a later one that lasts as long, or longer, ends a layer."""
        start, end, _price = layer
        later = [o[0] for o in self.layers if start < o[0] < end <= o[1]]
        return min(later, default=end)


def text(day):
    return (FIRST + timedelta(days=day)).isoformat()


def row(start, end, price, prefix="49"):
    return {
        "prefix": prefix,
        "price_per_minute": f"0.{price:02}",
        "effective_from": text(start),
        "effective_to": text(end) if end else None,
    }


@tagged("post_install", "-at_install")
class TestDeckTimeline(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))

    def _days(self, deck, prefix="49"):
        """The price of each day in hundredths; None without a rate."""
        self.env.cr.execute(
            """
            SELECT (SELECT (price_per_minute * 100)::int FROM voip_rate
                     WHERE deck_id = %s AND prefix = %s AND effective_from <= day
                       AND (effective_to IS NULL OR effective_to > day)
                     ORDER BY effective_from DESC LIMIT 1)
              FROM generate_series(%s::timestamp, %s::timestamp, '1 day') day
             ORDER BY day
            """,
            [deck.id, prefix, text(0), text(DAYS - 1)],
        )
        return [price for (price,) in self.env.cr.fetchall()]

    def _random_row(self, chance):
        start = chance.randrange(DAYS - 2)
        end = chance.choice((None, chance.randrange(start + 1, DAYS)))
        return start, end, chance.choice(PRICES)

    def test_each_day_costs_what_the_model_says_after_every_load(self):
        for seed in range(25):
            chance, deck, model = random.Random(seed), self._create_deck(), Layers()
            said = []
            for _load in range(7):
                start, end, price = self._random_row(chance)
                said.append((start, end, price))
                result = deck._load([row(start, end, price)])
                accepted = model.load(start, end, price)
                days = [model.price(day) for day in range(DAYS)]
                with self.subTest(seed=seed, rows=said):
                    self.assertEqual(result["applied"], accepted, result)
                    self.assertEqual(self._days(deck), days)

    def test_forms_follow_the_same_model(self):
        for seed in range(15):
            chance, deck, model = random.Random(seed), self._create_deck(), Layers()
            said = []
            for _load in range(6):
                start, end, price = self._random_row(chance)
                if model.price(start) == price or any(
                    layer[0] == start for layer in model.layers
                ):
                    continue
                said.append((start, end, price))
                values = {**row(start, end, price), "deck_id": deck.id}
                accepted = model.load(start, end, price)
                # A return may begin there: no form replaces a version.
                if deck.rate_ids.filtered_domain(
                    [("effective_from", "=", text(start))]
                ):
                    break
                try:
                    with self.env.cr.savepoint():
                        self.env["voip.rate"].create(values)
                    created = True
                except UserError:
                    created = False
                with self.subTest(seed=seed, rows=said):
                    self.assertEqual(created, accepted)
                    days = [model.price(day) for day in range(DAYS)]
                    self.assertEqual(self._days(deck), days)

    def test_rows_of_one_sheet_hold_from_their_starts(self):
        for seed in range(25):
            chance, deck = random.Random(seed), self._create_deck()
            for _load in range(3):
                rows = {}
                for _row in range(3):
                    start, end, price = self._random_row(chance)
                    rows[start] = (start, end, price)
                before = self._days(deck)
                result = deck._load([row(*values) for values in rows.values()])
                days = self._days(deck)
                with self.subTest(seed=seed, rows=rows):
                    if not result["applied"]:
                        self.assertEqual(days, before)
                        continue
                    for start, _end, price in rows.values():
                        self.assertEqual(days[start], price)

    def test_an_end_moved_by_hand_moves_the_return(self):
        deck, _result = self._loaded([(0, None, 10)], [(9, 19, 5)])
        promotion = deck.rate_ids.filtered_domain([("effective_from", "=", text(9))])
        for day in (14, 24):
            promotion.effective_to = text(day)
            days = self._days(deck)
            self.assertEqual(days[9:], [5] * (day - 9) + [10] * (DAYS - day))
        deck._load([row(28, None, 20)])
        with self.assertRaisesRegex(UserError, "another version begins"):
            promotion.effective_to = text(30)

    def test_returns_of_before_are_known_after_an_upgrade(self):
        deck, _result = self._loaded(
            [(0, None, 10), (5, 9, 5), (12, 19, 5)], [(25, None, 10)]
        )
        state = "SELECT id, continues_from FROM voip_rate WHERE deck_id = %s ORDER BY 1"
        self.env.cr.execute(state, [deck.id])
        before = self.env.cr.fetchall()
        self.assertEqual(len([base for _id, base in before if base]), 2)
        self.env.cr.execute(
            "UPDATE voip_rate SET continues_from = NULL WHERE deck_id = %s", [deck.id]
        )
        run(self.env.cr, "voip_rating/migrations/19.0.3.1.0/post-returns.py")
        self.env.cr.execute(state, [deck.id])
        self.assertEqual(self.env.cr.fetchall(), before)
        self.env["voip.rate"].invalidate_model()
        deck._load([row(2, None, 20)])
        days = [self._days(deck)[day] for day in (1, 2, 5, 9, 12, 19)]
        self.assertEqual(days, [10, 20, 5, 20, 5, 20])

    def _loaded(self, *sheets):
        """A deck that took these sheets of rows, and its last answer."""
        deck = self._create_deck()
        for sheet in sheets:
            result = deck._load([row(*values) for values in sheet])
        return deck, result

    def test_worked_timelines(self):
        base, promotion = [(0, None, 10)], [(9, 19, 5)]
        for name, change, price_by_day in (
            ("increase before it", [(4, None, 20)], {4: 20, 9: 5, 18: 5, 19: 20}),
            ("increase within it", [(12, None, 20)], {9: 5, 11: 5, 12: 20, 25: 20}),
            ("base replaced", [(0, None, 20)], {0: 20, 9: 5, 19: 20}),
            ("increase after it", [(25, None, 20)], {9: 5, 19: 10, 24: 10, 25: 20}),
            ("increase at its end", [(19, None, 20)], {18: 5, 19: 20}),
            ("longer", [(9, 24, 5)], {9: 5, 23: 5, 24: 10}),
            ("shorter", [(9, 14, 5)], {9: 5, 13: 5, 14: 10}),
            ("for good", [(9, None, 5)], {9: 5, 25: 5}),
            ("base again", [(0, None, 10)], {0: 10, 9: 5, 19: 10}),
            ("end of the base", [(0, 25, 10)], {9: 5, 19: 10, 24: 10, 25: None}),
            ("second one across its end", [(17, 24, 7)], {16: 5, 17: 7, 23: 7, 24: 10}),
            ("one within it", [(11, 13, 7)], {10: 5, 11: 7, 13: 5, 19: 10}),
            (
                "increase and the price of before",
                [(4, None, 20), (21, None, 10)],
                {4: 20, 9: 5, 19: 20, 21: 10},
            ),
        ):
            with self.subTest(name):
                deck, result = self._loaded(base, promotion, change)
                self.assertTrue(result["applied"], result)
                days = self._days(deck)
                self.assertEqual({day: days[day] for day in price_by_day}, price_by_day)
                again = deck._load([row(*values) for values in change])
                self.assertTrue(again["applied"], again)
                self.assertEqual(self._days(deck), days)

    def test_an_end_that_another_version_would_cut_is_refused_with_advice(self):
        for sheets in (
            ([(0, None, 10)], [(14, None, 20)], [(9, 19, 5)]),
            ([(0, None, 10)], [(9, 14, 5)], [(14, None, 20)], [(9, 19, 5)]),
            ([(0, None, 10)], [(9, 19, 5), (14, None, 20)]),
            ([(0, None, 10)], [(14, None, 20)], [(0, 19, 10)]),
        ):
            with self.subTest(sheets):
                deck, result = self._loaded(*sheets)
                [error] = result["errors"]
                self.assertEqual((error["index"], error["code"]), (0, "conflict"))
                self.assertIn(f"End this one at {text(14)}", error["message"])
                self.assertFalse(result["applied"])

    def test_answers_tell_moved_ends_and_what_takes_over(self):
        base, promotion = [(0, None, 10)], [(9, 19, 5)]
        for change, changed, closed in (
            ([(9, 24, 5)], 1, 0),
            ([(9, 14, 5)], 1, 0),
            (promotion, 0, 0),
            ([(0, 25, 10)], 0, 1),
        ):
            with self.subTest(change):
                deck, result = self._loaded(base, promotion, change)
                self.assertEqual(result["changed"], changed)
                self.assertEqual(result["unchanged"], 1 - changed)
                self.assertEqual(result["closed"], closed)
        # A hole before a later version is one: who takes over is named.
        deck = self._create_deck()
        deck._load([row(0, None, 1, "4"), row(0, 20, 10), row(25, None, 12)])
        result = deck._load([row(0, 15, 10)])
        self.assertEqual(result["fallbacks"], [{"prefix": "49", "falls_to": "4"}])
        self.assertEqual(result["closed"], 1)
