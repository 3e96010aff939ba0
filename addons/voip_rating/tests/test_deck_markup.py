from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import VoipRatingCommon


def rate(prefix, price, **values):
    return {"prefix": prefix, "price_per_minute": price, **values}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 12:00:00")
class TestDeckMarkup(VoipRatingCommon):
    def _prices(self, deck):
        self.env.cr.execute(
            """
            SELECT prefix, trim_scale(price_per_minute)::text FROM voip_rate
             WHERE deck_id = %s AND effective_to IS NULL ORDER BY prefix
            """,
            [deck.id],
        )
        return dict(self.env.cr.fetchall())

    def test_price_is_parent_plus_percent_plus_fixed_half_up(self):
        parent = self._create_deck(
            [rate("33", "0.01"), rate("44", "0.00000001"), rate("49", "0.00333333")],
            side="supplier",
        )
        cases = [
            ({"markup_percent": 10}, {"33": "0.011", "44": "0.00000001"}),
            ({"markup_percent": 50}, {"33": "0.015", "44": "0.00000002"}),
            ({"markup_fixed": 0.002}, {"33": "0.012", "44": "0.00200001"}),
            ({"markup_percent": 10, "markup_fixed": 0.001}, {"33": "0.012"}),
            ({"markup_percent": 33.3333}, {"49": "0.00444444"}),
        ]
        for values, expected in cases:
            with self.subTest(values=values):
                child = self._create_deck(parent_id=parent.id, **values)
                child._generate()
                self.assertLessEqual(expected.items(), self._prices(child).items())

    def test_percent_raises_fees_and_fixed_does_not(self):
        parent = self._create_deck(
            [rate("33", "0.01", connect_fee="0.1", min_charge="0.2", max_charge="2")],
        )
        child = self._create_deck(
            parent_id=parent.id, markup_percent=10, markup_fixed=0.5
        )
        child._generate()
        self.assertRecordValues(
            child.rate_ids,
            [
                {
                    "price_per_minute": 0.511,
                    "connect_fee": 0.11,
                    "min_charge": 0.22,
                    "max_charge": 2.2,
                    "price_intra": -1,
                    "manual": False,
                }
            ],
        )

    def test_price_is_at_least_cost_plus_floor(self):
        cost = self._create_deck(
            [rate("33", "0.02"), rate("336", "0.10")], side="supplier"
        )
        parent = self._create_deck(
            [rate("33", "0.03"), rate("3361", "0.03"), rate("49", "0.03")]
        )
        child = self._create_deck(
            parent_id=parent.id, cost_deck_id=cost.id, margin_floor=20
        )
        child._generate()
        self.assertEqual(
            self._prices(child), {"33": "0.03", "3361": "0.12", "49": "0.03"}
        )

    def test_cost_of_a_supplier_parent_is_its_price(self):
        parent = self._create_deck([rate("33", "0.02")], side="supplier")
        child = self._create_deck(
            parent_id=parent.id, markup_percent=-10, margin_floor=15
        )
        child._generate()
        self.assertEqual(self._prices(child), {"33": "0.023"})

    def test_second_generation_makes_versions_only_of_changes(self):
        parent = self._create_deck([rate("33", "0.01"), rate("44", "0.01")])
        child = self._create_deck(parent_id=parent.id, markup_percent=10)
        first = child._generate()
        self.assertEqual((first["new"], first["closed"]), (2, 0))
        again = child._generate()
        self.assertEqual((again["new"], again["unchanged"]), (0, 2))
        with freeze_time("2026-03-11 12:00:00"):
            parent._load([rate("33", "0.02")], "full")
            preview = child._generate(dry_run=True)
            self.assertEqual((preview["increased"], preview["closed"]), (1, 1))
            self.assertEqual(self._prices(child), {"33": "0.011", "44": "0.011"})
            child._generate()
        self.assertEqual(self._prices(child), {"33": "0.022"})
        self.assertEqual(len(child.rate_ids), 3)

    def test_future_versions_of_the_parent_are_generated(self):
        parent = self._create_deck([rate("33", "0.01")])
        child = self._create_deck(parent_id=parent.id, markup_percent=100)
        child._generate()
        parent._load([rate("33", "0.02", effective_from="2026-12-01")])
        result = child._generate()
        self.assertEqual((result["increased"], result["unchanged"]), (1, 1))
        self.assertEqual(self._prices(child), {"33": "0.04"})

    def test_exceptions_are_left_alone(self):
        parent = self._create_deck([rate("33", "0.01"), rate("44", "0.01")])
        child = self._create_deck(parent_id=parent.id, markup_percent=10)
        child._generate()
        child._load([rate("33", "0.009"), rate("886", "0.5")])
        exceptions = child.rate_ids.filtered("manual")
        self.assertEqual(exceptions.mapped("prefix"), ["33", "886"])
        child.markup_percent = 20
        child._generate()
        self.assertEqual(
            self._prices(child), {"33": "0.009", "44": "0.012", "886": "0.5"}
        )

    def test_prices_out_of_bounds_are_refused(self):
        parent = self._create_deck([rate("33", "0.01"), rate("44", "900000000")])
        child = self._create_deck(parent_id=parent.id)
        for percent in (100, 10_000):
            child.markup_percent = percent
            with self.assertRaisesRegex(UserError, "44"):
                child._generate()
        child.write({"markup_percent": 0, "markup_fixed": 99_999_999})
        child._generate()
        self.assertEqual(self._prices(child)["44"], "999999999")
        child.write({"markup_percent": 0, "markup_fixed": -1})
        with self.assertRaisesRegex(UserError, "33"):
            child._generate()

    def test_parents_must_fit(self):
        parent = self._create_deck()
        child = self._create_deck(parent_id=parent.id)
        other = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        with self.assertRaises(ValidationError):
            parent.parent_id = child
        with self.assertRaises(ValidationError):
            self._create_deck(parent_id=parent.id, currency_id=other.id)
        with self.assertRaises(ValidationError):
            child.margin_floor = 10
        with self.assertRaises(UserError):
            parent._generate()
