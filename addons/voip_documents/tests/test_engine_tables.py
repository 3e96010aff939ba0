"""CSV and XLSX: numbers equal the data."""

import csv
from datetime import date
from io import BytesIO, StringIO

from openpyxl import load_workbook

from odoo.tests import BaseCase, tagged

from ..engine.cells import plain_text
from ..engine.faults import Fault
from ..engine.table import needed, to_csv, to_xlsx

BASE = {
    "rows": "lines",
    "has_heading": True,
    "delimiter": "comma",
    "encoding": "utf-8",
    "quoting": "minimal",
    "decimal_point": ".",
    "date_format": "",
}


def column(path, kind="text", heading="H", **more):
    return {"path": path, "kind": kind, "heading": heading, "decimals": -1, **more}


def rows_of(definition, data):
    text = to_csv({**BASE, **definition}, data).decode(
        definition.get("encoding", "utf-8")
    )
    return list(csv.reader(StringIO(text), delimiter=definition.pop("mark", ",")))


NEEDED = {
    "rows": "lines",
    "columns": [{"path": "line.name"}, {"path": "customer.name"}, {"path": "number"}],
}


@tagged("post_install", "-at_install")
class TestTables(BaseCase):
    def test_signed_numbers_and_phone_numbers_stay(self):
        for text in ("-12.50", "+442071234567", "+44 20 7123", "-1"):
            self.assertEqual(plain_text(text), text)

    def test_numbers_of_csv_equal_the_data(self):
        data = {"lines": [{"a": "12345678901234567.12345678", "b": "-0.5", "c": 61}]}
        definition = {
            "columns": [
                column("line.a", "number"),
                column("line.b", "number", decimals=2),
                column("line.c", "duration"),
                column("line.a", "number", decimals=2),
            ],
        }
        self.assertEqual(
            rows_of(definition, data)[1],
            ["12345678901234567.12345678", "-0.50", "1:01", "12345678901234567.12"],
        )

    def test_csv_follows_its_options(self):
        data = {"lines": [{"a": "1.5", "d": "2026-01-31", "t": 'é;"x"'}]}
        definition = {
            **BASE,
            "delimiter": "semicolon",
            "quoting": "all",
            "decimal_point": ",",
            "date_format": "%d.%m.%Y",
            "encoding": "cp1252",
            "has_heading": False,
            "columns": [
                column("line.a", "number"),
                column("line.d", "date"),
                column("line.t"),
            ],
        }
        self.assertEqual(
            to_csv(definition, data).decode("cp1252"),
            '"1,5";"31.01.2026";"é;""x"""\r\n',
        )

    def test_numbers_and_days_of_xlsx_are_numbers_and_days(self):
        data = {"lines": [{"a": "0.0312", "d": "2026-01-31", "s": 90}]}
        definition = {
            **BASE,
            "columns": [
                column("line.a", "number"),
                column("line.d", "date"),
                column("line.s", "duration"),
            ],
        }
        made = to_xlsx(definition, data, "T", "2026-01-31T00:00:00Z")
        row = list(load_workbook(BytesIO(made)).worksheets[0].values)[1]
        self.assertEqual(row[0], 0.0312)
        self.assertEqual(row[1].date(), date(2026, 1, 31))
        self.assertEqual(round(row[2].total_seconds()), 90)
        again = to_xlsx(definition, data, "T", "2026-01-31T00:00:00Z")
        self.assertEqual(made, again)

    def test_a_sheet_of_a_language_from_right_to_left_is_so(self):
        definition = {**BASE, "columns": [column("line.a")]}
        for wanted in (True, False):
            language = {"is_right_to_left": wanted}
            data = {"lines": [{"a": "x"}], "language": language}
            made = to_xlsx(definition, data, "T", "2026-01-31T00:00:00Z")
            sheet = load_workbook(BytesIO(made)).worksheets[0]
            self.assertEqual(bool(sheet.sheet_view.rightToLeft), wanted)

    def _sheet(self, rows, columns):
        """The sheet of ``rows`` equal rows; columns as (kind, width)."""
        definition = {
            "rows": "lines",
            "has_heading": True,
            "columns": [
                {"heading": "H", "path": "line.a", "kind": kind, "width": width}
                for kind, width in columns
            ],
        }
        data = {"lines": [{"a": 1}] * rows}
        made = to_xlsx(definition, data, "T", "2026-01-31T00:00:00Z")
        return load_workbook(BytesIO(made)).active

    def test_headings_of_figures_stand_above_them_in_two_lines(self):
        sheet = self._sheet(1, [("text", 9), ("number", 9), ("duration", 9)])
        sides = [cell.alignment.horizontal for cell in sheet[1]]
        self.assertEqual(sides, [None, "right", "right"])
        self.assertEqual(sheet.row_dimensions[1].height, 30)

    def test_long_tables_have_filters(self):
        for rows, area in ((49, None), (50, "A1:B51")):
            with self.subTest(rows=rows):
                sheet = self._sheet(rows, [("text", 9), ("number", 9)])
                self.assertEqual(sheet.auto_filter.ref, area)

    def test_many_columns_are_printed_on_pages_that_can_be_read(self):
        for width, pages in ((90, 1), (91, 2)):
            with self.subTest(width=width):
                sheet = self._sheet(1, [("text", width)] * 2)
                self.assertEqual(sheet.page_setup.fitToWidth or 1, pages)
                self.assertEqual(sheet.page_setup.fitToHeight, 0)
                self.assertEqual(sheet.page_setup.paperSize, 9)

    def test_a_text_too_long_for_a_cell_says_that_it_is_cut(self):
        """A cell holds 32,767 units of UTF-16, of which a rare letter takes two."""
        whole, cut, pairs = "x" * 32_767, "x" * 40_000, "😀" * 16_384
        data = {"lines": [{"a": text} for text in (whole, cut, pairs)]}
        definition = {**BASE, "columns": [column("line.a")]}
        made = to_xlsx(definition, data, "T", "2026-01-31T00:00:00Z")
        sheet = load_workbook(BytesIO(made)).worksheets[0]
        _head, *texts = [row[0] for row in sheet.values]
        self.assertEqual(texts[0], whole)
        self.assertRegex(texts[1], r"^x+ \[…\] 32,767 / 40,000$")
        self.assertRegex(texts[2], r"^😀+ \[…\] 32,767 / 32,768$")
        # Half of a letter is none.
        lengths = [len(text.encode("utf-16-le")) // 2 for text in texts]
        self.assertEqual(lengths, [32_767, 32_767, 32_766])
        self.assertEqual([row[0] for row in rows_of(definition, data)[1:]][1], cut)

    def test_only_what_the_columns_read_is_sent(self):
        data = {
            "number": "1",
            "customer": {"name": "A", "vat": "x"},
            "lines": [{"name": "a", "amount": "2"}, {"amount": "3"}],
            "sections": [{"lines": [{"name": "a"}]}],
        }
        self.assertEqual(
            needed(NEEDED, data),
            {
                "number": "1",
                "customer": {"name": "A", "vat": "x"},
                "lines": [{"name": "a"}, {}],
            },
        )
        self.assertEqual(needed(NEEDED, {"lines": "x"}), {"lines": "x"})

    def test_a_column_without_a_variable_is_named(self):
        for path in ("line.x", "x", "line.name.x", "lines"):
            definition = {**BASE, "columns": [column(path, "number", "Price")]}
            with self.subTest(path=path), self.assertRaisesRegex(Fault, "Price"):
                to_csv(definition, {"lines": [{"name": "x"}]})
