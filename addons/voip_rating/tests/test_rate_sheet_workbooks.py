"""What workbooks hide or have twice: it is told, and decides nothing by itself."""

import io
from datetime import date

import xlsxwriter

from odoo.exceptions import UserError
from odoo.tests import tagged

from .import_common import HEADER, ImportCommon, sheet, workbook

COLUMNS = HEADER.split(";")
DAY = date(2099, 1, 1)


def book(fill):
    """Bytes of an XLSX with what ``fill`` writes into it."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"}) as made:
        fill(made)
    return stream.getvalue()


def page(made, name, *rows):
    """A sheet with these rows."""
    found = made.add_worksheet(name)
    for place, row in enumerate(rows):
        found.write_row(place, 0, row)
    return found


@tagged("post_install", "-at_install")
class TestRateSheetWorkbooks(ImportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.empty = cls._create_deck(currency_id=cls.env.ref("base.USD").id)

    def _read(self, data):
        found = self._preview(data, deck=self.empty)
        return self._rows(found, "prefix", "status", "price"), found

    def test_a_hidden_sheet_is_taken_only_where_no_other_has_rates(self):
        more = [*COLUMNS, "Increment"]

        def two(made):
            old = page(made, "Old", more, ["44", "UK", 9.9, DAY, "60/60"])
            page(made, "New", COLUMNS, ["44", "UK", 0.02, DAY]).activate()
            old.hide()

        def alone(made):
            old = page(made, "Old", COLUMNS, ["44", "UK", 9.9, DAY])
            page(made, "Cover", ["Carrier Ltd"]).activate()
            old.hide()

        rows, found = self._read(book(two))
        self.assertEqual((found.sheet, found.sheet_names), ("New", "New, Old"))
        self.assertEqual(rows, [("44", "new", 0.02)])
        rows, found = self._read(book(alone))
        self.assertEqual((found.sheet, rows), ("Old", [("44", "new", 9.9)]))

    def test_hidden_rows_and_columns_are_read_and_named(self):
        def hiding(made):
            first = page(
                made,
                "Rates",
                ["Code", "Destination", "Rate", "New Rate"],
                ["44", "UK", 0.02, 0.03],
                ["33", "France", 0.03, 0.04],
            )
            first.set_column(3, 9, None, None, {"hidden": True})
            first.set_row(2, None, None, {"hidden": True})

        rows, found = self._read(book(hiding))
        self.assertEqual(rows, [("44", "new", 0.03), ("33", "new", 0.04)])
        self.assertIn("columns D and 1 rows (3)", found.hidden_text)
        plain = self._import(workbook(COLUMNS, ["44", "UK", 0.02, ""]))
        self.assertFalse(plain.hidden_text)

    def test_a_broken_sheet_beside_the_rates_does_not_stop_them(self):
        def fill(made):
            page(made, "Summary").write_formula(0, 0, "=Lost!A1", None, "#REF!")
            page(made, "Rates", COLUMNS, ["44", "UK", 0.02, DAY])

        rows, found = self._read(book(fill))
        self.assertEqual((found.sheet, rows), ("Rates", [("44", "new", 0.02)]))

    def test_names_of_columns_that_come_again_and_notes_are_no_rates(self):
        again = [
            "44;UK;0.02;2099-01-01",
            HEADER,
            "33;France;0.03;2099-01-01",
            "All prices in USD;;;",
            "Total;;;",
        ]
        rows, found = self._read(sheet(*again))
        self.assertEqual([code for code, _s, _p in rows], ["44", "33"])
        self.assertEqual(found.faulty_count, 0)
        rows, _found = self._read(sheet("UK;;0.02;", "4x;UK;;", "Total;;0.02;"))
        self.assertEqual([status for _c, status, _p in rows], ["faulty"] * 3)

    def test_a_day_as_one_number_and_texts_forced_by_a_formula_are_read(self):
        rows, found = self._read(workbook(COLUMNS, ["44", "UK", 0.02, 20990105]))
        self.assertEqual(rows, [("44", "new", 0.02)])
        forced = sheet('="0044";="UK";="0.02";="2099-01-05"')
        rows, found = self._read(forced)
        self.assertEqual(rows, [("44", "new", 0.02)])
        self.assertEqual(str(self._rows(found, "starts")[0][0]), "2099-01-05 00:00:00")
        rows, _found = self._read(workbook(COLUMNS, ["44", "UK", 0.02, 20991305]))
        self.assertEqual(rows[0][1], "faulty")

    def test_a_file_without_a_byte_is_refused_by_name(self):
        """A browser sends it as no file, but with its name."""
        for file in ("", False):
            refused = self.assertRaisesRegex(UserError, "a.csv is empty")
            with self.subTest(file), refused:
                self.env["voip.rate.import"].create(
                    {"deck_id": self.deck.id, "file": file, "file_name": "a.csv"}
                )
        found = self._import(sheet("44;;1;"))
        with self.assertRaisesRegex(UserError, "a.csv is empty"):
            found.write({"file": "", "file_name": "a.csv"})
        found.write({"file": False, "file_name": False})
        self.assertFalse(found.sha256)
