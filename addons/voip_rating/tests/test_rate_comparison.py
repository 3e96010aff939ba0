"""Decks side by side: cheapest, spread, margin, and a loss that is said in words."""

import io

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .generator_common import GeneratorCommon, rate


@tagged("post_install", "-at_install")
class TestRateComparison(GeneratorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._create_deck(
            [rate("44", "0.02"), rate("447", "0.03"), rate("33", "0.01")], name="Retail"
        )
        cls.north = cls._create_deck(
            [rate("44", "0.01"), rate("4479", "0.05"), rate("33", "0.01")],
            side="supplier",
            name="North",
        )
        cls.east = cls._create_deck(
            [rate("4", "0.015"), rate("447", "0.04"), rate("81", "0.2")],
            side="supplier",
            name="East",
        )

    def _compare(self, **values):
        wizard = self.env["voip.rate.comparison"].create(
            {
                "sale_deck_ids": self.sale.ids,
                "cost_deck_ids": (self.north | self.east).ids,
                **values,
            }
        )
        return wizard, self.env["voip.rate.comparison.line"].search(
            wizard.action_show()["domain"]
        )

    def _told(self, lines):
        return [
            (
                line.prefix,
                line.price,
                line.cost_deck_id.name or "",
                line.cost,
                line.spread,
                line.margin_percent,
                line.result,
            )
            for line in lines
        ]

    def test_each_code_has_our_price_the_cheapest_the_spread_and_the_margin(self):
        _wizard, lines = self._compare()
        self.assertEqual(
            self._told(lines),
            [
                ("33", 0.01, "North", 0.01, 0, 0, "even"),
                ("4", 0, "East", 0.015, 0, 0, "not_sold"),
                ("44", 0.02, "North", 0.01, 0.005, 50, "profit"),
                ("447", 0.03, "North", 0.01, 0.03, 66.67, "profit"),
                ("4479", 0.03, "East", 0.04, 0.01, -33.33, "loss"),
                ("81", 0, "East", 0.2, 0, 0, "not_sold"),
            ],
        )
        self.assertEqual(lines[4].offer_text, "East 0.04 · North 0.05")
        self.assertEqual(lines[4].sold_prefix, "447")
        self.assertEqual((lines[1].has_price, lines[1].has_cost), (False, True))

    def test_one_code_one_country_or_suppliers_alone(self):
        country = self.env.ref("base.fr")
        for values, codes in (
            ({"prefix": "447"}, ["447", "4479"]),
            ({"prefix": "4470"}, ["4470"]),
            ({"prefix": "99"}, []),
            ({"country_id": country.id}, ["33"]),
            ({"destination_id": self.sale.rate_ids[0].destination_id.id}, ["33"]),
        ):
            with self.subTest(values):
                self.assertEqual(self._compare(**values)[1].mapped("prefix"), codes)
        _wizard, lines = self._compare(sale_deck_ids=False, prefix="447")
        self.assertEqual(
            [(line.prefix, line.cost, line.spread) for line in lines],
            [("447", 0.01, 0.03), ("4479", 0.04, 0.01)],
        )
        nothing = {"sale_deck_ids": False, "cost_deck_ids": False}
        for values in ({"prefix": "44x"}, nothing):
            with self.assertRaises(UserError):
                self._compare(**values)

    def test_the_versions_of_the_moment_are_compared(self):
        result = self.north._load(
            [
                rate("44", "0.03", effective_from="2050-01-01T00:00:00Z"),
                rate("4478", "0.07", effective_from="2050-01-01T00:00:00Z"),
                rate("447", "0", blocked=True),
            ]
        )
        self.assertTrue(result["applied"], result)
        moments = {"2049-12-31 23:59:59": [], "2050-01-01 00:00:00": ["4478"]}
        for at, codes in moments.items():
            _wizard, lines = self._compare(at=at, prefix="44")
            self.assertEqual(
                lines.mapped("prefix"), sorted(["44", "447", "4479", *codes])
            )
            self.assertEqual(lines[0].cost, 0.015 if codes else 0.01)
            east = lines.filtered(lambda line: line.prefix == "447")
            self.assertEqual(east.offer_text, "East 0.04", "North blocks it")

    def test_the_page_says_which_deck_is_compared_and_of_which_moment(self):
        wizard, _lines = self._compare(at="2026-11-30 18:33:00")
        self.assertEqual(
            wizard.with_context(tz="Europe/Berlin").action_show()["name"],
            "Retail, compared at 2026-11-30 19:33 CET",
        )
        wizard.sale_deck_ids = False
        name = wizard.with_context(tz="UTC").action_show()["name"]
        self.assertEqual(name, "Decks, compared at 2026-11-30 18:33 UTC")

    def test_each_of_our_decks_has_a_line(self):
        other = self._create_deck([rate("447", "0.04")], name="Wholesale")
        _wizard, lines = self._compare(sale_deck_ids=(self.sale | other).ids)
        found = [(line.prefix, line.deck_id.name, line.price) for line in lines]
        self.assertIn(("4479", "Wholesale", 0.04), found)
        self.assertIn(("4479", "Retail", 0.03), found)
        self.assertEqual(len(found), 6 + 6)

    def test_lines_go_with_their_comparison_and_by_themselves(self):
        wizard, lines = self._compare()
        kept, others = self._compare()
        wizard.sudo().unlink()
        self.assertFalse(lines.exists())
        self.assertEqual(others.exists(), others)
        self.env.cr.execute(
            "UPDATE voip_rate_comparison_line SET write_date = '2000-01-01'"
            " WHERE comparison_id = %s",
            [kept.id],
        )
        others._transient_vacuum()
        self.assertFalse(others.exists())

    def test_prices_are_converted_or_the_missing_rate_is_said(self):
        other = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        deck = self._create_deck(
            [rate("44", "0.01")], side="supplier", currency_id=other.id
        )
        with self.assertRaisesRegex(UserError, "XTS has no exchange rate"):
            self._compare(cost_deck_ids=deck.ids)
        self.env["res.currency.rate"].create(
            {
                "currency_id": other.id,
                "name": "2026-01-01",
                "rate": 0.8,
                "company_id": self.env.company.id,
            }
        )
        lines = self._compare(cost_deck_ids=deck.ids, prefix="44")[1]
        self.assertEqual(lines[0].cost, 0.0125)

    def test_the_workbook_has_a_column_for_each_supplier(self):
        wizard, _lines = self._compare(prefix="44")
        book = openpyxl.load_workbook(io.BytesIO(wizard._file()))
        rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
        self.assertEqual(rows[1][:2], ["Currency", wizard.currency_id.name])
        self.assertEqual(
            rows[4],
            ["Code", "Destination", "Our deck", "Our price", "East", "North",
             "Cheapest supplier", "Cheapest", "Spread", "Margin per minute",
             "Margin %", "Result"],
        )
        self.assertEqual(
            rows[7][2:],
            ["Retail", 0.03, 0.04, 0.05, "East", 0.04, 0.01, -0.01, -33.33, "Loss"],
        )

    def test_a_long_name_of_a_supplier_is_a_head_of_more_lines(self):
        wizard, _lines = self._compare(prefix="44")
        low = openpyxl.load_workbook(io.BytesIO(wizard._file())).active
        self.east.name = "East Telecommunications Worldwide Wholesale, Premium CLI"
        high = openpyxl.load_workbook(io.BytesIO(wizard._file())).active
        heights = [page.row_dimensions[5].height for page in (low, high)]
        self.assertLess(heights[0], heights[1])
        self.assertGreaterEqual(heights[1], 4 * 15)

    def test_decks_of_one_name_are_told_apart(self):
        other = self._create_deck([rate("44", "0.5")], side="supplier", name="East")
        decks = self.east | other | self.north
        wizard, lines = self._compare(cost_deck_ids=decks.ids, prefix="44")
        book = openpyxl.load_workbook(io.BytesIO(wizard._file()))
        heads = [cell.value for cell in book.active[5]]
        names = [f"East ({deck.code})" for deck in (self.east | other)]
        self.assertEqual(heads[4:7], [*names, "North"])
        self.assertIn(f"{names[1]} 0.5", lines[0].offer_text)

    def test_only_who_sees_costs_compares(self):
        for groups in ("base.group_user", "voip_billing_base.group_voip_switch"):
            user = new_test_user(self.env, f"compare-{groups}", groups=groups)
            with self.subTest(groups), self.assertRaises(AccessError):
                self.env["voip.rate.comparison"].with_user(user).create(
                    {"sale_deck_ids": self.sale.ids}
                ).action_show()
        viewer = new_test_user(
            self.env,
            "compare-viewer",
            groups="voip_billing_base.group_voip_viewer",
            company_id=self.env.company.id,
        )
        wizard, lines = self._compare()
        self.assertFalse(lines.with_user(viewer).search([("id", "in", lines.ids)]))
        with self.assertRaises(AccessError):
            wizard.with_user(viewer).action_download()
