"""Files of every format, damaged: no row vanishes and no other row changes."""

import csv
import io
import json
from random import Random

from odoo.tests import tagged

from ..calls.read import BadFile
from .common import VoipRatingCommon
from .test_formats import SAMPLES, read

CALLS = 200
ROWS = {
    "freeswitch_csv": "freeswitch_csv.csv",
    "freeswitch_csv_asterisk": "freeswitch_csv_asterisk.csv",
    "asterisk_csv": "asterisk_csv.csv",
    "asterisk_odbc": "asterisk_odbc.csv",
    "opensips_flat": "opensips_flat.txt",
    "kamailio_acc": "kamailio_acc.csv",
    "telnyx": "telnyx.csv",
    "uk_standard": "uk_standard.csv",
}
NAMES = {
    "freeswitch_csv": 10,
    "freeswitch_csv_asterisk": 16,
    "asterisk_csv": 16,
    "asterisk_odbc": 14,
    "opensips_flat": 3,
    "kamailio_acc": 4,
    "telnyx": 13,
    "uk_standard": 28,
}


def good_file(code):
    """(lines, lines above the first row) of 200 calls; each has an id of its own."""
    lines = (SAMPLES / ROWS[code]).read_text().splitlines()
    mark = "|" if code == "opensips_flat" else ","
    head = lines[:1] if code in ("asterisk_odbc", "kamailio_acc", "telnyx") else []
    cells = next(csv.reader([lines[len(head)]], delimiter=mark))
    found = []
    for number in range(CALLS):
        cells[NAMES[code]] = f"id-{number:03d}"
        found.append(_line(cells, mark))
        if code in ("opensips_flat", "kamailio_acc"):
            method = cells.index("INVITE")
            time = 6 if code == "opensips_flat" else 7
            bye = list(cells)
            bye[method] = "BYE"
            bye[time] = "1790848867" if code == "opensips_flat" else (
                "2026-10-01 10:01:07"
            )
            found.append(_line(bye, mark))
    return head + found, len(head)


def _line(cells, mark):
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="").writerow(cells)
    return out.getvalue()


def _in_row(change):
    """A damage of some rows: {row: bytes}."""

    def damage(lines, first, random):
        chosen = random.sample(range(first, len(lines)), 3)
        for row in chosen:
            lines[row] = change(lines[row], random)
        return set(chosen)

    return damage


def _put(what):
    def change(line, random):
        place = random.randrange(len(line) + 1)
        return line[:place] + what + line[place:]

    return _in_row(change)


def _swapped(line, random):
    for mark in (b"|", b","):
        cells = line.split(mark)
        if len(cells) > 3:
            one, other = random.sample(range(len(cells)), 2)
            cells[one], cells[other] = cells[other], cells[one]
            return mark.join(cells)
    return line


def _doubled(lines, first, random):
    row = random.randrange(first, len(lines))
    lines.insert(row, lines[row])
    return {row}


def _removed_end(lines, _first, _random):
    lines[-1] = lines[-1][: len(lines[-1]) // 2]
    return {len(lines) - 1}


PUT = [
    b'"', b'""', b'"""', b",", b",,,", b";", b"|", b"\t", b"\n", b"\r", b"\r\n",
    b"\n\n", b"\x00", b"\xe9", b"\xff\xfe", b"\xc3", "é".encode(), b"\xef\xbb\xbf",
    b"\\", b"'", b"NULL", b"\\N", b"-", b"9", b"e9", b".", b"%00", b"{", b"[",
    b"x" * 10_000, b"9" * 300, b'"' + b"y" * 200_000, b" ", b"\xe2\x80\x8b",
]  # fmt: skip
DAMAGES = [
    *map(_put, PUT),
    _in_row(lambda line, _random: line[: len(line) // 2]),
    _in_row(lambda line, _random: b""),
    _in_row(_swapped),
    _in_row(lambda line, _random: line + b"\r"),
    _doubled,
    _removed_end,
]


@tagged("post_install", "-at_install")
class TestDamagedFormats(VoipRatingCommon):
    def _calls(self, layout, data):
        """({call id: payload}, records, lines below the header, skipped)."""
        found, _sources, tally = read(layout, data)
        payloads = [one for one in found if isinstance(one, dict)]
        self.assertEqual(tally.lines, len(found) + tally.skipped)
        return {one["call_id"]: one for one in payloads}

    def test_forty_damages_lose_no_row_and_change_no_other(self):
        self.assertEqual(len(DAMAGES), 40)
        for code in ROWS:
            layout = self.env.ref(f"voip_rating.format_{code}")._compiled()
            lines, first = good_file(code)
            lines = [line.encode() for line in lines]
            whole = self._calls(layout, b"\n".join(lines) + b"\n")
            self.assertEqual(len(whole), CALLS)
            for number, damage in enumerate(DAMAGES):
                with self.subTest(code, damage=number):
                    hurt = list(lines)
                    chosen = damage(hurt, first, Random(number))
                    mentioned = b"\n".join(lines[min(row, len(lines) - 1)]
                                           for row in chosen)
                    data = b"\n".join(hurt) + b"\n"
                    try:
                        found = self._calls(layout, data)
                    except BadFile:
                        self.fail("a damaged row refused the file")
                    for call_id, payload in whole.items():
                        if call_id.encode() not in mentioned:
                            self.assertEqual(found.get(call_id), payload)

    def test_damaged_json_lines_lose_no_record(self):
        layout = self.env.ref("voip_rating.format_twilio")._compiled()
        call = json.loads((SAMPLES / "twilio.json").read_text())["calls"][0]
        lines = [
            json.dumps({**call, "sid": f"id-{n:03d}"}).encode() for n in range(CALLS)
        ]
        whole = self._calls(layout, b"\n".join(lines))
        self.assertEqual(len(whole), CALLS)
        for number, damage in enumerate(DAMAGES):
            with self.subTest(damage=number):
                hurt = list(lines)
                chosen = damage(hurt, 1, Random(number))
                found = self._calls(layout, b"\n".join(hurt))
                for row, line in enumerate(lines):
                    call_id = f"id-{row:03d}"
                    if row not in chosen and line in hurt:
                        self.assertEqual(found.get(call_id), whole[call_id])
