"""What a rate sheet may not say, and what a rate with an end leaves behind it."""

from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import VoipRatingCommon

NOW = datetime(2026, 3, 10, 12)
ALWAYS = datetime(1970, 1, 1)
DECEMBER = "2026-12-01T00:00:00Z"


def rate(prefix, price="0.01", **values):
    return {"prefix": prefix, "price_per_minute": price, **values}


@tagged("post_install", "-at_install")
class TestDeckRules(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.deck = cls._create_deck([rate("44"), rate("447", "0.05")])

    def _versions(self, prefix, deck=None):
        rates = self.env["voip.rate"].search(
            [("deck_id", "=", (deck or self.deck).id), ("prefix", "=", prefix)],
            order="effective_from",
        )
        return [(r.price_per_minute, r.effective_from, r.effective_to) for r in rates]

    def test_rows_that_contradict_themselves_are_refused_by_name(self):
        for row, code, name in (
            (rate("44", colour="red"), "bad_value", "'colour'"),
            (rate("44", effective_form="2026-12-01"), "bad_value", "'effective_form'"),
            (rate("44", effective_from=f"{DECEMBER[:-1]}.5Z"), "bad_time", "second"),
            (rate("44", effective_to="2026-12-01 00:00:00.001"), "bad_time", "second"),
            (rate("44", effective_from="1970-01-01 25:99 garbage"), "bad_time", "time"),
            (rate("44", effective_from="1970-01-01garbage"), "bad_time", "time"),
            (rate("44", effective_from="1970-01-01T00:00:00.7Z"), "bad_time", "second"),
            (rate("44", effective_from="2026-12-01T00:00:00.0000001Z"), "bad_time", ""),
            (rate("44", min_charge="2", max_charge="1"), "bad_price", "max_charge"),
            (rate("44", connect_fee="5", max_charge="1"), "bad_price", "connect_fee"),
            (rate("44", payback=True, connect_fee="1"), "bad_price", "connect_fee"),
            (rate("44", payback=True, min_charge="1"), "bad_price", "min_charge"),
        ):
            with self.subTest(row):
                result = self.deck._load([row, rate("33")])
                [error] = result["errors"]
                self.assertEqual((error["index"], error["code"]), (0, code))
                self.assertIn(name, error["message"])
                self.assertFalse(result["applied"])
        row = rate("44", min_charge="1", max_charge="1", effective_from=DECEMBER)
        self.assertTrue(self.deck._load([row])["applied"])

    def test_the_first_day_of_1970_means_always_in_every_zone(self):
        deck = self._create_deck(tz="Asia/Kolkata")
        for number, text in enumerate(
            (
                "1970-01-01",
                "1970-01-01 00:00:00",
                "1970-01-01T00:00:00.000Z",
                " 1970-01-01T05:30:00+05:30 ",
            )
        ):
            with self.subTest(text):
                prefix = f"3{number}"
                result = deck._load([rate(prefix, effective_from=text)])
                self.assertEqual(result["errors"], [])
                self.assertEqual(self._versions(prefix, deck)[0][1], ALWAYS)

    def test_a_fee_above_the_maximum_is_refused_in_forms_too(self):
        with self.assertRaisesRegex(UserError, "below connect_fee"):
            self.env["voip.rate"].create(
                {
                    "deck_id": self.deck.id,
                    "prefix": "33",
                    "price_per_minute": "0.01",
                    "connect_fee": 5,
                    "max_charge": 1,
                }
            )

    def test_a_refused_load_closes_nothing(self):
        before = self._versions("447")
        for rows in ([rate("44"), rate("4x")], [rate("44"), rate("44", "1")]):
            for dry_run in (False, True):
                result = self.deck._load(rows, "full", dry_run)
                self.assertEqual((result["closed"], result["fallbacks"]), (0, []))
                self.assertEqual(len(result["errors"]), 1)
        self.assertEqual(self._versions("447"), before)

    def test_a_full_load_without_rates_is_refused(self):
        for dry_run in (False, True):
            with self.assertRaisesRegex(UserError, "would end every rate"):
                self.deck._load([], "full", dry_run)
        self.assertTrue(self.deck._load([])["applied"])

    def test_a_promotion_returns_to_the_rate_before_it(self):
        summer, autumn = datetime(2026, 6, 1), datetime(2026, 9, 1)
        dates = {"effective_from": "2026-06-01", "effective_to": "2026-09-01"}
        row = rate("44", "0.005", **dates)
        expected = [
            (0.01, ALWAYS, summer),
            (0.005, summer, autumn),
            (0.01, autumn, False),
        ]
        result = self.deck._load([row], dry_run=True)
        self.assertEqual((result["returns"], result["closed"]), (1, 0))
        for _again in range(2):
            self.deck._load([row])
            self.assertEqual(self._versions("44"), expected)
        # A later price follows the return; one that begins within takes over.
        self.deck._load([rate("44", "0.02", effective_from=DECEMBER)])
        december = datetime(2026, 12, 1)
        expected[2:] = [(0.01, autumn, december), (0.02, december, False)]
        self.assertEqual(self._versions("44"), expected)
        # Base and promotion in one sheet, and typed by hand.
        expected[2:] = [(0.01, autumn, False)]
        deck = self._create_deck([rate("44"), row])
        self.assertEqual(self._versions("44", deck), expected)
        deck = self._create_deck([rate("44")])
        self.env["voip.rate"].create(
            {
                "deck_id": deck.id,
                "prefix": "44",
                "price_per_minute": 0.005,
                "effective_from": summer,
                "effective_to": autumn,
            }
        )
        self.assertEqual(self._versions("44", deck), expected)

    def test_an_end_of_what_has_nothing_before_it_is_an_end(self):
        result = self.deck._load([rate("33", effective_to="2026-09-01")])
        self.assertEqual((result["returns"], len(self._versions("33"))), (0, 1))
