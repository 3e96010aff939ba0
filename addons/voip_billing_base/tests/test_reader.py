"""Cells, headers and rows of sheets that people write."""

import csv
import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from unittest.mock import patch

import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..reader import grid, guess, header, typed, values
from ..reader import workbook as books
from ..reader.values import BadCell
from ..reader.workbook import BadFile, _bounds, _extent

PROPERTY = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck)
)


@tagged("post_install", "-at_install", "voip_engine")
class TestNumbers(BaseCase):
    """An amount is the one its writer meant, or refused."""

    def test_texts_are_read_by_the_decimal_mark(self):
        for text, mark, expected in (
            ("0.070", ".", "0.070"),
            ("0,070", ",", "0.070"),
            ("1,234.50", ".", "1234.50"),
            ("1.234,50", ",", "1234.50"),
            ("1 234,5", ",", "1234.5"),
            ("1'234.5", ".", "1234.5"),
            ("€ 0,12", ",", "0.12"),
            ("0.12 USD", ".", "0.12"),
            ("$.05", ".", ".05"),
            ("'0.05", ".", "0.05"),
            ("\u00a00.05\u00a0", ".", "0.05"),
            ("-1", ".", "-1"),
            ("1,234,567", ".", "1234567"),
            ("(10.00)", ".", "-10.00"),
            ("( 1.234,50 )", ",", "-1234.50"),
            ("(€10.00) EUR", ".", "-10.00"),
        ):
            with self.subTest(text=text, mark=mark):
                self.assertEqual(values.number(text, mark), Decimal(expected))

    def test_what_could_be_another_amount_is_refused(self):
        for text, mark in (
            ("0,070", "."),
            ("0.070", ","),
            ("0,07", "."),
            ("1,23", "."),
            ("12,3456", "."),
            ("1.2.3", "."),
            ("1,2,3", ","),
            ("1e3", "."),
            ("", "."),
            ("-", "."),
            (".", "."),
            ("n/a", "."),
            ("٣", "."),
            ("0,1234,567", "."),
            ("(-1)", "."),
            ("-(1)", "."),
            ("(1", "."),
            ("((1))", "."),
            ("()", "."),
            ("9" * 90, "."),
        ):
            with self.subTest(text=text, mark=mark), self.assertRaises(BadCell):
                values.number(text, mark)

    def test_a_number_of_a_spreadsheet_has_no_mark(self):
        self.assertEqual(values.number(Decimal("1.234"), ","), Decimal("1.234"))

    def test_the_mark_of_a_column_is_found_where_it_is_certain(self):
        for cells, mark in (
            (["0,070"], ","),
            (["1,234", "0.5"], "."),
            (["1,5", "1.234"], ","),
            (["1,234"], None),
            (["1", "2"], "."),
            ([Decimal("1.5")], "."),
            (["0,5", "0.5"], None),
        ):
            with self.subTest(cells=cells):
                found = guess.mark(cells)
                self.assertEqual(found.chosen() if found.example else ".", mark)

    @PROPERTY
    @given(
        st.decimals(0, 10**9, allow_nan=False, places=6),
        st.sampled_from(values.MARKS),
        st.booleans(),
    )
    def test_a_written_number_is_read_again(self, number, mark, grouped):
        text = f"{number:,.6f}" if grouped else f"{number:.6f}"
        if mark == ",":
            text = text.translate(str.maketrans(".,", ",."))
        self.assertEqual(values.number(text, mark), number)

    @PROPERTY
    @given(st.text(max_size=90), st.sampled_from(values.MARKS))
    def test_any_text_is_a_number_or_refused(self, text, mark):
        try:
            self.assertTrue(values.number(text, mark).is_finite())
        except BadCell as error:
            self.assertTrue(str(error).isprintable())


@tagged("post_install", "-at_install", "voip_engine")
class TestMoments(BaseCase):
    def test_dates_are_read_by_the_shape(self):
        day = datetime(2026, 2, 1)
        for text, shape, expected in (
            ("2026-02-01", "dmy", day),
            ("2026/2/1", "mdy", day),
            ("01.02.2026", "dmy", day),
            ("02/01/2026", "mdy", day),
            ("1-Feb-2026", "ymd", day),
            ("01 February 26", "mdy", day),
            ("20260201", "dmy", day),
            ("01/02/26", "dmy", day),
            ("2026-02-01 14:30", "ymd", datetime(2026, 2, 1, 14, 30)),
            ("01/02/2026 14:30:15", "dmy", datetime(2026, 2, 1, 14, 30, 15)),
            (datetime(2026, 2, 1), "mdy", day),
            ("02/01/2026 12:00 AM", "mdy", day),
            ("02/01/2026 12:05 pm", "mdy", datetime(2026, 2, 1, 12, 5)),
            ("1.2.2026 11:30:15 P.M.", "dmy", datetime(2026, 2, 1, 23, 30, 15)),
            ("Feb 1, 2026", "dmy", day),
            ("February 1st 2026", "ymd", day),
            ("Sept. 3, 2026 1:00 PM", "dmy", datetime(2026, 9, 3, 13)),
            ("2026-02-01T01:30:00Z", "dmy", datetime(2026, 2, 1, 1, 30, tzinfo=UTC)),
            ("2026-02-01 01:30+0200", "dmy", datetime(2026, 1, 31, 23, 30, tzinfo=UTC)),
            ("2026-02-01 22:30 -05:30", "dmy", datetime(2026, 2, 2, 4, tzinfo=UTC)),
            (Decimal("46054"), "dmy", day),
            ("46054", "dmy", day),
            (Decimal("46054.604167"), "mdy", datetime(2026, 2, 1, 14, 30)),
        ):
            with self.subTest(text=text, shape=shape):
                self.assertEqual(values.moment(text, shape), expected)

    def test_no_day_of_the_calendar_is_refused(self):
        for text, shape in (
            ("31.02.2026", "dmy"),
            ("13/13/2026", "mdy"),
            ("2026-02-30", "ymd"),
            ("1.2", "dmy"),
            ("36525", "dmy"),
            ("99999", "dmy"),
            (values.Counted1904(46023), "dmy"),
            ("13:00", "dmy"),
            ("01/02/2026 13:00 PM", "dmy"),
            ("01/02/2026 0:30 AM", "dmy"),
            ("Mar 32, 2026", "dmy"),
            ("Marx 28, 2026", "dmy"),
            ("2026-02-01 10:00 +25:00", "dmy"),
            ("2026-02-01Z", "dmy"),
            ("01.02.126", "dmy"),
            ("1-Foo-2026", "dmy"),
            ("", "dmy"),
        ):
            with self.subTest(text=text), self.assertRaises(BadCell):
                values.moment(text, shape)

    def test_the_shape_of_a_column_is_found_where_it_is_certain(self):
        for cells, shape in (
            (["01/02/2026", "15/02/2026"], "dmy"),
            (["01/02/2026", "02/15/2026"], "mdy"),
            (["01/02/2026"], None),
            (["2026-02-01"], "ymd"),
            (["Feb 1, 2026", "46054", "2026-02-01T00:00Z"], "ymd"),
            (["02/15/2026 12:00 AM"], "mdy"),
            ([datetime(2026, 2, 1)], "ymd"),
        ):
            with self.subTest(cells=cells):
                found = guess.shape(cells)
                self.assertEqual(found.chosen() if found.example else "ymd", shape)


@tagged("post_install", "-at_install", "voip_engine")
class TestRows(BaseCase):
    words = {
        "price": ("rate", "price", "price per minute"),
        "name": ("destination", "name"),
        "code": ("code", "prefix", "dial code"),
    }

    def test_the_header_is_found_below_titles(self):
        rows = [
            ["Carrier Ltd", "", ""],
            ["Rate notice", "valid from", "2026-02-01"],
            ["Destination", "Dial Code", "Rate (USD)"],
            ["UK", "44", "0.01"],
        ]
        found = header.find(rows, self.words)
        self.assertEqual(found.row, 2)
        self.assertEqual(found.columns, {"price": 2, "name": 0, "code": 1})

    def test_a_sheet_without_known_names_has_no_header(self):
        self.assertIsNone(header.find([["a", "b"], ["1", "2"]], self.words))

    def test_headers_of_the_same_names_have_one_mark(self):
        one = header.read(0, ["Code", "Rate "], self.words)
        two = header.read(4, ["code", "RATE", ""], self.words)
        other = header.read(0, ["Rate", "Code"], self.words)
        self.assertEqual(one.mark, two.mark)
        self.assertNotEqual(one.mark, other.mark)

    def test_a_bad_cell_spoils_no_other(self):
        rows = [["44", "0,01"], ["", ""], ["45", "x"], ["46"], [None, "0,02"]]
        found = list(
            typed.read(
                rows,
                {"code": 0, "price": 1},
                {"code": "text", "price": "number"},
                typed.Form(mark=","),
                first=2,
            )
        )
        self.assertEqual([row.number for row in found], [2, 4, 5, 6])
        self.assertEqual(found[0].values, {"code": "44", "price": Decimal("0.01")})
        self.assertEqual(found[1].problems, {"price": "'x' is not a number"})
        self.assertEqual(found[2].values, {"code": "46"})


def workbook(rows, sheet="Rates"):
    """Bytes of an XLSX file."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(sheet)
        for place, row in enumerate(rows):
            page.write_row(place, 0, row)
    return stream.getvalue()


@tagged("post_install", "-at_install", "voip_engine")
class TestGrid(BaseCase):
    def test_text_files_are_parted_by_what_parts_them_evenly(self):
        for text in (
            "code,rate\n44,0.01\n45,0.02\n",
            "code;rate\n44;0.01\n45;0.02\n",
            "code\trate\n44\t0.01\n45\t0.02\n",
            "sep=|\ncode|rate\n44|0.01\n45|0.02\n",
            'code,rate\r\n"44",0.01\r\n45,"0.02"\r\n',
            "code,rate\n44,0.01\n45,0.02",
        ):
            for encoding in ("utf-8", "utf-8-sig", "utf-16"):
                with self.subTest(text=text, encoding=encoding):
                    self.assertEqual(
                        list(grid.rows(text.encode(encoding))),
                        [["code", "rate"], ["44", "0.01"], ["45", "0.02"]],
                    )

    def test_decimal_commas_do_not_part_rows(self):
        text = "name;code;rate\nUK, fixed;44;0,01\nDK;45;0,02\n"
        self.assertEqual(
            list(grid.rows(text.encode()))[1], ["UK, fixed", "44", "0,01"]
        )

    def test_a_forced_text_is_what_it_holds_a_marked_one_stays(self):
        found = list(grid.rows(b'="0044";"=""UK""";\'="a";a="b"\n1;2;3;4\n'))
        self.assertEqual(found[0], ["0044", "UK", '\'="a"', 'a="b"'])

    def test_a_file_of_windows_is_read(self):
        rows = list(grid.rows("code;Ö\n43;Österreich\n".encode("cp1252")))
        self.assertEqual(rows[1], ["43", "Österreich"])

    def test_cells_of_a_workbook_keep_what_they_are(self):
        data = workbook(
            [["code", "rate", "from"], [44, 0.07, datetime(2026, 2, 1)], ["0", "", ""]]
        )
        self.assertEqual(grid.sheets(data), {"Rates": True})
        rows = list(grid.rows(data))
        self.assertEqual(
            rows[1], [Decimal(44), Decimal("0.07"), datetime(2026, 2, 1)]
        )
        self.assertEqual(rows[2][0], "0")

    def test_a_file_of_two_bytes_a_letter_is_read_without_its_mark(self):
        text = "Code;Price per minute;Where\n44;0.01;Türkiye\n"
        for encoding in ("utf-16-le", "utf-16-be"):
            with self.subTest(encoding=encoding):
                [_header, row] = grid.rows(text.encode(encoding))
                self.assertEqual(row, ["44", "0.01", "Türkiye"])

    def test_what_a_workbook_hides_is_told_and_its_hidden_sheets_stand_last(self):
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream) as book:
            old, now = book.add_worksheet("Old"), book.add_worksheet("Now")
            old.write(0, 0, "old")
            for row in range(4):
                now.write_row(row, 0, ["a", "b", "c"])
            now.set_column(1, 1, None, None, {"hidden": True})
            now.set_column(2, 2, 30)
            now.set_row(2, None, None, {"hidden": True})
            now.set_row(9, None, None, {"hidden": True})
            now.activate()
            old.hide()
        data = stream.getvalue()
        sheets = grid.sheets(data)
        self.assertEqual(list(sheets.items()), [("Now", True), ("Old", False)])
        self.assertEqual(next(grid.rows(data)), ["a", "b", "c"])
        self.assertEqual(grid.hidden(data, "Now"), ([3], [1]))
        self.assertEqual(grid.hidden(data, "Old"), ([], []))
        self.assertEqual(grid.hidden(b"a;b"), ([], []))

    def test_columns_before_the_first_cell_are_kept(self):
        data = workbook([["", ""], ["", "code"], ["", "44"]])
        self.assertEqual(list(grid.rows(data))[-1], ["", "44"])

    def test_what_is_no_sheet_is_refused_with_a_sentence(self):
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b" " * (160 << 20))
        for data, reason in (
            (b"", "is empty"),
            (b" \n ", "is empty"),
            (b"PK\x03\x04 no archive", "no XLSX workbook"),
            (b"\xd0\xcf\x11\xe0 old", "old format"),
            (b"a\x00b", "no text"),
            (bomb.getvalue(), "more than 256 MB"),
            (b"sep=x\na\n", "a delimiter that is not taken"),
            (("x" * 40_000).encode(), "line 1: a cell is longer than 32,767"),
            (('a,b\n"' + "1,2\n" * 40).encode(), "line 2: a quote is not closed"),
        ):
            with self.subTest(reason=reason):
                with self.assertRaises(BadFile) as refused:
                    list(grid.rows(data))
                self.assertIn(reason, str(refused.exception))

    def test_other_readers_of_csv_keep_their_limit(self):
        before = csv.field_size_limit()
        self.assertEqual(list(grid.rows(b"a;b\n1;2\n"))[1], ["1", "2"])
        self.assertEqual(csv.field_size_limit(), before)

    def test_a_sheet_that_claims_to_be_huge_is_refused(self):
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream) as book:
            book.add_worksheet().write(1_000_000, 400, 1)
        with self.assertRaises(BadFile) as refused:
            list(grid.rows(stream.getvalue()))
        self.assertIn("cells", str(refused.exception))

    @given(
        st.lists(
            st.tuples(
                st.text("ABXZ", min_size=1, max_size=3),
                st.integers(1, 10**7),
                st.sampled_from(("", ' t="s"', " x" * 9)),
            ),
            max_size=60,
        ),
        st.integers(20, 200),
    )
    @PROPERTY
    def test_no_cell_lies_beyond_the_bounds_of_a_sheet(self, names, piece):
        cells = (f'<c r="{a}{n}"{more}><v>1</v></c>' for a, n, more in names)
        text = "<row>".join(cells).encode()
        with patch.object(books, "_PIECE", piece):
            found = _bounds(text)
        rows, columns = _extent(text)
        self.assertGreaterEqual(found[0], min(rows, books.MAX_CELLS))
        self.assertGreaterEqual(found[1], columns)
        if rows <= books.MAX_CELLS:
            self.assertEqual(found, (rows, columns))

    def test_a_row_with_many_zeros_before_it_hides_nothing(self):
        rows, columns = _bounds(b'<c r="A000000000000000000009999999"><v>1</v></c>')
        self.assertGreater(rows * columns, books.MAX_CELLS)
