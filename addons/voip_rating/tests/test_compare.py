"""One number over all decks."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestCompare(VoipRatingCommon):
    def test_decks_come_suppliers_first_and_cheapest_first(self):
        dear = self._create_deck(
            [{"prefix": "44", "price_per_minute": "0.02"}], side="supplier"
        )
        cheap = self._create_deck(
            [
                {"prefix": "4420", "price_per_minute": "0.01"},
                {"prefix": "44", "price_per_minute": "0.05"},
            ],
            side="supplier",
        )
        sale = self._create_deck([{"prefix": "442", "price_per_minute": "0.03"}])
        empty = self._create_deck([{"prefix": "49", "price_per_minute": "0.03"}])
        mine = (dear | cheap | sale | empty).mapped("display_name")
        rows = [
            row
            for row in self.env["voip.rate.deck"]._compare("442071234567", seconds=60)
            if row["deck"] in mine
        ]
        self.assertEqual(
            [row["deck"] for row in rows],
            [deck.display_name for deck in (cheap, dear, sale, empty)],
        )
        self.assertEqual([row["prefix"] for row in rows], ["4420", "44", "442", ""])
        self.assertIn("No active rate", rows[-1]["error"])
        wizard = self.env["voip.rate.quote"].create({"called": "442071234567"})
        wizard.action_compare()
        self.assertIn("4420", wizard.result)

    def test_a_number_that_cannot_be_read_is_named(self):
        with self.assertRaisesRegex(UserError, "abc"):
            self.env["voip.rate.deck"]._compare("abc")
