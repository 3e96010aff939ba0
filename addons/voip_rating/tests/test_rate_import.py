"""Rates that are imported, created or sent are as strict as a rate sheet."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import VoipRatingCommon

FIELDS = ["deck_id/id", "prefix", "price_per_minute", "connect_fee"]


@tagged("post_install", "-at_install")
class TestRateImport(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deck = cls._create_deck()
        cls.env["ir.model.data"].create(
            {
                "module": "voip_test",
                "name": "deck",
                "model": "voip.rate.deck",
                "res_id": cls.deck.id,
            }
        )

    def _prices(self):
        self.env.cr.execute(
            "SELECT prefix, price_per_minute::text, connect_fee::text FROM voip_rate"
            " WHERE deck_id = %s ORDER BY prefix",
            [self.deck.id],
        )
        return self.env.cr.fetchall()

    def _import(self, text, decimal=".", thousand=","):
        wizard = self.env["base_import.import"].create(
            {
                "res_model": "voip.rate",
                "file": text.encode(),
                "file_name": "rates.csv",
                "file_type": "text/csv",
            }
        )
        options = {
            "has_headers": True,
            "separator": ";",
            "quoting": '"',
            "encoding": "utf-8",
            "float_decimal_separator": decimal,
            "float_thousand_separator": thousand,
        }
        return wizard.execute_import(FIELDS, FIELDS, options)

    def _sheet(self, price, fee=""):
        return f"Deck;Prefix;Price;Fee\nvoip_test.deck;44;{price};{fee}\n"

    def test_what_the_import_of_records_reads_is_right_or_refused(self):
        for price, decimal, thousand, kept in (
            ("0.07", ".", ",", "0.07000000"),
            ("0,070", ",", ".", "0.07000000"),
            ("0,070", ".", ",", None),
            ("0.070", ",", ".", None),
            ("1,234.5", ".", ",", None),
            ("0,070", ".", " ", None),
            ("70", ".", ",", "70.00000000"),
            ("7e-2", ".", ",", None),
            ("$ 0.07", ".", ",", None),
            ("(0.07)", ".", ",", None),
            ("-0.07", ".", ",", None),
            ("0.000000001", ".", ",", None),
            ("0.00000001", ".", ",", "0.00000001"),
            ("", ".", ",", None),
            ("nan", ".", ",", None),
        ):
            with self.subTest(price=price, decimal=decimal):
                savepoint = self.env.cr.savepoint()
                result = self._import(self._sheet(price), decimal, thousand)
                prices = self._prices()
                savepoint.close(rollback=True)
                if kept:
                    self.assertEqual(prices, [("44", kept, "0.00000000")], result)
                else:
                    self.assertEqual(prices, [])
                    self.assertTrue(result["messages"])

    def test_fees_are_read_as_strictly(self):
        result = self._import(self._sheet("0.07", "0,15"))
        self.assertIn("connect_fee", str(result["messages"]))
        self._import(self._sheet("0.07", "0.15"))
        self.assertEqual(self._prices(), [("44", "0.07000000", "0.15000000")])

    def test_load_of_records_over_the_api(self):
        for price in ("0,070", "1_000", "\u0661\u0662", "1e3", "inf", "", False):
            with self.subTest(price=price):
                result = self.env["voip.rate"].load(
                    FIELDS, [["voip_test.deck", "44", price, "0"]]
                )
                self.assertTrue(result["messages"], result)
                self.assertFalse(result["ids"])
                result = self.env["voip.rate.deck"].load(
                    ["id", "rate_ids/prefix", "rate_ids/price_per_minute"],
                    [["voip_test.deck", "44", price]],
                )
                self.assertFalse(result["ids"], result)
        self.env["voip.rate"].load(FIELDS, [["voip_test.deck", "44", "0.07", ""]])
        self.assertEqual(self._prices(), [("44", "0.07000000", "0.00000000")])

    def test_create_and_write_refuse_what_a_sheet_refuses(self):
        good = {"deck_id": self.deck.id, "prefix": "44", "price_per_minute": 0.07}
        for change in (
            {"price_per_minute": None},
            {"price_per_minute": False},
            {"price_per_minute": ""},
            {"price_per_minute": "0,070"},
            {"price_per_minute": True},
            {"price_per_minute": float("nan")},
            {"price_per_minute": 1e-9},
            {"price_per_minute": -1},
            {"connect_fee": "1,5"},
            {"min_charge": 2, "max_charge": 1},
            {"payback": True, "connect_fee": 1},
            {"effective_from": "2026-01-01 00:00:00.5"},
        ):
            with self.subTest(change), self.assertRaises(UserError):
                self.env["voip.rate"].create({**good, **change})
            with self.subTest(change), self.assertRaises(UserError):
                self.deck.write({"rate_ids": [(0, 0, {**good, **change})]})
        del good["price_per_minute"]
        with self.assertRaisesRegex(UserError, "44: price_per_minute is missing"):
            self.env["voip.rate"].create(good)
        self.env["voip.rate"].create({**good, "blocked": True})
        rate = self.env["voip.rate"].create(
            {**good, "prefix": "45", "price_per_minute": "0.07", "price_intra": -1}
        )
        self.assertEqual(rate.price_per_minute, 0.07)
        for change in (
            {"price_per_minute": "0.08"},
            {"effective_to": "2050-01-01 00:00:00.001"},
        ):
            with self.subTest(change), self.assertRaises(UserError):
                rate.write(change)
