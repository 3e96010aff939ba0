"""Files and records of every format, damaged: what is charged of the rest."""

import json
from random import Random

from odoo.tests import tagged

from ..calls.read import BadFile
from .test_format_ways import FILES, FormatsCase, moved, records_of
from .test_formats import SAMPLES, read
from .test_formats_damaged import DAMAGES, ROWS, good_file

PLACES = 2
CUTS = 40
WITH_HEADER = ("asterisk_odbc", "kamailio_acc", "telnyx")
# What a value of a record becomes.
VALUES = [
    None, "", " ", "\t", "\n", "\r\n", '"', "'", "\\", "\\N", "NULL", "null", "-", "+",
    "0", "-1", "9" * 400, "1e9", "NaN", "\x00", "\ud800", "é", "\u200b", "x" * 10_000,
    "%", "%00", "{", "[]", "sip:", "2026-13-01 00:00:00", 0, -1, 10**30, 1.5, True,
    False, [], {}, [{"a": [1]}], {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
]  # fmt: skip


def longer(line, minutes):
    """A row of a call (or of its BYE) that is so many minutes longer."""
    seconds = 60 * minutes
    text = line.replace("10:01:07", f"10:{1 + minutes:02d}:07")
    text = text.replace("1790848867", str(1790848867 + seconds))
    mark = "|" if "|" in text else ","
    cells = text.split(mark)
    return mark.join(
        {
            "60": str(60 + seconds), "67": str(67 + seconds),
            '"60"': f'"{60 + seconds}"', '"67"': f'"{67 + seconds}"',
        }.get(cell, cell)
        for cell in cells
    )  # fmt: skip


def varied_file(code):
    """(lines, lines above the first row, {call id: its minutes}) of 200 calls."""
    lines, first = good_file(code)
    rows = (len(lines) - first) // 200
    minutes = {f"id-{number:03d}": 1 + number % 7 for number in range(200)}
    body = [
        longer(line, (place // rows) % 7) for place, line in enumerate(lines[first:])
    ]
    return lines[:first] + body, first, minutes


def mutations(lines, first, seed):
    """(data, rows that are hurt): one file with all damages, each in rows of its own.

    Rows are taken in chunks, so that a damage never takes two times the same row.
    """
    random, whole, hurt = Random(seed), list(lines[first:]), set()
    done, size = lines[:first], len(whole) // len(DAMAGES)
    for number, damage in enumerate(DAMAGES):
        end = None if number == len(DAMAGES) - 1 else (number + 1) * size
        part = whole[number * size : end]
        before = list(part)
        chosen = damage(part, 0, random)
        hurt |= {before[min(row, len(before) - 1)] for row in chosen}
        done = done + part
    return b"\n".join(done) + b"\n", hurt


@tagged("post_install", "-at_install")
class TestMutatedFiles(FormatsCase):
    def assertConserved(self, batch):
        self.assertEqual(
            batch.received,
            batch.rated + batch.zero_rated + batch.in_error + batch.duplicates,
        )
        self.assertEqual(batch.lines, batch.received + batch.skipped)

    def assertCharged(self, batch, minutes, hurt):
        """Every call but the hurt ones has its right amount."""
        usage = self.env["voip.usage"].search([("batch_id", "=", batch.id)])
        amounts = {row.source_ref: row.amount for row in usage}
        for call_id, length in minutes.items():
            if call_id not in hurt:
                self.assertEqual(amounts.get(call_id), round(0.06 * length, 2), call_id)

    def _take(self, code, data):
        batch = self.env["voip.cdr.batch"]._take_file(
            self._create_switch(), data, "calls.csv", self._format(code)
        )
        batch._rate_here()
        return batch

    def test_what_is_charged_of_damaged_files_is_of_whole_rows(self):
        for code in ROWS:
            lines, first, minutes = varied_file(code)
            lines = [moved(line, self.yesterday).encode() for line in lines]
            for seed in range(PLACES):
                with self.subTest(code, seed=seed):
                    data, hurt = mutations(lines, first, seed)
                    batch = self._take(code, data)
                    self.assertGreaterEqual(batch.rated, 60)
                    self.assertConserved(batch)
                    ids = {i for i in minutes if any(i.encode() in row for row in hurt)}
                    self.assertLess(len(ids), 125)
                    self.assertCharged(batch, minutes, ids)
        self.assertWhole()

    def test_what_is_charged_of_damaged_records_is_of_whole_ones(self):
        self.assertEqual(len(VALUES), 40)
        for code, (name, *_counts) in FILES.items():
            text = moved((SAMPLES / name).read_text(), self.yesterday)
            good = records_of(self._format(code)._compiled(), text)[0]
            if code in ("opensips_flat", "kamailio_acc"):
                continue
            switch = self._create_switch(format_id=self._format(code).id)
            records, hurt = self._hurt_records(code, good)
            with self.subTest(code):
                answer = self.env["voip.cdr"].ingest(
                    switch.code, records, format=code, rate_now=True
                )
                batch = self.env["voip.cdr.batch"].browse(answer["batch"])
                self.assertEqual(answer["received"] + answer["skipped"], len(records))
                self.assertConserved(batch)
                self.assertCharged(
                    batch, {f"id-{n:03d}": 1 for n in range(200)}, hurt
                )
        self.assertWhole()

    def _hurt_records(self, code, good):
        """(200 records of which 80 are hurt in one value, call ids of those)."""
        line = self._format(code).field_ids.filtered(lambda f: f.target == "call_id")
        path = line.source.split(" | ")[0].split(".")
        random, records, hurt = Random(code), [], set()
        for number in range(200):
            record = json.loads(json.dumps(good))
            place = record
            for part in path[:-1]:
                place = place[part]
            place[path[-1]] = f"id-{number:03d}"
            if number < PLACES * len(VALUES):
                hurt.add(place[path[-1]])
                inner = record.get("variables") if random.random() < 0.8 else None
                inner = inner or record
                inner[random.choice(list(inner))] = VALUES[number // PLACES]
            records.append(record)
        random.shuffle(records)
        return records, hurt


@tagged("post_install", "-at_install")
class TestRecodedFiles(FormatsCase):
    """Whole files otherwise than they were: read alike, or refused, never otherwise."""

    def _read(self, code, data):
        """{call id: payload}; None: the file is refused."""
        layout = self._format(code)._compiled()
        try:
            found, _sources, tally = read(layout, data)
        except BadFile:
            return None
        self.assertEqual(tally.lines, len(found) + tally.skipped)
        return {one["call_id"]: one for one in found if isinstance(one, dict)}

    def _whole(self, code):
        lines, first, _minutes = varied_file(code)
        text = "\n".join(lines) + "\n"
        whole = self._read(code, text.encode())
        self.assertEqual(len(whole), 200)
        return text, first, whole

    def test_line_ends_and_a_mark_say_the_same(self):
        for code in ROWS:
            text, first, whole = self._whole(code)
            data = text.encode()
            mark = "|" if code == "opensips_flat" else ","
            head = text[: text.index("\n") + 1] if first else f"{mark.join('abc')}\n"
            for name, changed in {
                "crlf": data.replace(b"\n", b"\r\n"),
                "cr": data.replace(b"\n", b"\r"),
                "mark": b"\xef\xbb\xbf" + data,
                "no last end": data[:-1],
                "empty lines": data.replace(b"\n", b"\n\n"),
                "header in between": data + head.encode() + b"\n",
                "latin-1 in plain text": text.encode("latin-1"),
            }.items():
                with self.subTest(code, change=name):
                    self.assertEqual(self._read(code, changed), whole)

    def test_another_encoding_refuses_what_it_hurts_alone(self):
        for code in ROWS:
            text, _first, whole = self._whole(code)
            accented = text.replace("id-007", "id-007é")
            with self.subTest(code):
                found = self._read(code, accented.encode("latin-1"))
                self.assertEqual(set(whole) - set(found), {"id-007"})
                for call_id, payload in found.items():
                    self.assertEqual(payload, whole[call_id])
                for coding in ("utf-16", "utf-16-le", "utf-32"):
                    self.assertFalse(self._read(code, text.encode(coding)))

    def test_a_file_that_ends_early_has_the_calls_that_are_whole(self):
        for code in ROWS:
            text, _first, whole = self._whole(code)
            data = text.encode()
            for number in range(CUTS):
                cut = Random(number).randrange(len(data))
                with self.subTest(code, cut=cut):
                    found = self._read(code, data[:cut]) or {}
                    last = data[:cut].rsplit(b"\n", 1)[-1].decode()
                    for call_id, payload in found.items():
                        if call_id not in last and call_id in whole:
                            self.assertEqual(payload, whole[call_id])
                    ended = data[:cut].rsplit(b"\n", 1)[0].decode()
                    self.assertLessEqual(
                        {i for i in whole if self._is_done(code, i, ended)}, set(found)
                    )

    def _is_done(self, code, call_id, text):
        rows = 2 if code in ("opensips_flat", "kamailio_acc") else 1
        return text.count(call_id) >= rows and "\n" in text

    def test_other_delimiters_are_seen_or_refused(self):
        names = ("start", "duration", "called")
        for code in ROWS:
            text, _first, whole = self._whole(code)
            mark = "|" if code == "opensips_flat" else ","
            for other in ";\t|,":
                if other == mark:
                    continue
                with self.subTest(code, other=other):
                    found = self._read(code, text.replace(mark, other).encode())
                    for call_id, payload in (found or {}).items():
                        good = whole[call_id]
                        self.assertEqual(
                            [payload.get(name) for name in names],
                            [good.get(name) for name in names],
                        )

    def test_a_missing_header_refuses_the_file_and_columns_may_be_in_any_order(self):
        for code in WITH_HEADER:
            text, _first, whole = self._whole(code)
            lines = text.splitlines()
            turned = "\n".join(",".join(reversed(line.split(","))) for line in lines)
            twice = text.replace(lines[0], f"{lines[0]},{lines[0]}", 1)
            with self.subTest(code):
                self.assertIsNone(self._read(code, "\n".join(lines[1:]).encode()))
                self.assertIsNone(self._read(code, twice.encode()))
                if '"' not in text:
                    self.assertEqual(self._read(code, turned.encode()), whole)
