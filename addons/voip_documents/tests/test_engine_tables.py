"""CSV and XLSX: numbers equal the data, and no text is a formula."""

import csv
from datetime import date
from io import BytesIO, StringIO

from openpyxl import load_workbook

from odoo.tests import BaseCase

from ..engine.cells import file_name, plain_text
from ..engine.faults import Fault
from ..engine.table import needed, to_csv, to_xlsx

FORMULAS = (
    [f"{mark}{text}" for mark in "=+-@\t\r" for text in (
        "1+1", "cmd|' /C calc'!A0", "HYPERLINK(\"http://x\")", "SUM(A1:A9)",
        "DDE(\"x\")", "IMPORTXML(\"http://x\")", "A1", "WEBSERVICE(\"http://x\")")]
    + [" =1+1", "\n=1+1", "\u200b=1+1", "\ufeff=1+1", "\uff1d1+1", "\uff0b1", "\x01=1"]
    + ["-1+1|cmd", "+1*1", "--1", "=", "@", "+", "-", "=\"a\"", "-2-3", "+A1"]
)
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


class TestTables(BaseCase):
    def test_no_text_of_data_or_heading_is_a_formula_in_csv(self):
        for text in FORMULAS:
            with self.subTest(text=text):
                data = {"lines": [{"name": text}]}
                definition = {"columns": [column("line.name", heading=text)]}
                for row in rows_of(definition, data):
                    self.assertEqual(row[0][:1], "'")

    def test_no_text_of_data_or_heading_is_a_formula_in_xlsx(self):
        for text in FORMULAS:
            with self.subTest(text=text):
                data = {"lines": [{"name": text}]}
                definition = {**BASE, "columns": [column("line.name", heading=text)]}
                made = to_xlsx(definition, data, text, "2026-01-31T00:00:00Z")
                sheet = load_workbook(BytesIO(made)).worksheets[0]
                kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
                self.assertLessEqual(kinds, {"s", "n"})
                self.assertEqual(sheet._hyperlinks, [])
                self.assertNotIn(b"<f>", made)

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

    def test_file_names_are_names_everywhere(self):
        for text in (
            "../../etc/passwd", "..\\..\\x", "/abs", "C:\\x", "a\x00b", "a\r\nb: c",
            "x" * 300, "\u202egpj.exe", "CON", "nul.txt", "com1", "%2e%2e%2f", "",
            "...", " . ", "a;b", 'a"b', "a/b", "a:b*c?<>|", "\u2028x", "~/x", "-rf",
        ):
            with self.subTest(text=text):
                name = file_name(text, "pdf")
                self.assertRegex(name, r"^[\w( +][\w .()+-]*\.pdf$")
                self.assertLessEqual(len(name), 90)
                self.assertNotIn("..", name)
                self.assertFalse(name.upper().startswith(("CON.", "NUL.", "COM1.")))
