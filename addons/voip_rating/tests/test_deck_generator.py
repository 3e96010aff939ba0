"""Generated decks: exact prices, preview, apply, undo."""

from datetime import datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .generator_common import GeneratorCommon, rate

LATER = datetime(2026, 6, 1)


@tagged("post_install", "-at_install")
class TestDeckGenerator(GeneratorCommon):
    def test_the_basis_is_the_cheapest_the_average_or_the_weighted_average(self):
        sources = [
            self._supplier(rate("44", "0.01"), rate("447", "0.05")),
            self._supplier(rate("44", "0.02"), rate("33", "0.03")),
            self._supplier(rate("44", "0.04"), rate("447", "0.03")),
        ]
        for basis, weights, expected in (
            ("cheapest", (), {"33": "0.03", "44": "0.01", "447": "0.02"}),
            ("average", (), {"33": "0.03", "44": "0.0234", "447": "0.0334"}),
            ("weighted", (5, 3, 2), {"33": "0.03", "44": "0.019", "447": "0.037"}),
        ):
            with self.subTest(basis=basis):
                prices = self._generated(
                    *sources, basis=basis, weights=weights, decimals=4
                )
                self.assertEqual(prices, expected)

    def test_percent_then_fixed_then_the_least_margin_then_up(self):
        source = self._supplier(rate("33", "0.01"), rate("49", "0.00333333"))
        for values, expected in (
            ({"markup_percent": 10}, {"33": "0.011", "49": "0.00366667"}),
            ({"markup_fixed": 0.002}, {"33": "0.012", "49": "0.00533333"}),
            (
                {"markup_percent": 10, "markup_fixed": 0.001},
                {"33": "0.012", "49": "0.00466667"},
            ),
            (
                {"markup_percent": 10, "margin_floor": 0.0005, "is_floored": True},
                {"33": "0.011", "49": "0.00383333"},
            ),
            (
                {
                    "markup_percent": -50,
                    "margin_floor": 0.0001,
                    "is_floored": True,
                    "decimals": 3,
                },
                {"33": "0.011", "49": "0.004"},
            ),
            ({"markup_percent": -50, "decimals": 3}, {"33": "0.005", "49": "0.002"}),
            ({"decimals": 2}, {"33": "0.01", "49": "0.01"}),
        ):
            with self.subTest(values=values):
                self.assertEqual(self._generated(source, **values), expected)

    def test_percent_raises_fees_and_fixed_does_not(self):
        source = self._supplier(
            rate("33", "0.01", connect_fee="0.1", min_charge="0.2", max_charge="2")
        )
        generator = self._generator(source, markup_percent=10, markup_fixed=0.5)
        generator._generate()
        self.assertRecordValues(
            generator.deck_id.rate_ids,
            [
                {
                    "price_per_minute": 0.511,
                    "connect_fee": 0.11,
                    "min_charge": 0.22,
                    "max_charge": 2.2,
                    "price_intra": -1,
                    "manual": False,
                    "effective_from": datetime(1970, 1, 1),
                }
            ],
        )

    def test_increments_are_those_of_the_sources_or_of_the_deck(self):
        sources = [
            self._supplier(rate("44", initial_increment=60, next_increment=1)),
            self._supplier(rate("44", initial_increment=1, next_increment=6)),
        ]
        deck = {"default_initial_increment": 30, "default_next_increment": 30}
        for basis, increments, expected in (
            ("average", "source", (60, 6)),
            ("cheapest", "source", (60, 1)),
            ("average", "deck", (30, 30)),
        ):
            with self.subTest(basis=basis, increments=increments):
                generator = self._generator(
                    *sources,
                    deck=self._create_deck(**deck),
                    basis=basis,
                    increments=increments,
                )
                generator._generate()
                made = generator.deck_id.rate_ids
                self.assertEqual(
                    (made.initial_increment, made.next_increment), expected
                )

    def test_prices_are_converted_at_the_day_that_is_named(self):
        usd = self.env.ref("base.USD")
        eur = self.env.ref("base.EUR")
        usd.active = eur.active = True
        other = eur if self.env.company.currency_id == usd else usd
        other.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": other.id, "name": day, "rate": value,
                 "company_id": self.env.company.id}
                for day, value in (("2026-01-01", 0.8), ("2026-02-01", 0.5))
            ]
        )
        source = self._supplier(rate("44", "0.01"), currency_id=other.id)
        for day, expected in (
            ("2026-01-15", "0.0125"), ("2026-02-15", "0.02"), (False, "0.02"),
        ):
            prices = self._generated(source, exchange_date=day)
            self.assertEqual(prices, {"44": expected})
        generator = self._generator(source, exchange_date="2025-12-31")
        with self.assertRaisesRegex(UserError, f"{other.name} has no exchange rate"):
            generator.action_preview()
        generator.exchange_date = "2026-01-15"
        self.assertIn("1.25", generator._generate().exchange_note)

    def test_a_blocked_code_counts_only_where_every_source_blocks_it(self):
        one = self._supplier(rate("44"), rate("447", blocked=True))
        two = self._supplier(rate("44", "0.02"), rate("447", "0.05"))
        three = self._supplier(rate("447", "0.03", blocked=True))
        self.assertEqual(self._generated(one, two), {"44": "0.01", "447": "0.05"})
        generator = self._generator(one, three)
        generator._generate()
        blocked = {rate.prefix: rate.blocked for rate in generator.deck_id.rate_ids}
        self.assertEqual(blocked, {"44": False, "447": True})

    def test_exceptions_and_rates_by_hand_are_left_alone(self):
        source = self._supplier(
            *(rate(code) for code in ("33", "336", "44", "447", "49", "491"))
        )
        deck = self._create_deck([rate("447", "0.5"), rate("4479", "0.6")])
        generator = self._generator(source, deck=deck, markup_percent=100)
        generator.exception_ids = [
            (0, 0, {"prefix": "33", "is_below": False}),
            (0, 0, {"prefix": "447", "is_below": True}),
        ]
        deck._load([rate("49", "0.7"), rate("886", "0.8")])
        generator._generate()
        self.assertEqual(
            self._prices(generator),
            {
                "336": "0.02",
                "44": "0.02",
                "447": "0.5",
                "4479": "0.6",
                "49": "0.7",
                "491": "0.02",
                "886": "0.8",
            },
        )

    def test_future_versions_of_the_sources_are_generated(self):
        source = self._supplier(rate("33", "0.01"), rate("44", "0.01"))
        source._load([rate("33", "0.02", effective_from=str(LATER))])
        other = self._supplier(rate("3", "0.015"), rate("336", "0.09"))
        generator = self._generator(source, other, markup_percent=100)
        generator._generate()
        self.assertEqual(
            self._prices(generator),
            {"3": "0.03", "33": "0.02", "336": "0.02", "44": "0.02"},
        )
        self.assertEqual(
            self._prices(generator, LATER),
            {"3": "0.03", "33": "0.03", "336": "0.04", "44": "0.02"},
        )

    def test_a_code_ends_when_no_source_has_it_any_more(self):
        source = self._supplier(
            rate("33", effective_from="2026-01-01", effective_to=str(LATER)),
            rate("44"),
        )
        generator = self._generator(source)
        generator._generate()
        self.assertEqual(set(self._prices(generator)), {"33", "44"})
        self.assertEqual(set(self._prices(generator, LATER)), {"44"})

    def test_a_second_generation_makes_versions_only_of_changes(self):
        source = self._supplier(rate("33"), rate("44"), rate("447"))
        generator = self._generator(source, markup_percent=10)
        generator._generate()
        again = generator._new_import()
        self.assertEqual((again.unchanged_count, again._changes()), (3, False))
        with freeze_time(LATER):
            source._load([rate("33", "0.02"), rate("44", "0.005")], "full")
            made = generator._new_import()
            self.assertEqual(
                self._rows(made, "prefix", "status", "price", "old_price", "falls_to"),
                [
                    ("33", "increased", 0.022, 0.011, False),
                    ("44", "decreased", 0.0055, 0.011, False),
                    ("447", "closed", 0, 0.011, "44"),
                ],
            )
            before = self._table(generator.deck_id)
            made.action_apply()
            self.assertEqual(
                self._prices(generator, LATER), {"33": "0.022", "44": "0.0055"}
            )
            made.action_undo()
            self.assertEqual(self._table(generator.deck_id), before)

    def test_nothing_is_applied_that_differs_from_the_preview(self):
        source = self._supplier(rate("33"))
        generator = self._generator(source)
        for change in (
            lambda: source._load([rate("33", "0.02")]),
            lambda: generator.write({"markup_percent": 1}),
            lambda: generator.write({"exception_ids": [(0, 0, {"prefix": "4"})]}),
            lambda: generator.source_ids.write({"weight": 2}),
            lambda: generator.deck_id._load([rate("1")]),
        ):
            made = generator._new_import()
            change()
            before = self._table(generator.deck_id)
            with self.assertRaisesRegex(UserError, "changed since the preview"):
                made.action_apply()
            self.assertEqual(self._table(generator.deck_id), before)
            made.action_preview()
        made.action_apply()
        self.assertEqual(self._prices(generator)["33"], "0.0202")

    def test_prices_out_of_bounds_say_which_by_how_much_and_what_to_do(self):
        source = self._supplier(
            rate("33", connect_fee="0.5"), rate("44", "900000000")
        )
        generator = self._generator(source, markup_percent=100)
        with self.assertRaisesRegex(
            UserError,
            "^1 prices are out of bounds, the first of code 44: Price Per Minute would"
            " be 1800000000, and may be 0 to 999999999.99999999. Lower the mark-up,"
            " mend the source's rate, or make the code an exception of the mark-up.$",
        ):
            generator.action_preview()
        generator.write({"markup_percent": 0, "markup_fixed": -0.2})
        with self.assertRaisesRegex(
            UserError,
            "^1 prices are out of bounds, the first of code 33: Price Per Minute would"
            " be -0.19, and may be 0 to .* Raise the mark-up per minute, keep a least",
        ):
            generator.action_preview()
        local = self._supplier(rate("33", "0.5", price_local="0.3"))
        with self.assertRaisesRegex(UserError, "code 33: Local price would be -0.1,"):
            self._generator(local, markup_fixed=-0.4).action_preview()

    def test_a_price_of_exactly_minus_one_is_not_taken_for_none(self):
        for name, title in (
            ("price_intra", "Intrastate price"),
            ("price_local", "Local price"),
            ("price_indeterminate", "Indeterminate price"),
            ("first_price", "First increment price"),
        ):
            with self.subTest(name=name):
                source = self._supplier(rate("33", "2", **{name: "0.3"}))
                generator = self._generator(source, markup_fixed=-1.3)
                with self.assertRaisesRegex(
                    UserError, f"^1 prices .* code 33: {title} would be -1, and may be"
                ):
                    generator.action_preview()

    def test_a_blocked_code_without_a_price_bears_any_mark_up(self):
        source = self._supplier(
            rate("33", "2"), rate("337", "0", blocked=True, price_local="0.3")
        )
        generator = self._generator(source, markup_fixed=-1.3)
        generator._generate()
        self.assertRecordValues(
            generator.deck_id.rate_ids.sorted("prefix"),
            [
                {"prefix": "33", "blocked": False, "price_per_minute": 0.7},
                {"prefix": "337", "blocked": True, "price_per_minute": 0},
            ],
        )

    def test_sources_are_suppliers_or_one_customer_deck_and_no_circle(self):
        one, two = self._supplier(rate("1")), self._supplier(rate("1"))
        first, second = self._create_deck(), self._create_deck()
        self._generator(first, deck=second)
        for sources, deck in (
            ((first, one), None), ((second,), first), ((first,), first), ((two,), one),
        ):
            with self.assertRaises(ValidationError):
                self._generator(*sources, deck=deck)
        with self.assertRaises(UserError):
            self._generator().action_preview()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._generator(one, deck=second)
