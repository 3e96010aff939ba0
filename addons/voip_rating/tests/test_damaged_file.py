"""One damaged row of an uploaded file: every line is accounted for, and no other row
costs another amount.
"""

from base64 import b64encode

from odoo.tests import tagged

from .common import VoipRatingCommon

ROWS, DAMAGED = 12, 5
NAMES = "call_id,caller,called,start,answer,duration,trunk,colour"


def _in_cell(place, change):
    """A damage of one cell of a row."""

    def damage(row):
        cells = row.rstrip(b"\n").split(b",")
        cells[place] = change(cells[place])
        return b",".join(cells) + b"\n"

    return damage


def _swapped(one, other):
    def damage(row):
        cells = row.rstrip(b"\n").split(b",")
        cells[one], cells[other] = cells[other], cells[one]
        return b",".join(cells) + b"\n"

    return damage


DAMAGES = {
    **{
        f"{name} in cell {place}": _in_cell(place, change)
        for place in (0, 1, 2, 5, 6, 7)
        for name, change in {
            "an open quote": lambda cell: b'"' + cell,
            "a closing quote": lambda cell: cell + b'"',
            "a quote within": lambda cell: b'"' + cell[:1] + b'"' + cell[1:] + b'"',
            "a NUL": lambda cell: cell[:1] + b"\0" + cell[1:],
            "no UTF-8": lambda cell: cell + b"\xe9\xff",
        }.items()
    },
    "a line feed": _in_cell(2, lambda cell: cell[:4] + b"\n" + cell[4:]),
    "a carriage return": _in_cell(2, lambda cell: cell[:4] + b"\r" + cell[4:]),
    "a quoted line end": _in_cell(7, lambda cell: b'"' + cell + b'\r\n"'),
    "an open quote over the end": lambda row: row[:-4] + b'"red\n',
    "a delimiter more": _in_cell(1, lambda cell: cell + b","),
    "a delimiter less": lambda row: row.replace(b",", b"", 1),
    "other delimiters": lambda row: row.replace(b",", b";"),
    "no line end": lambda row: row.rstrip(b"\n"),
    "two line ends": lambda row: row + b"\n\n",
    "line ends of another system": lambda row: row.replace(b"\n", b"\r\n"),
    "cut in the middle": lambda row: row[:30] + b"\n",
    "cut to nothing": lambda row: b"",
    "empty cells": lambda row: b",,,,,,,\n",
    "spaces": lambda row: b"      \n",
    "a huge cell": _in_cell(7, lambda cell: b"x" * 300_000),
    "a huge quoted cell": _in_cell(7, lambda cell: b'"' + b"x" * 300_000 + b'"'),
    "a huge number": _in_cell(5, lambda cell: b"9" * 5_000),
    "a line beyond all bounds": _in_cell(7, lambda cell: b"x" * (3 << 20)),
    "called and start swapped": _swapped(2, 3),
    "call id and trunk swapped": _swapped(0, 6),
    "a byte order mark": lambda row: b"\xef\xbb\xbf" + row,
    "UTF-16": lambda row: row.decode().encode("utf-16-be"),
    "the header again": lambda row: NAMES.encode() + b"\n",
    "another row in it": lambda row: row[:20] + row,
    "null for every cell": lambda row: b"null,null,null,null,null,null,null,null\n",
}


@tagged("post_install", "-at_install")
class TestDamagedFile(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck([{"prefix": "44", "price_per_minute": "0.6"}])
        cls.account = cls._create_account(deck_id=deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch()
        cls.start = f"{cls.env.cr.now():%Y-%m-01T00:00:00Z}"

    def _rows(self, number):
        return [
            f"{number}-{row},4930123456,442071234567,{self.start},{self.start},"
            f"{60 + row},{self.trunk.code},red\n".encode()
            for row in range(ROWS)
        ]

    def _upload(self, rows):
        upload = self.env["voip.cdr.upload"].create(
            {
                "switch_id": self.switch.id,
                "file": b64encode(NAMES.encode() + b"\n" + b"".join(rows)),
                "file_name": "damaged.csv",
            }
        )
        return self.env["voip.cdr.batch"].browse(upload.action_upload()["res_id"])

    def _amounts(self, batch):
        self.env.cr.execute(
            "SELECT split_part(r.call_id, '-', 2), u.amount"
            "  FROM voip_usage_row u JOIN voip_cdr_row r ON r.id = u.source_id"
            " WHERE u.batch_id = %s AND r.call_id LIKE '%%-%%'",
            [batch.id],
        )
        return dict(self.env.cr.fetchall())

    def test_every_line_is_accounted_for_and_no_other_amount_changes(self):
        good = self._amounts(self._upload(self._rows(0)))
        self.assertEqual(len(good), ROWS)
        left = {row: amount for row, amount in good.items() if row != str(DAMAGED)}
        self.assertGreater(len(DAMAGES), 40)
        for number, (name, damage) in enumerate(DAMAGES.items(), 1):
            rows = self._rows(number)
            rows[DAMAGED] = damage(rows[DAMAGED])
            # Without its end the damaged row is the last one.
            if not rows[DAMAGED].endswith(b"\n"):
                rows.append(rows.pop(DAMAGED))
            with self.subTest(name):
                batch = self._upload(rows)
                self.assertEqual(batch.state, "done", batch.message)
                data = b"".join(rows).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
                lines = len(data.removesuffix(b"\n").split(b"\n"))
                self.assertEqual(batch.lines, lines)
                self.assertEqual(batch.lines, batch.received + batch.skipped)
                self.assertEqual(
                    batch.received,
                    batch.rated + batch.zero_rated + batch.in_error + batch.duplicates,
                )
                found = self._amounts(batch)
                self.assertEqual(left.items() - found.items(), set())
                self.assertLessEqual(len(found), ROWS)
        self.assertWhole()
