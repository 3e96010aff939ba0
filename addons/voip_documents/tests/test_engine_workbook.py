"""Uploaded workbooks: filled, kept as they are, and harmless."""

import time
from base64 import b64encode
from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName

from odoo.tests import BaseCase, tagged

from ..engine.faults import Fault
from ..engine.pool import Pool
from ..engine.workbook import fill, inspect
from ..engine.workbook_file import checked_file

MADE = "2026-01-31T00:00:00Z"


def data(*groups):
    sections = [
        {
            "name": f"Group {number}",
            "lines": [{"name": name, "amount": amount} for name, amount in rows],
        }
        for number, rows in enumerate(groups, 1)
    ]
    lines = [line for section in sections for line in section["lines"]]
    return {
        "number": "INV/1",
        "date": "2026-01-31",
        "total": "12.50",
        "evil": "=1+1",
        "customer": {"name": "Example"},
        "sections": sections,
        "lines": lines,
    }


def saved(book):
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_sheet(xml):
    """A workbook in whose sheet ``xml`` is put for the end of its rows."""
    target = BytesIO()
    with ZipFile(BytesIO(saved(Workbook()))) as old, ZipFile(target, "w", 8) as new:
        for part in old.infolist():
            body = old.read(part).replace(b"<sheetData/>", b"<sheetData></sheetData>")
            body = body.replace(b"<sheetData />", b"<sheetData></sheetData>")
            new.writestr(part.filename, body.replace(b"</sheetData>", xml))
    return target.getvalue()


def filled(book, values):
    return load_workbook(BytesIO(fill(saved(book), values, MADE)))


def grouped_book():
    """Heading, a block of section, line and subtotal, a grand total below."""
    book = Workbook()
    sheet = book.active
    sheet["A1"] = "Invoice {{ number }}"
    sheet["A1"].font = Font(bold=True)
    sheet["A3"] = "{{ section.name }}"
    sheet["A4"], sheet["B4"] = "{{ line.name }}", "{{ line.amount }}"
    sheet["B4"].number_format = "#,##0.00"
    sheet["C4"] = "=B4*2"
    sheet["A5"], sheet["B5"] = "Subtotal {{ section.name }}", "=SUM(B4:B4)"
    sheet["A7"], sheet["B7"] = "Total", "=SUM(B4:B4)"
    sheet["B8"] = "=B7*0.2"
    sheet.row_dimensions[7].height = 30
    sheet.merge_cells("A9:C9")
    sheet.column_dimensions["A"].width = 44
    sheet.print_area = "A1:C9"
    return book


@tagged("post_install", "-at_install")
class TestWorkbook(BaseCase):
    def test_rows_repeat_by_section_and_formulas_follow(self):
        values = data([("a", "1.50"), ("b", "2")], [("c", "9")])
        sheet = filled(grouped_book(), values).active
        rows = [[cell.value for cell in row] for row in sheet["A1:C12"]]
        self.assertEqual(rows[0][0], "Invoice INV/1")
        self.assertEqual(rows[2][0], "Group 1")
        self.assertEqual(rows[3], ["a", 1.5, "=B4*2"])
        self.assertEqual(rows[4], ["b", 2, "=B5*2"])
        self.assertEqual(rows[5][:2], ["Subtotal Group 1", "=SUM(B4:B5)"])
        self.assertEqual(rows[6][0], "Group 2")
        self.assertEqual(rows[7], ["c", 9, "=B8*2"])
        self.assertEqual(rows[8][:2], ["Subtotal Group 2", "=SUM(B8:B8)"])
        self.assertEqual(rows[10][:2], ["Total", "=SUM(B4:B8)"])
        self.assertEqual(rows[11][1], "=B11*0.2")

    def test_styles_widths_heights_merges_and_print_area_stay(self):
        values = data([("a", "1"), ("b", "2"), ("c", "3")])
        sheet = filled(grouped_book(), values).active
        self.assertTrue(sheet["A1"].font.bold)
        self.assertEqual(sheet.column_dimensions["A"].width, 44)
        self.assertEqual(sheet["B6"].number_format, "#,##0.00")
        self.assertEqual(sheet.row_dimensions[9].height, 30)
        self.assertEqual([str(area) for area in sheet.merged_cells.ranges], ["A11:C11"])
        self.assertIn("$11", sheet.print_area)

    def test_no_line_leaves_no_row(self):
        book = Workbook()
        book.active["A1"] = "{{ line.name }}"
        book.active["A2"] = "End"
        sheet = filled(book, data()).active
        self.assertEqual(sheet["A1"].value, "End")

    def test_named_cells_are_filled(self):
        book = Workbook()
        title = book.active.title
        for name, place in (("doc_number", "$B$2"), ("doc_customer__name", "$B$3")):
            book.defined_names[name] = DefinedName(name, attr_text=f"'{title}'!{place}")
        sheet = filled(book, data()).active
        self.assertEqual(sheet["B2"].value, "INV/1")
        self.assertEqual(sheet["B3"].value, "Example")

    def test_data_is_never_a_formula(self):
        book = Workbook()
        book.active["A1"] = "{{ evil }}"
        book.active["A2"] = "{{ '+1' }}"
        sheet = filled(book, data()).active
        self.assertEqual(sheet["A1"].value, "=1+1")
        self.assertNotEqual(sheet["A1"].data_type, "f")

    def test_a_day_in_a_cell_with_a_format_of_days_is_a_day(self):
        """Also where the cell holds the text that names it."""
        book = Workbook()
        book.active["A1"], book.active["A2"] = "{{ date }}", "On {{ date }}"
        book.active["A1"].number_format = "dd.mm.yyyy"
        book.active["A2"].number_format = "dd.mm.yyyy"
        sheet = filled(book, data()).active
        self.assertEqual(sheet["A1"].value, datetime(2026, 1, 31))
        self.assertEqual(sheet["A1"].number_format, "dd.mm.yyyy")
        self.assertEqual(sheet["A2"].value, "On 2026-01-31")

    def test_a_text_too_long_for_a_cell_says_that_it_is_cut(self):
        book = Workbook()
        book.active["A1"] = "{{ number }}"
        made = filled(book, {**data(), "number": "x " * 20_000}).active["A1"].value
        self.assertEqual(len(made), 32_767)
        self.assertTrue(made.endswith(" […] 32,767 / 40,000"))

    def test_a_worker_fills_a_workbook_without_a_folder_for_it(self):
        pool = Pool(size=1)
        self.addCleanup(pool.close)
        content = saved(grouped_book())
        values = data([("a", "1")])
        task = {"format": "xlsx", "workbook": b64encode(content).decode()}
        made = pool.perform({**task, "data": values, "title": "T", "made_at": MADE})
        self.assertEqual(made, fill(content, values, MADE))

    def test_the_same_input_gives_the_same_bytes(self):
        content = saved(grouped_book())
        values = data([("a", "1")])
        self.assertEqual(fill(content, values, MADE), fill(content, values, MADE))

    def test_what_is_found_and_what_is_missing_is_shown(self):
        book = Workbook()
        book.active["A1"] = "{{ number }}"
        book.active["A2"] = "{{ nothing }}"
        found = inspect(saved(book), data())
        self.assertEqual([row[3] for row in found], [True, False])
        self.assertEqual(found[0][2], "INV/1")

    def test_a_fault_names_its_cell(self):
        for text in ("{{ nothing }}", "{{ x", "={{ number }}", "{{ number | money }}"):
            book = Workbook()
            book.active["B3"] = text
            with self.subTest(text=text), self.assertRaisesRegex(Fault, "Sheet!B3"):
                fill(saved(book), data(), MADE)

    def test_formulas_that_reach_outside_are_refused(self):
        for formula in (
            '=WEBSERVICE("http://x")',
            '=HYPERLINK("http://x")',
            "=cmd|'/C calc'!A0",
            "='[1]x'!A1",
            '=IMAGE("http://x")',
            '=RTD("x",,"y")',
        ):
            book = Workbook()
            book.active["A1"] = formula
            with self.subTest(formula=formula), self.assertRaises(Fault):
                fill(saved(book), data(), MADE)

    def test_the_row_that_repeats_may_be_the_last(self):
        book = Workbook()
        book.active.append(["{{ number }}"])
        book.active.append(["{{ line.name }}", "=1+1"])
        book.active.print_area = "A1:B2"
        lines = data([("a", "1"), ("b", "2"), ("c", "3")])
        made = load_workbook(BytesIO(fill(saved(book), lines, MADE))).active
        shown = [made.cell(row, 1).value for row in range(2, made.max_row + 1)]
        self.assertEqual(shown, ["a", "b", "c"])
        self.assertEqual(made["B4"].value, "=1+1")
        self.assertTrue(made.print_area.endswith("$B$4"))

    def test_active_content_and_bombs_are_refused(self):
        plain = saved(Workbook())
        for name, body in (
            ("xl/vbaProject.bin", b"x"),
            ("xl/externalLinks/externalLink1.xml", b"<x/>"),
            ("xl/embeddings/x.xlsx", b"x"),
            ("xl/connections.xml", b"<x/>"),
            ("xl/x.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'),
            ("xl/_rels/x.rels", b'<R TargetMode="External"/>'),
            ("xl/big.xml", b"x" * 31_000_000),
        ):
            stream = BytesIO(plain)
            with ZipFile(stream, "a", 8) as archive:
                archive.writestr(name, body)
            with self.subTest(name=name), self.assertRaises(Fault):
                fill(stream.getvalue(), data(), MADE)

    def test_what_keeps_the_reader_busy_is_refused_at_once(self):
        """Small files: some took a minute, and two workers."""
        cell = b'<row r="%d"><c r="A%d"><f%s</f></c></row>'
        shared = b"".join(
            cell % (n, n, b' t="shared" si="0">' + b"SUM(B1:B2)+" * 300 * (n == 3))
            for n in range(3, 9000)
        )
        areas = (b'<mergeCell ref="B%d:ZZ%d"/>' % (n, n + 1) for n in range(1, 9999, 2))
        cut = b'<mergeCell count="A:B"/>'
        squares = b" ".join(b"A%d:XFD1048576" % n for n in range(1, 9999))
        rule = b"<conditionalFormatting sqref='%s'/>" % squares
        rows = b"".join(b'<row r="%d" ht="1"/>' % n for n in range(300_000))
        for name, inside, behind in (
            ("merged", b"", b'<x:mergeCell ref="A3:XFD1048576"/>'),
            ("merged often", b"", b"".join(areas)),
            ("merged nowhere", b"", cut),
            ("rows", rows, b""),
            ("areas", b"", rule),
            ("nested", cell % (3, 3, b">" + b"(" * 9_000 + b"1"), b""),
            ("shared", shared, b""),
            ("name", b"", b"<definedName name='x'>" + b"A" * 9_000 + b"</definedName>"),
        ):
            content = with_sheet(inside + b"</sheetData>" + behind)
            with self.subTest(name=name), self.assertRaises(Fault):
                started = time.monotonic()
                try:
                    checked_file(content)
                finally:
                    self.assertLess(time.monotonic() - started, 5)
        checked_file(with_sheet(b"</sheetData><mergeCell ref='B2:C9'/>"))

    def test_loops_of_all_cells_share_their_turns(self):
        """One cell may loop as often as a document, two may not do so each."""
        book = Workbook()
        loop = "{% for i in (1..150000) %}{% endfor %}"
        book.active["A1"] = "{{ number }}" + loop
        self.assertEqual(filled(book, data()).active["A1"].value, "INV/1")
        book.active["B7"] = loop
        with self.assertRaises(Fault) as refused:
            fill(saved(book), data(), MADE)
        self.assertIn("Sheet!B7", refused.exception.reason)
        self.assertIn("200000 times", refused.exception.reason)
        [_good, found] = inspect(saved(book), data())
        self.assertFalse(found[3])
        repeated = Workbook()
        repeated.active["A1"] = "{{ line.name }}{% for i in (1..999) %}{% endfor %}"
        with self.assertRaises(Fault):
            fill(saved(repeated), data([("a", "1")] * 300), MADE)

    def test_xml_of_any_name_is_looked_at(self):
        for name, body in (
            ("xl/worksheets/sheet1.dat", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'),
            ("xl/worksheets/_rels/sheet1.xml.RELS", b'<R TargetMode="External"/>'),
        ):
            stream = BytesIO(saved(Workbook()))
            with ZipFile(stream, "a", 8) as archive:
                archive.writestr(name, body)
            with self.subTest(name=name), self.assertRaises(Fault):
                checked_file(stream.getvalue())

    def test_what_is_no_workbook_is_refused(self):
        for content in (b"", b"PK\x03\x04", b"x" * 100, saved(Workbook())[:800]):
            with self.subTest(content=content[:10]), self.assertRaises(Fault):
                fill(content, data(), MADE)
