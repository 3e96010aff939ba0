"""A deck as a file: what a customer reads and an import takes."""

import csv
import io
import random
from datetime import datetime
from decimal import Decimal

import openpyxl
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .import_common import NOW, ImportCommon

JUNE = datetime(2026, 6, 15)


def rate(prefix, price="0.01", **values):
    return {"prefix": prefix, "price_per_minute": price, **values}


@tagged("post_install", "-at_install")
class TestRateExport(ImportCommon):
    def _book(self, data):
        book = openpyxl.load_workbook(io.BytesIO(data))
        return [[cell.value for cell in row] for row in book.active.iter_rows()]

    def _csv(self, data):
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))

    def _changed_deck(self):
        deck = self._create_deck(
            [
                rate("33", "0.01"),
                rate("34", "0.02"),
                rate("35", "0.03"),
                rate("36", "0.04", next_increment=60),
                rate("37", "0.05"),
            ]
        )
        with freeze_time("2026-05-01 00:00:00"):
            deck._load(
                [
                    rate("33", "0.015"),
                    rate("34", "0.01"),
                    rate("35", "0.03"),
                    rate("36", "0.04", next_increment=60, blocked=True),
                    rate("38", "0.06"),
                ],
                "full",
            )
        return deck

    def test_no_maximum_charge_is_empty_not_zero(self):
        deck = self._create_deck([rate("33", max_charge="2"), rate("34")])
        for kind, read in (("csv", self._csv), ("xlsx", self._book)):
            data = deck.export_file(kind, NOW, future=True)
            head, *rows = read(data)[-3:]
            place = head.index("Maximum charge")
            found = [row[place] or None for row in rows]
            self.assertEqual(found, ["2" if kind == "csv" else 2, None])
            sheet = self._preview(data, deck=deck, name=f"rates.{kind}", past="back")
            self.assertEqual(
                self._rows(sheet), [("33", "unchanged"), ("34", "unchanged")]
            )

    def test_each_line_says_what_it_is_against_another_moment(self):
        rows = list(self._changed_deck().export_rows(JUNE, NOW))
        self.assertEqual(
            [
                (r["prefix"], r["status"], r["price_per_minute"], r["old_price"],
                 r["change"])
                for r in rows
            ],
            [
                ("33", "increased", Decimal("0.015"), Decimal("0.01"), Decimal("50")),
                ("34", "decreased", Decimal("0.01"), Decimal("0.02"), Decimal("-50")),
                ("35", "unchanged", Decimal("0.03"), Decimal("0.03"), Decimal(0)),
                ("36", "changed", Decimal("0.04"), Decimal("0.04"), Decimal(0)),
                ("37", "closed", None, Decimal("0.05"), None),
                ("38", "new", Decimal("0.06"), None, None),
            ],
        )
        self.assertEqual(rows[4]["effective_from"], datetime(2026, 5, 1))

    def test_without_another_moment_it_is_what_was_valid_then(self):
        deck = self._changed_deck()
        for moment, codes in (
            (NOW, ["33", "34", "35", "36", "37"]),
            (JUNE, ["33", "34", "35", "36", "38"]),
        ):
            rows = list(deck.export_rows(moment))
            self.assertEqual([row["prefix"] for row in rows], codes)
            self.assertEqual({row["status"] for row in rows}, {None})

    def test_rows_come_while_something_else_is_asked(self):
        rows = self.deck.export_rows(NOW)
        first = next(rows)
        self.env.cr.execute("SELECT 1")
        self.assertEqual([first["prefix"], next(rows)["prefix"]], ["44", "447"])

    def test_a_workbook_has_numbers_and_names_currency_zone_and_moment(self):
        deck = self._changed_deck()
        deck.write({"name": "Retail A–Z", "tz": "Europe/Berlin"})
        lines = self._book(deck.export_file("xlsx", JUNE, NOW))
        self.assertEqual(
            lines[:6],
            [
                [name, value] + [None] * 8
                for name, value in (
                    ("Rate sheet", "Retail A–Z"),
                    ("From", deck.company_id.name),
                    ("Currency", deck.currency_id.name),
                    ("Valid on", "2026-06-15 02:00:00"),
                    ("Compared with", "2026-03-10 13:00:00"),
                    ("Time zone", "Europe/Berlin"),
                )
            ],
        )
        self.assertEqual(
            lines[7:9],
            [
                ["Code", "Destination", "Price per minute", "First increment",
                 "Next increment", "Blocked", "Valid from", "Status", "Old price",
                 "Difference %"],
                ["33", "France - Fixed", 0.015, 1, 1, "no", datetime(2026, 5, 1, 2),
                 "Increase", 0.01, 50],
            ],
        )
        self.assertEqual([line[7] for line in lines[8:]], [
            "Increase", "Decrease", "Unchanged", "Changed", "Closed", "New",
        ])

    def test_a_csv_has_points_and_names_currency_and_zone(self):
        deck = self._create_deck(
            [rate("44", "1234.5", destination="=1+1", price_intra="0")]
        )
        self.assertEqual(
            self._csv(deck.export_file("csv", NOW)),
            [
                ["Code", "Destination", "Price per minute", "Intrastate price",
                 "First increment", "Next increment", "Valid from", "Currency",
                 "Time zone"],
                ["44", "'=1+1", "1234.5", "0", "1", "1", str(NOW),
                 deck.currency_id.name, "UTC"],
            ],
        )

    def test_a_formula_is_a_text_and_no_figure_is_lost(self):
        deck = self._create_deck(
            [rate("44", "123456789.12345678", destination="=1+1", connect_fee="0.5")]
        )
        data = deck.export_file("xlsx", NOW)
        book = openpyxl.load_workbook(io.BytesIO(data))
        cells = list(book.active.iter_rows())[-1]
        self.assertEqual(cells[1].data_type, "s")
        self.assertEqual(
            [cell.value for cell in cells[:4]],
            ["44", "=1+1", "123456789.12345678", 0.5],
        )

    def test_neither_costs_nor_suppliers_leave(self):
        supplier = self.env["res.partner"].create({"name": "Secret Carrier"})
        cost = self._create_deck(
            [rate("44", "0.00777")], side="supplier", partner_id=supplier.id
        )
        deck = self._create_deck([rate("44", "0.01")], partner_id=supplier.id)
        self.env["voip.rate.generator"].create(
            {"deck_id": deck.id, "source_ids": [(0, 0, {"deck_id": cost.id})]}
        )
        for kind in ("csv", "xlsx"):
            data = deck.export_file(kind, JUNE, NOW)
            cells = self._csv(data) if kind == "csv" else self._book(data)
            text = str(cells)
            self.assertIn("0.01", text)
            for secret in ("Secret", "0.00777", cost.code):
                self.assertNotIn(secret, text)

    def test_import_export_import_changes_nothing(self):
        chance = random.Random(19)
        for round_ in range(6):
            deck = self._random_deck(chance)
            twin = self._create_deck(tz=deck.tz)
            for kind in ("csv", "xlsx"):
                for future in (False, True):
                    with self.subTest(round=round_, kind=kind, future=future):
                        data = deck.export_file(kind, NOW, future=future)
                        before = self._table(deck)
                        found = self._apply(data, deck=deck, name=f"a.{kind}")
                        statuses = {row[1] for row in self._rows(found)}
                        self.assertEqual(statuses, {"unchanged"})
                        self.assertEqual(self._table(deck), before)
                if kind == "csv":
                    self._apply(data, deck=twin, name="a.csv")
                    self.assertEqual(self._terms(twin), self._terms(deck))
                    again = twin.export_file("csv", NOW, future=True)
                    self.assertEqual(again, data)

    def test_promotions_come_back_as_they_left(self):
        chance, promoted = random.Random(7), 0
        for _round in range(3):
            deck = self._promoted_deck(chance)
            promoted += len(deck.rate_ids.filtered("continues_from"))
            for at in (NOW, datetime(2026, 6, 1), datetime(2026, 9, 15)):
                for future in (True, False):
                    with self.subTest(at=at, future=future), freeze_time(at):
                        data = deck.export_file("csv", at, future=future)
                        before = self._table(deck)
                        found = self._apply(data, deck=deck, name="a.csv")
                        statuses = {row[1] for row in self._rows(found)}
                        self.assertEqual(statuses, {"unchanged"}, data)
                        self.assertEqual(self._table(deck), before)
        self.assertGreater(promoted, 50)

    def _promoted_deck(self, chance):
        """Rates with promotions beside, after, across and within each other."""
        codes = [str(code) for code in range(330, 370)]
        deck = self._create_deck([rate(code) for code in codes])
        for _load in range(5):
            rows = []
            for code in codes:
                start, end = sorted(chance.sample(range(4, 13), 2))
                dates = {"effective_from": f"2026-{start:02}-01"}
                if chance.random() < 0.8:
                    dates["effective_to"] = f"2026-{end:02}-01"
                rows.append(rate(code, chance.choice(["0.02", "0.03"]), **dates))
            # An end that another version would cut is refused.
            refused = {error["index"] for error in deck._load(rows)["errors"]}
            deck._load([r for place, r in enumerate(rows) if place not in refused])
        return deck

    def _terms(self, deck):
        names = ["prefix", "origin_prefix", "destination", "status"]
        rows = list(deck.export_rows(NOW, future=True))
        self.assertTrue(rows)
        return [{k: v for k, v in row.items() if k not in names[3:]} for row in rows]

    def _random_deck(self, chance):
        def price():
            return str(Decimal(chance.randrange(10**9)).scaleb(-8))

        rows = {}
        for _number in range(40):
            code = str(chance.randrange(1, 999999))
            origin = chance.choice([None, None, "49", "1212"])
            values = {
                "destination": chance.choice(
                    [None, "France", "'quoted", "=A1", "+1 x", "New", "yes", "Zürich",
                     "x;=1", "x;'-1"]
                ),
                "origin_prefix": origin,
                "initial_increment": chance.choice([1, 30, 60]),
                "next_increment": chance.choice([1, 6, 60]),
                "effective_from": chance.choice(
                    [None, "2026-01-15 10:00:00", "2026-08-01", "2027-02-03 04:05:06"]
                ),
            }
            values |= self._random_fees(chance, price)
            if values["effective_from"] and chance.random() < 0.3:
                values["effective_to"] = "2027-12-01 12:00:00"
            rows[code, origin] = rate(code, price(), **values)
        return self._create_deck(
            list(rows.values()),
            tz=chance.choice(["UTC", "Europe/Berlin", "America/New_York"]),
            default_initial_increment=30,
        )

    def _random_fees(self, chance, price):
        values = {
            name: chance.choice([price(), "0"])
            for name in ("price_intra", "price_local", "price_indeterminate")
            if chance.random() < 0.4
        }
        kind = chance.choice(["plain", "fee", "charges", "blocked", "payback"])
        if kind == "fee":
            values["connect_fee"] = price()
        elif kind == "charges":
            values |= {"min_charge": "0.5", "max_charge": "20", "grace_seconds": 9}
        elif kind != "plain":
            values[kind] = True
        return values

    def test_the_wizard_leads_to_the_file_of_its_choices(self):
        wizard = self.env["voip.rate.export"].create(
            {"deck_id": self.deck.id, "at": JUNE, "since": NOW, "kind": "csv"}
        )
        self.assertEqual(
            wizard.action_download()["url"],
            f"/voip/rate_deck/{self.deck.id}/rates.csv"
            "?at=2026-06-15T00:00:00&since=2026-03-10T12:00:00",
        )
        wizard.since = JUNE
        with self.assertRaises(UserError):
            wizard.action_download()
        wizard.what = "future"
        self.assertNotIn("?", wizard.action_download()["url"])

    def test_who_may_not_read_rates_exports_none(self):
        user = new_test_user(self.env, "export-nobody", groups="base.group_user")
        for method in ("export_rows", "export_file"):
            arguments = ["csv", NOW] if method == "export_file" else [NOW]
            with self.assertRaises(AccessError):
                getattr(self.deck.with_user(user), method)(*arguments)
        with self.assertRaises(UserError):
            self.deck.export_file("pdf", NOW)
