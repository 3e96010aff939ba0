"""Both ways to read a file give the same records."""

import csv
import io
import json
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..calls import read as reading
from ..calls.check import Limits
from .test_engine_common import PROPERTY

LIMITS = Limits(zone="UTC", now_us=1_800_000_000_000_000)
HEAD = "call_id,called,start,trunk,colour\n"
ROW = "{},442071234567,2026-10-01T00:00:00Z,main,red\n"
CELL = st.text(st.sampled_from('ab1 é"\\\'\t|+'), max_size=6)


def read(data, block=80, rows=7):
    """([payload of each row], {position: error}, [each row as it came])."""
    payloads, problems, sources = [], {}, []
    with patch.object(reading, "BLOCK", block), patch.object(reading, "ROWS", rows):
        for records, errors, source in reading.chunks_of(io.BytesIO(data), LIMITS):
            for row in range(len(records)):
                assert records.position[row] == len(payloads)
                if row in errors:
                    problems[len(payloads)] = errors[row]
                payloads.append(records.payload(row) if row not in errors else None)
                sources.append(source(row))
    return payloads, problems, sources


def careful(data, **sizes):
    with patch.object(reading, "_plain", lambda *_arguments: None):
        return read(data, **sizes)


@tagged("post_install", "-at_install")
class TestCdrCsv(BaseCase):
    def _same(self, data):
        found = read(data)
        self.assertEqual(found, careful(data))
        return found

    def test_every_block_is_read_once(self):
        data = (HEAD + "".join(ROW.format(n) for n in range(50))).encode()
        payloads, problems, sources = self._same(data)
        calls = [row["call_id"] for row in payloads]
        self.assertEqual(calls, [str(number) for number in range(50)])
        self.assertEqual(payloads[0]["colour"], "red")
        self.assertEqual((problems, sources[49]["call_id"]), ({}, "49"))

    def test_line_ends_marks_and_blank_lines(self):
        text = HEAD + ROW.format("a") + "\n" + ROW.format("b")
        expected = self._same(text.encode())
        for end in ("\r\n", "\r"):
            with self.subTest(end):
                data = b"\xef\xbb\xbf" + text.replace("\n", end).encode()
                self.assertEqual(self._same(data), expected)
        self.assertEqual(self._same(text.rstrip("\n").encode()), expected)
        for delimiter in ";\t":
            with self.subTest(delimiter):
                self.assertEqual(
                    self._same(text.replace(",", delimiter).encode()), expected
                )

    def test_lines_without_line_feeds_come_in_blocks(self):
        lines = [ROW.format(number) for number in range(50)]
        text = (HEAD + "".join(lines)).encode()
        expected = read(text)
        with patch.object(reading, "LINE_LIMIT", 100):
            found = self._same(text.replace(b"\n", b"\r"))
            lines[40] = lines[40].replace("red", '"red"')
            quoted = (HEAD + "".join(lines)).encode()
            self.assertEqual(self._same(quoted.replace(b"\n", b"\r")), expected)
        self.assertEqual((found, len(found[0])), (expected, 50))

    def test_a_mark_beside_the_beginning_is_a_character(self):
        for row in ("\ufeff" + ROW.format("a"), "\ufeff\n" + ROW.format("a")):
            with self.subTest(row):
                problems = self._same((HEAD + row).encode())[1]
                self.assertEqual(list(problems), [0])

    def test_a_ragged_row_is_told_and_spoils_no_other(self):
        lines = [ROW.format(n) for n in range(20)]
        lines[7] = "7,442071234567\n"
        lines[12] = lines[12].replace("\n", ",more\n")
        payloads, problems, _sources = self._same((HEAD + "".join(lines)).encode())
        self.assertEqual(
            problems,
            {
                7: ("missing_field", "the row has 2 columns, the header 5"),
                12: ("missing_field", "the row has 6 columns, the header 5"),
            },
        )
        self.assertEqual(sum(payload is not None for payload in payloads), 18)

    def test_quotes_from_the_middle_on(self):
        lines = [ROW.format(n) for n in range(20)]
        lines[11] = '"11, ""x""\n2",442071234567,2026-10-01T00:00:00Z,main,red\n'
        _payloads, problems, sources = self._same((HEAD + "".join(lines)).encode())
        self.assertEqual(sources[11]["call_id"], '11, "x"\n2')
        self.assertIn("unprintable", problems.pop(11)[1])
        self.assertEqual((problems, len(sources)), ({}, 20))

    @PROPERTY
    @given(st.lists(st.tuples(CELL, CELL, CELL), max_size=12), st.booleans())
    def test_any_cells(self, cells, quoted):
        text = io.StringIO()
        quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
        writer = csv.writer(text, quoting=quoting, lineterminator="\n")
        writer.writerow(["call_id", "called", "start", "trunk"])
        for call_id, called, trunk in cells:
            writer.writerow([call_id, called, "2026-10-01T00:00:00Z", trunk])
        sources = self._same(text.getvalue().encode())[2]
        self.assertEqual(
            [(row["call_id"], row["called"], row["trunk"]) for row in sources], cells
        )

    def test_a_file_of_500_columns_is_taken_whole(self):
        names = [f"c{number}" for number in range(495)]
        head = HEAD.strip() + "," + ",".join(names) + "\n"
        row = ROW.format("a").strip() + ",v" * 495 + "\n"
        payloads, problems, _sources = self._same((head + row).encode())
        self.assertEqual(problems, {})
        self.assertEqual([payloads[0][name] for name in names], ["v"] * 495)

    def test_a_row_is_as_long_as_a_record(self):
        """The JSON of the row, without its empty cells, has at most 8,192 bytes."""
        cells = HEAD.strip().split(","), ROW.format("a").strip().split(",")
        bare = json.dumps(dict(zip(*cells, strict=True)), separators=(",", ":"))
        bare = len(bare)
        for text, fits in (
            ("x" * (8_192 - bare), True),
            ("x" * (8_193 - bare), False),
            ("é" * ((8_192 - bare) // 2), True),
            ("é" * ((8_194 - bare) // 2), False),
        ):
            row = ROW.format("a").replace("red", "red" + text)
            with self.subTest(text=text[:1], fits=fits):
                data = (HEAD + row + ROW.format("b")).encode()
                payloads, problems, _sources = self._same(data)
                self.assertEqual([row is not None for row in payloads], [fits, True])
                if not fits:
                    code, message = problems[0]
                    self.assertEqual(code, "bad_metadata")
                    self.assertRegex(message, r"has 8,19[34] bytes.* at most 8,192")

    def test_empty_cells_say_nothing(self):
        data = HEAD + ROW.format("a").replace("red", "") + ROW.format("b")
        payloads = self._same(data.encode())[0]
        self.assertEqual([row.get("colour") for row in payloads], [None, "red"])

    def test_what_is_no_table_is_refused(self):
        for data, reason in (
            (b"", "missing: call_id"),
            (b"call_id,called\n", "missing: start"),
            (b"call_id,called,start,start\n", "named twice: start"),
            (b"call_id,\xff\n", "not UTF-8"),
            (HEAD.encode()[:-1] + b",x" * 496, "names 501 columns, at most 500"),
            (b"call_id" + b"," * 300_000, "names 300,001 columns, at most 500"),
            (b"call_id," + b"x" * (1 << 20), "line 1 is longer than 1,048,576"),
            (b'call_id,"' + b"x" * 200_000 + b'"', "line 1 cannot be read: field"),
            (HEAD.encode() + b"1,2,3,4,5\n1,\xff,3,4,5\n", "line 3 cannot be read"),
            (HEAD.encode() + b"1" * (1 << 21), "line 2 is longer than 1,048,576"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(reading.BadFile, reason):
                read(data)
