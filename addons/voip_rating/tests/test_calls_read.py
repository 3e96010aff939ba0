"""Both ways to read a file give the same records."""

import csv
import io
import json
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..calls import lines as lines_module
from ..calls import read as reading
from ..calls.check import Limits, columns_of, parse_records
from .test_engine_common import PROPERTY

LIMITS = Limits(zone="UTC", now_us=1_800_000_000_000_000)
HEAD = "call_id,called,start,trunk,colour\n"
ROW = "{},442071234567,2026-10-01T00:00:00Z,main,red\n"
CELL = st.text(st.sampled_from('ab1 é"\\\'\t|+'), max_size=6)


def read(data, block=80):
    """([payload of each row], {line: error}, [each row as it came]).

    Every line is a row or skipped, in whatever blocks the file is read.
    """
    payloads, problems, sources, lines = [], {}, [], [1]
    tally = reading.Tally()
    with patch.object(reading, "BLOCK", block):
        chunks = reading.chunks_of(io.BytesIO(data), LIMITS, tally)
        for records, errors, source in chunks:
            for row in range(len(records)):
                lines.append(int(records.position[row]) + 1)
                if row in errors:
                    problems[lines[-1]] = errors[row]
                payloads.append(records.payload(row) if row not in errors else None)
                sources.append(source(row))
    assert lines == sorted(set(lines)), lines
    assert tally.lines == len(payloads) + tally.skipped
    return payloads, problems, sources


def careful(data, **sizes):
    with patch.object(reading, "plain", lambda *_arguments: None):
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
                other = text.replace(",", delimiter)
                self.assertEqual(self._same(other.encode()), expected)
                self.assertEqual(
                    self._same(f"sep={delimiter}\n{other}".encode())[0], expected[0]
                )

    def test_lines_without_line_feeds_come_in_blocks(self):
        lines = [ROW.format(number) for number in range(50)]
        text = (HEAD + "".join(lines)).encode()
        expected = read(text)
        with patch.object(lines_module, "LINE_LIMIT", 100):
            found = self._same(text.replace(b"\n", b"\r"))
            lines[40] = lines[40].replace("red", '"red"')
            quoted = (HEAD + "".join(lines)).encode()
            self.assertEqual(self._same(quoted.replace(b"\n", b"\r")), expected)
        self.assertEqual((found, len(found[0])), (expected, 50))

    def test_a_mark_beside_the_beginning_is_a_character(self):
        for row in ("\ufeff" + ROW.format("a"), "\ufeff\n" + ROW.format("a")):
            with self.subTest(row):
                problems = self._same((HEAD + row).encode())[1]
                self.assertEqual(list(problems), [2])

    def test_a_ragged_row_is_told_and_spoils_no_other(self):
        lines = [ROW.format(n) for n in range(20)]
        lines[7] = "7,442071234567\n"
        lines[12] = lines[12].replace("\n", ",more\n")
        payloads, problems, _sources = self._same((HEAD + "".join(lines)).encode())
        self.assertEqual(
            problems,
            {
                9: ("missing_field", "line 9: the row has 2 columns, the header 5"),
                14: (
                    "missing_field",
                    "line 14: the row has 6 columns, the header 5",
                ),
            },
        )
        self.assertEqual(sum(payload is not None for payload in payloads), 18)

    def test_quotes_from_the_middle_on(self):
        lines = [ROW.format(n) for n in range(20)]
        lines[11] = '11,442071234567,2026-10-01T00:00:00Z,"a, ""x""\n2",red\n'
        _payloads, problems, sources = self._same((HEAD + "".join(lines)).encode())
        self.assertEqual(sources[11]["trunk"], 'a, "x"\n2')
        self.assertIn("unprintable", problems.pop(13)[1])
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
                    code, message = problems[2]
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
            (b"call_id,called,start,duration\n", "neither answer nor answered"),
            (b"call_id,called,start,end,answer_time\n", "neither answer nor answered"),
            (b"call_id,\xff\n", "not UTF-8"),
            (HEAD.encode()[:-1] + b",x" * 496, "names 501 columns, at most 500"),
            (b"call_id" + b"," * 300_000, "names 300,001 columns, at most 500"),
            (b"call_id," + b"x" * (1 << 20), "line 1 is longer than 1,048,576"),
            (b'call_id,"' + b"x" * 200_000 + b'"', "line 1 cannot be read: field"),
            (b"sep=x\n" + HEAD.encode(), "line 1 names a delimiter"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(reading.BadFile, reason):
                read(data)


@tagged("post_install", "-at_install")
class TestDamagedLines(BaseCase):
    """A damaged line is refused alone; the lines around it are read as they are."""

    def _rows(self, count=40):
        return [ROW.format(number) for number in range(count)]

    def test_a_quote_that_is_not_closed_eats_no_row(self):
        rows = self._rows(1_000)
        rows[9] = rows[9].replace("main", '"Bob')
        for block in (80, 1 << 20):
            with self.subTest(block=block):
                payloads, problems, _s = read((HEAD + "".join(rows)).encode(), block)
                self.assertEqual(
                    problems,
                    {11: ("missing_field", "line 11: a quote is not closed")},
                )
                found = [payload["call_id"] for payload in payloads if payload]
                self.assertEqual(
                    found, [str(n) for n in range(1_000) if n != 9]
                )

    def test_each_damage_is_told_with_its_line(self):
        good = ROW.format("x")
        for line, code, why in (
            (good.replace("main", '"main'), "missing_field", "quote is not closed"),
            (good.replace("main", '"ma"in'), "missing_field", "is not doubled"),
            (good.replace("main", '"ma"in"'), "missing_field", "is not doubled"),
            (good.replace(",main", ""), "missing_field", "has 4 columns"),
            (good.replace("main", "main,,"), "missing_field", "has 7 columns"),
            (good.replace("main", f'"{"x" * 200_000}"z'), "missing_field", "131,"),
            (good.replace("main", "m\udcffin"), "bad_metadata", "no UTF-8 text"),
            (good.replace("red", "x" * (2 << 20)), "bad_metadata", "at most 8,192"),
            (good.replace("main", "m\x00in"), "unknown_trunk", "unprintable"),
        ):
            rows = self._rows()
            rows[20] = line
            data = (HEAD + "".join(rows)).encode("utf-8", "surrogateescape")
            for block in (80, 1 << 22):
                with self.subTest(why, block=block):
                    payloads, problems, sources = read(data, block)
                    self.assertEqual(list(problems), [22])
                    self.assertEqual(problems[22][0], code)
                    self.assertIn(why, problems[22][1])
                    self.assertEqual(len(payloads), 40)
                    if code == "missing_field":
                        self.assertIn("_sent", sources[20])

    def test_a_refused_line_is_not_taken_as_it_is_guessed(self):
        rows = self._rows()
        rows[3] = rows[3].replace("main", '"main')
        source = read((HEAD + "".join(rows)).encode())[2][3]
        self.assertIn('"main,red', source["_sent"])
        columns, metadata = columns_of([source])
        errors = parse_records(columns, metadata, LIMITS)[1]
        self.assertEqual(errors[0][0], "bad_metadata")
        columns, metadata = columns_of([{**source, "_sent": None, "trunk": "main"}])
        self.assertEqual(parse_records(columns, metadata, LIMITS)[1], {})

    def test_a_row_over_several_lines_is_one_and_takes_no_row_with_it(self):
        rows = self._rows()
        rows[5] = rows[5].replace("red", '"light\nred\nor so"')
        rows[30] = rows[30].replace("red", '"\n,,,,\n"')
        for block in (80, 200, 1 << 20):
            with self.subTest(block=block):
                payloads, problems, _s = read((HEAD + "".join(rows)).encode(), block)
                self.assertEqual((problems, len(payloads)), ({}, 40))
                self.assertEqual(payloads[5]["colour"], "light\nred\nor so")

    def test_lines_that_are_one_row_or_several_are_refused_together(self):
        for rows, lines in (
            (
                [
                    '7,"442071234567,2026-10-01T00:00:00Z,main,red\n',
                    '8,442071234567",2026-10-01T00:00:00Z,main,red\n',
                ],
                [2, 3],
            ),
            # A name with line ends that looks like a call of somebody else.
            (
                [
                    ROW.format(6),
                    ROW.format(7).replace("red", '"Bob'),
                    "forged,447700900999,2026-10-01T00:00:00Z,victim,red\n",
                    'Bob"\n',
                    ROW.format(8),
                ],
                [3, 4, 5],
            ),
        ):
            payloads, problems, _s = read((HEAD + "".join(rows)).encode())
            self.assertEqual(list(problems), lines)
            self.assertEqual({why for _code, why in problems.values()}, {
                f"line {line}: the line is part of a quoted cell, or a row of its own"
                for line in lines
            })
            kept = ["6", "8"] if len(rows) > 2 else []
            found = [payload["call_id"] for payload in payloads if payload]
            self.assertEqual(found, kept)

    def test_empty_rows_are_skipped_and_counted(self):
        rows = self._rows(20)
        for empty in ("\n", "   \n", ",,,,\n", '"","","","",""\n', " , ,,, \n"):
            with self.subTest(empty):
                mixed = [*rows[:7], empty, *rows[7:], empty]
                tally = reading.Tally()
                file = io.BytesIO((HEAD + "".join(mixed)).encode())
                found = list(reading.chunks_of(file, LIMITS, tally))
                self.assertEqual((tally.lines, tally.skipped), (22, 2))
                self.assertEqual(sum(len(records) for records, *_r in found), 20)
                self.assertFalse(any(errors for _records, errors, _s in found))

    def test_whole_quotes_are_read_as_a_block(self):
        head = HEAD.replace("colour", '"colour"')
        rows = [row.replace("red", '"r ""é"", d"') for row in self._rows()]
        with patch.object(reading, "Rows", side_effect=AssertionError):
            payloads, problems, _s = read((head + "".join(rows)).encode())
        self.assertEqual((problems, payloads[39]["colour"]), ({}, 'r "é", d'))

    @PROPERTY
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 39),
                st.integers(0, 60),
                st.sampled_from(
                    ['"', '""', ",", ";", "\n", "\r", "\x00", "\udce9", "é", '",', ',"']
                ),
            ),
            min_size=1,
            max_size=4,
        ),
        st.integers(60, 4_000),
    )
    def test_what_is_put_into_some_lines_changes_no_other(self, damages, block):
        rows = self._rows()
        for row, place, what in damages:
            place = min(place, len(rows[row]) - 1)
            rows[row] = rows[row][:place] + what + rows[row][place:]
        data = (HEAD + "".join(rows)).encode("utf-8", "surrogateescape")
        payloads, problems, _s = read(data, block)
        kept = {n: ROW.format(n) for n in range(40)}.items()
        whole = [str(n) for n, row in kept if rows[n] == row]
        found = [payload["call_id"] for payload in payloads if payload]
        missing = [n for n in whole if n not in found]
        told = [why for _code, why in problems.values() if "row of its own" in why]
        self.assertLessEqual(len(missing), len(told))
        undamaged = read((HEAD + "".join(self._rows())).encode())[0]
        for payload in payloads:
            if payload and payload["call_id"] in whole:
                self.assertEqual(payload, undamaged[int(payload["call_id"])])
