"""A rate sheet on its way into a deck: what its preview says."""

from datetime import datetime

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .import_common import NOW, ImportCommon, sheet, workbook


@tagged("post_install", "-at_install")
class TestRateSheetImport(ImportCommon):
    def test_a_preview_says_what_would_change_and_changes_nothing(self):
        before, revision = self._table(), self.deck.revision
        found = self._preview(
            sheet("44;UK;0.012;", "447;UK mobile;0.05;", "33;France;0.02;2026-12-01")
        )
        self.assertEqual(
            self._rows(found, "number", "prefix", "status", "old_price", "price"),
            [
                (2, "44", "increased", 0.01, 0.012),
                (3, "447", "unchanged", 0.05, 0.05),
                (4, "33", "new", 0.0, 0.02),
            ],
        )
        self.assertEqual(self._rows(found, "change")[0], (20.0,))
        self.assertRecordValues(
            found,
            [
                {
                    "state": "previewed",
                    "row_count": 3,
                    "new_count": 1,
                    "increased_count": 1,
                    "unchanged_count": 1,
                    "faulty_count": 0,
                }
            ],
        )
        self.env.invalidate_all()
        self.assertEqual((self._table(), self.deck.revision), (before, revision))

    def test_an_import_that_is_deleted_takes_its_rows_away(self):
        found, other = (self._preview(sheet("44;UK;0.012;")) for _one in range(2))
        rows = [found.id, other.id]
        self.assertEqual(self._owners(rows), rows)
        found.unlink()
        self.assertEqual(self._owners(rows), [other.id])

    def _owners(self, ids):
        """Imports that have rows in the database."""
        rows = self.env["voip.rate.import.row"].search([("import_id", "in", ids)])
        return sorted(rows.mapped("import_id").ids)

    def test_what_is_applied_is_what_the_preview_said(self):
        found = self._preview(sheet("44;UK;0.012;", "33;France;0.02;2026-12-01"))
        said = self._rows(found, "number", "prefix", "status", "price", "starts")
        found.action_apply()
        self.assertEqual(
            self._rows(found, "number", "prefix", "status", "price", "starts"), said
        )
        rates = self.env["voip.rate"].search(
            [("deck_id", "=", self.deck.id), ("effective_to", "=", False)]
        )
        self.assertEqual(
            [(r.prefix, r.price_per_minute, r.effective_from) for r in rates],
            [
                ("33", 0.02, fields.Datetime.to_datetime("2026-12-01")),
                ("44", 0.012, NOW),
                ("447", 0.05, fields.Datetime.to_datetime("1970-01-01")),
            ],
        )
        self.assertEqual(found.applied_by, self.env.user)

    def test_a_column_of_currencies_is_read(self):
        own = self.deck.currency_id.name
        other = "GBP" if own == "EUR" else "EUR"
        found = self._preview(
            sheet(
                f"44;0.02;{own}",
                f"447;0.02;{other}",
                header="Code;Price per minute;Currency",
            )
        )
        reason = f"Currency: '{other}' is in {other}, the deck is in {own}"
        self.assertEqual(
            self._rows(found, "prefix", "reason"), [("44", False), ("447", reason)]
        )

    def test_a_blocked_code_has_no_price_and_no_change(self):
        found = self._preview(sheet("44;UK;blocked;"))
        self.assertEqual(
            self._rows(found, "status", "reason", "is_priceless", "change"),
            [("changed", "Calls to it are blocked.", True, 0)],
        )

    def test_an_empty_price_is_named_as_the_column_is(self):
        found = self._preview(sheet("44;UK;;"))
        self.assertEqual(
            self._rows(found, "reason"), [("Price per minute: the cell is empty",)]
        )

    def test_columns_of_a_real_switch_are_found(self):
        header = "code,destination,connect_cost,rate_per_min,increment_s"
        found = self._import(sheet("44,UK,0,0.02,6", header=header))
        self.assertEqual(
            found.column_ids.mapped("target"),
            ["prefix", "destination", "connect_fee", "price_per_minute", "increments"],
        )

    def test_faulty_rows_stop_all_or_are_left_out(self):
        data = sheet("44;UK;abc;", "33;France;0.02;")
        found = self._preview(data)
        self.assertEqual(found.faulty_count, 1)
        with self.assertRaisesRegex(UserError, "Row 2: Price per minute"):
            found.action_apply()
        found.leave_faulty = True
        found.action_preview()
        found.action_apply()
        self.assertEqual(self._rows(found), [("44", "faulty"), ("33", "new")])

    def test_a_full_import_does_not_close_the_codes_of_faulty_rows(self):
        found = self._apply(
            sheet("44;UK;abc;", "33;France;0.02;"), mode="full", leave_faulty=True
        )
        open_rates = self.deck.rate_ids.filtered(lambda r: not r.effective_to)
        self.assertEqual(sorted(open_rates.mapped("prefix")), ["33", "44"])
        self.assertIn(("447", "closed"), self._rows(found))

    def test_a_full_import_with_a_code_that_cannot_be_read_is_refused(self):
        found = self._import(
            sheet("4.4E+11;UK;1;", "33;;1;"), mode="full", leave_faulty=True
        )
        with self.assertRaisesRegex(UserError, "row 2"):
            found.action_preview()

    def test_a_full_import_names_what_takes_over_from_closed_codes(self):
        found = self._preview(sheet("44;UK;0.012;"), mode="full")
        self.assertEqual(
            self._rows(found, "prefix", "status", "falls_to", "falls_price"),
            [("447", "closed", "44", 0.012), ("44", "increased", False, 0.0)],
        )

    def test_the_faulty_rows_are_a_file_with_the_reason_last(self):
        found = self._preview(sheet("44;UK;abc;", "33;France;0.02;", "x;=1+1;1;"))
        header, first, second = self._faults(found)
        self.assertEqual(header[-1], "Reason")
        self.assertEqual(first[:3], ["44", "UK", "abc"])
        self.assertIn("'abc'", first[-1])
        self.assertEqual(second[:3], ["x", "'=1+1", "1"])

    def test_the_next_file_of_a_header_is_mapped_by_itself(self):
        header = "Vorwahlnummer;Wohin;Preis netto;gilt"
        data = sheet("44;UK;1,234;01/02/2027", header=header)
        found = self._import(data, header_row=1)
        targets = ("prefix", "destination", "price_per_minute", "effective_from")
        for column, target in zip(found.column_ids, targets, strict=True):
            column.target = target
        self.assertIn("1,234", found.question)
        self.assertIn("01/02/2027", found.question)
        found.write({"mark": ",", "shape": "dmy"})
        found.action_preview()
        later = self._import(
            sheet("44;UK;1,235;02/02/2027", header=header), header_row=1
        )
        self.assertEqual(later.column_ids.mapped("target"), list(targets))
        self.assertEqual((later.mark, later.shape), (",", "dmy"))
        later.action_preview()
        self.assertEqual(self._rows(later, "price"), [(1.235,)])

    def test_a_remembered_mark_that_does_not_read_the_file_is_not_taken(self):
        header = "Code;Price"
        found = self._import(sheet("44;1.234", header=header))
        found.mark = "."
        found.action_preview()
        cases = [("1,234", "."), ("1,25", ","), ("1,25\n33;0.5", False)]
        for price, mark in cases:
            found = self._import(sheet(f"44;{price}", header=header))
            with self.subTest(price=price):
                self.assertEqual(found.mark, mark)
                self.assertEqual(bool(found.question), not mark)

    def test_a_map_is_shared_by_the_decks_of_a_supplier_alone(self):
        carrier = self.env["res.partner"].create({"name": "Carrier"})
        decks = [
            self._create_deck(side="supplier", partner_id=partner)
            for partner in (carrier.id, carrier.id, False)
        ]
        data = sheet("44;x;1", header="Code;Odd;Price")
        first = self._import(data, deck=decks[0])
        first.column_ids[1].target = "destination"
        first.action_preview()
        self.assertEqual(
            [self._import(data, deck=d).column_ids[1].target for d in decks],
            ["destination", "destination", False],
        )

    def test_what_can_be_read_in_two_ways_has_to_be_chosen(self):
        found = self._import(sheet("44;UK;1,234;05/06/2027"))
        self.assertEqual((found.mark, found.shape), (False, False))
        with self.assertRaisesRegex(UserError, "1,234 can be read in two ways"):
            found.action_preview()
        found.write({"mark": ",", "shape": "mdy"})
        found.action_preview()
        moment = fields.Datetime.to_datetime("2027-05-06")
        self.assertEqual(self._rows(found, "price", "starts"), [(1.234, moment)])

    def test_what_lies_in_the_past_is_refused_begins_now_or_is_back_dated(self):
        data = sheet("44;UK;0.02;2026-01-01")
        found = self._preview(data)
        self.assertEqual(self._rows(found), [("44", "faulty")])
        cases = [("now", NOW), ("back", fields.Datetime.to_datetime("2026-01-01"))]
        for past, starts in cases:
            found = self._preview(data, past=past)
            with self.subTest(past=past):
                self.assertEqual(
                    self._rows(found, "status", "starts"), [("increased", starts)]
                )

    def test_of_several_past_rows_of_a_code_the_last_one_is_valid_now(self):
        found = self._preview(
            sheet("44;;0.02;2026-01-01", "44;;0.03;2026-02-01", "44;;0.04;2027-01-01"),
            past="now",
        )
        self.assertEqual(
            self._rows(found, "number", "status"),
            [(2, "duplicate"), (3, "increased"), (4, "increased")],
        )

    def test_one_date_holds_for_all_rows_in_the_zone_of_the_deck(self):
        deck = self._create_deck([{"prefix": "44"}], tz="Asia/Kolkata")
        found = self._preview(
            sheet("44;;1;2027-05-05", "33;;1;"),
            deck=deck,
            date_mode="one",
            date="2026-12-01",
            mode="full",
        )
        begin = fields.Datetime.to_datetime("2026-11-30 18:30:00")
        self.assertEqual(set(self._rows(found, "starts")), {(begin,)})

    def test_the_same_code_twice(self):
        data = sheet("33;;0.02;", "33;;0.03;", "33;;0.01;", "33;;0.02;")
        cases = [
            ("first", 0.02, ["new", "duplicate", "duplicate", "duplicate"]),
            ("last", 0.02, ["duplicate", "duplicate", "duplicate", "new"]),
            ("dearest", 0.03, ["duplicate", "new", "duplicate", "duplicate"]),
            ("refuse", None, ["faulty"] * 4),
        ]
        for duplicates, price, expected in cases:
            found = self._preview(data, duplicates=duplicates)
            rows = self._rows(found, "status", "price")
            with self.subTest(duplicates=duplicates):
                self.assertEqual([status for status, _price in rows], expected)
                kept = [value for status, value in rows if status == "new"]
                self.assertEqual(kept, [price] if price else [])
        found = self._preview(sheet("33;;0.02;", "33;;0.020;"))
        self.assertEqual(self._rows(found), [("33", "new"), ("33", "duplicate")])

    def test_a_row_that_says_closed_ends_the_rate(self):
        header = "Code;Destination;Price per minute;Effective date;Status"
        data = sheet(
            "447;;;2026-12-01;Closed", "99;;;2026-12-01;deleted", header=header
        )
        before = self._table()
        found = self._apply(data)
        self.assertEqual(
            self._rows(found, "prefix", "status", "falls_to"),
            [("447", "closed", "44"), ("99", "unchanged", False)],
        )
        rate = self.deck.rate_ids.filtered(lambda r: r.prefix == "447")
        self.assertEqual(rate.effective_to, fields.Datetime.to_datetime("2026-12-01"))
        found.action_undo()
        self.assertEqual(self._table(), before)

    def test_the_sheet_with_the_rates_is_found_in_a_workbook(self):
        data = workbook(
            ["Carrier Ltd"],
            [],
            ["Dial Code", "Destination", "Rate"],
            ["44", "UK", 0.012],
            ["Notes: rates are without taxes"],
            sheets=("Cover", "Price List"),
        )
        found = self._preview(data, name="rates.xlsx")
        self.assertEqual((found.sheet, found.header_row), ("Price List", 3))
        self.assertEqual(found.sheet_names, "Cover, Price List")
        self.assertEqual(self._rows(found, "number", "status")[0], (4, "increased"))

    def test_codes_sold_below_their_new_cost_are_listed(self):
        supplier = self._create_deck([{"prefix": "447"}], side="supplier")
        found = self._preview(
            sheet("4477;;0.06;", "4412;;0.005;", "4413;;0.02;"), deck=supplier
        )
        sales = self.env["voip.rate.import.sale"].search(
            [("import_id", "=", found.id), ("deck_id", "=", self.deck.id)]
        )
        self.assertEqual(
            [(s.prefix, s.sold_prefix, s.cost, s.price, s.margin) for s in sales],
            [("4413", "44", 0.02, 0.01, -0.01), ("4477", "447", 0.06, 0.05, -0.01)],
        )
        self.assertGreaterEqual(found.sale_count, 2)
        found.action_apply()
        self.assertGreaterEqual(found.sale_count, 2)
        found.action_undo()
        self.assertEqual(found.sale_count, 0, "what is undone costs nothing")
        self.assertFalse(sales.exists())

    def test_prices_of_another_currency_are_refused(self):
        euro = self._create_deck(currency_id=self._currency("EUR").id)
        for header, row in (
            ("Code;Rate USD", "44;0.01"),
            ("Currency;USD\nCode;Rate", "44;0.01"),
            ("Code;Rate", "44;$0.01"),
            ("Code;Rate;Currency", "44;0.01;USD"),
        ):
            with self.subTest(header=header, row=row):
                found = self._import(sheet(row, header=header), deck=euro)
                try:
                    found.action_preview()
                except UserError as error:
                    reason = str(error)
                else:
                    reason = found.env["voip.rate.import.row"].search(
                        [("import_id", "=", found.id), ("status", "=", "faulty")]
                    ).reason
                self.assertRegex(reason or "", r"is in (USD|\$), the deck is in EUR")
        found = self._preview(
            sheet("44;€0.01;EUR", header="Code;Rate EUR;Currency"), deck=euro
        )
        self.assertEqual(self._rows(found), [("44", "new")])

    def _currency(self, name):
        return self.env["res.currency"].with_context(active_test=False).search(
            [("name", "=", name)]
        )

    def test_an_export_of_another_currency_is_refused(self):
        dollar = self._create_deck(
            [{"prefix": "44"}], currency_id=self._currency("USD").id
        )
        euro = self._create_deck(currency_id=self._currency("EUR").id)
        for kind in ("csv", "xlsx"):
            data = dollar.export_file(kind, NOW)
            found = self._import(data, deck=euro, shape="ymd")
            with self.subTest(kind=kind):
                try:
                    found.action_preview()
                except UserError as error:
                    self.assertIn("is in USD", str(error))
                else:
                    self.assertEqual(found.faulty_count, 1)

    def test_a_date_alone_is_its_first_moment_where_clocks_skip_midnight(self):
        deck = self._create_deck([{"prefix": "1"}], tz="America/Havana")
        header = "Code;Rate;Valid from"
        self._apply(sheet("44;0.01;2027-03-14", header=header), deck=deck)
        self._apply(
            workbook(header.split(";"), ("45", 0.01, datetime(2027, 3, 14))),
            deck=deck,
        )
        starts = deck.rate_ids.filtered(lambda r: r.prefix != "1").mapped(
            "effective_from"
        )
        self.assertEqual(set(starts), {datetime(2027, 3, 14, 5)})

    def test_a_column_that_says_utc_is_read_as_utc(self):
        deck = self._create_deck([{"prefix": "1"}], tz="Europe/Berlin")
        for header, starts in (
            ("Effective date", datetime(2027, 5, 31, 22)),
            ("Effective date UTC", datetime(2027, 6, 1)),
            ("Effective date (GMT)", datetime(2027, 6, 1)),
        ):
            with self.subTest(header=header):
                found = self._preview(
                    sheet("44;0.01;2027-06-01", header=f"Code;Rate;{header}"), deck=deck
                )
                self.assertEqual(self._rows(found, "starts"), [(starts,)])

    def test_the_new_price_is_taken_and_other_units_are_asked(self):
        for header, target in (
            ("Code;Rate;New Rate", "New Rate"),
            ("Code;Price;New price per minute", "New price per minute"),
            ("Code;Old Rate;Rate", "Rate"),
            ("Code;Connection Cost (USD);Cost / Min (USD)", "Cost / Min (USD)"),
            ("code;connect_cost;rate_per_min", "rate_per_min"),
            ("Code;Connection Cost;Per call", None),
            ("Code;Price per second;Date", None),
            ("Code;Price (cents);Date", None),
            ("Code;Rate/hour;Date", None),
        ):
            with self.subTest(header=header):
                found = self._import(sheet("44;0.1;0.2", header=header))
                column = found.column_ids.filtered(
                    lambda c: c.target == "price_per_minute"
                )
                self.assertEqual(column.header or None, target)
