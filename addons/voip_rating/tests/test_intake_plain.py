"""Files as they come: what a sheet's cells become; what is refused, by its place."""

import datetime
import gzip
import io
import random
import zipfile

import openpyxl
import xlsxwriter

from odoo.tests import BaseCase, tagged

from ..calls.read import BadFile
from ..intake.plain import plain_file


def workbook(rows, sheet="Calls", formats=None):
    """Bytes of a workbook; a value may be ``(value, number format)``."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet(sheet)
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if isinstance(value, tuple):
                form = book.add_format({"num_format": value[1]})
                page.write(row, column, value[0], form)
            elif value is not None:
                page.write(row, column, value)
    book.close()
    return out.getvalue()


def changed(data, edit):
    """The workbook with ``edit(text)`` in place of the text of its first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                text = edit(text)
            new.writestr(part.filename, text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@tagged("post_install", "-at_install")
class TestSpreadsheet(BaseCase):
    def test_a_cell_becomes_what_its_writer_saw(self):
        moment = datetime.datetime(2026, 10, 5, 10, 0, 4)
        for value, text in (
            ("+44 20 7183", "+44 20 7183"),
            ("007", "007"),
            (442071234567, "442071234567"),
            (442071234567.0, "442071234567"),
            (999_999_999_999_999, "999999999999999"),
            (-3, "-3"),
            (0, "0"),
            (100, "100"),
            (0.0085, "0.0085"),
            (1e-7, "0.0000001"),
            (0.1 + 0.2, "0.3"),
            (1e14, "100000000000000"),
            (True, "true"),
            (False, "false"),
            ((moment, "yyyy-mm-dd hh:mm:ss"), "2026-10-05 10:00:04"),
            ((moment, "d/m/yy"), "2026-10-05 10:00:04"),
            (
                (moment.replace(microsecond=123_000), "hh:mm:ss.000"),
                "2026-10-05 10:00:04.123000",
            ),
            ((47 / 86400, "[h]:mm:ss"), "47"),
            ((49.5 / 24, "[h]:mm:ss"), "178200"),
            ((47.5 / 86400, "[s].0"), "47.5"),
            ((47 / 86400, "hh:mm:ss"), "00:00:47"),
            ("a,b", '"a,b"'),
            ('say "x"', '"say ""x"""'),
        ):
            with self.subTest(value=value):
                data = plain_file(workbook([["x"], [value]]))
                self.assertEqual(data.decode(), f"x\n{text}\n")

    def test_every_second_of_a_day_stays_that_second(self):
        day = datetime.datetime(2026, 10, 25)
        step = datetime.timedelta(seconds=1)
        moments = [day + step * number for number in range(0, 86400, 7)]
        data = workbook([["x"], *([(m, "yyyy-mm-dd hh:mm:ss")] for m in moments)])
        texts = plain_file(data).decode().splitlines()[1:]
        self.assertEqual(texts, [str(moment) for moment in moments])

    def test_rows_keep_their_numbers(self):
        rows = [[], ["a", "b"], [], ["1", None], [None, None], [None, "2"]]
        self.assertEqual(plain_file(workbook(rows)), b"\na,b\n\n1,\n\n,2\n")

    def test_a_sheet_is_taken_by_its_name(self):
        book = openpyxl.Workbook()
        book.active.title = "Notes"
        book.create_sheet("Calls & more")["A1"] = "x"
        out = io.BytesIO()
        book.save(out)
        self.assertEqual(plain_file(out.getvalue(), "Calls & more"), b"x\n")
        self.assertEqual(plain_file(out.getvalue()), b"")
        with self.assertRaisesRegex(BadFile, "no sheet 'Call', but: Notes, Calls"):
            plain_file(out.getvalue(), "Call")

    def test_what_has_no_certain_value_is_refused_by_its_place(self):
        good = workbook([["x"], ["y"], [5]])
        for old, new, said in (
            (b"<v>5</v>", b"<f>1+4</f>", "A3 has a formula"),
            (b"<v>5</v>", b"<f>1+4</f><v></v>", "A3 has a formula"),
            (b"<v>5</v>", b"<f>1+4</f><v/>", "A3 has a formula"),
            (b'<c r="A3"><v>5', b'<c r="A3" t="e"><v>#REF!', "A3 has an error"),
            (b"<v>5</v>", b"<v>1000000000000000</v>", "row 3, column 1 has a number"),
            (b'r="A3"', b'r="ZZ3"', "702 columns"),
            (b'r="A3"', b'r="J1048576"', "row 1,048,576"),
        ):
            data = changed(good, lambda text, o=old, n=new: text.replace(o, n))
            with self.subTest(new=new), self.assertRaisesRegex(BadFile, said):
                plain_file(data)
        value = changed(good, lambda text: text.replace(b"<v>5", b"<f>1+4</f><v>5"))
        self.assertEqual(plain_file(value), b"x\ny\n5\n")

    def test_a_cell_that_claims_the_end_of_the_world_is_refused(self):
        book = openpyxl.Workbook()
        book.active["A1"] = "call_id"
        book.active["SF60000"] = "x"
        out = io.BytesIO()
        book.save(out)
        self.assertLess(len(out.getvalue()), 6_000)
        with self.assertRaisesRegex(BadFile, "more than 8,000,000 cells"):
            plain_file(out.getvalue())

    def test_bombs_are_refused(self):
        zeros = b" " * (1 << 20)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open("xl/worksheets/sheet1.xml", "w") as part:
                for _megabyte in range(129):
                    part.write(zeros)
        with self.assertRaisesRegex(BadFile, "128 MB"):
            plain_file(out.getvalue())
        out = io.BytesIO()
        with gzip.open(out, "wb", 1) as packed:
            for _megabyte in range(257):
                packed.write(zeros)
        with self.assertRaisesRegex(BadFile, "256 MB"):
            plain_file(out.getvalue())
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for number in range(2_001):
                archive.writestr(str(number), b"")
        with self.assertRaisesRegex(BadFile, "2,001 parts"):
            plain_file(out.getvalue())

    def test_what_is_no_workbook_is_refused(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("calls.csv", "call_id,called,start\n")
        for data, said in (
            (out.getvalue(), "no XLSX workbook.*ZIP archive.*unpack"),
            (b"PK\x03\x04", "no XLSX workbook"),
            (b"\xd0\xcf\x11\xe0 old", "XLS file or one with a password"),
        ):
            with self.subTest(data=data[:8]), self.assertRaisesRegex(BadFile, said):
                plain_file(data)

    def test_a_damaged_workbook_is_read_as_it_was_or_refused(self):
        rows = [["call_id", "called", "start"]]
        rows += [[f"c{number}", 442070000000 + number, "x"] for number in range(40)]
        good = workbook(rows)
        text, draw, refused = plain_file(good), random.Random(7), 0
        for _case in range(300):
            data = bytearray(good)
            for _byte in range(draw.choice((1, 1, 3, 20))):
                data[draw.randrange(4, len(data))] = draw.randrange(256)
            if draw.random() < 0.3:
                del data[draw.randrange(4, len(data)) :]
            try:
                self.assertEqual(plain_file(bytes(data)), text)
            except BadFile:
                refused += 1
        self.assertGreater(refused, 150)


@tagged("post_install", "-at_install")
class TestPacked(BaseCase):
    def test_text_stays_and_gzip_is_unpacked(self):
        text = b"call_id,called,start\r\na,44,x\r\n"
        one, two = gzip.compress(text[:9]), gzip.compress(text[9:])
        for data in (text, gzip.compress(text), one + two, one + two + b"\0" * 9):
            self.assertEqual(plain_file(data), text)

    def test_a_damaged_gzip_is_refused(self):
        data = gzip.compress(b"call_id,called,start\n" * 99)
        for damaged, said in (
            (data[:-1], "ends too early"),
            (data[:-9], "ends too early"),
            (data[:20] + b"\xff" + data[21:], "damaged"),
            (data[:-8] + b"\0" * 8, "damaged"),
            (data + b"x", "ends too early"),
        ):
            with self.subTest(said), self.assertRaisesRegex(BadFile, said):
                plain_file(damaged)
