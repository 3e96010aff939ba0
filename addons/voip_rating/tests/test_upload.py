"""The upload takes text, gzip and spreadsheets alike."""

import gzip
from base64 import b64encode
from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import VoipRatingCommon
from .test_intake_plain import workbook

DAY = "2026-10-05"
HEADER = ["call_id", "called", "start", "answer", "duration", "trunk"]


@tagged("post_install", "-at_install")
class TestUpload(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(rates=[{"prefix": "44", "price_per_minute": "0.6"}])
        cls.account = cls._create_account(deck_id=deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch(tz="Europe/Berlin")
        cls.env.company.voip_cdr_max_age_days = 3_650

    def _upload(self, data, **values):
        action = (
            self.env["voip.cdr.upload"]
            .create(
                {
                    "switch_id": self.switch.id,
                    "file": b64encode(data),
                    "file_name": "calls",
                    **values,
                }
            )
            .action_upload()
        )
        return self.env["voip.cdr.batch"].browse(action["res_id"])

    def _rows(self, name):
        start = datetime(2026, 10, 5, 12, 0, 0)
        form = "dd.mm.yyyy hh:mm:ss"
        return [
            HEADER,
            [
                f"{name}-1",
                442071234567,
                (start, form),
                (start + timedelta(seconds=4), form),
                47,
                self.trunk.code,
            ],
            [],
            [
                f"{name}-2",
                "+44 20 7123 4567",
                (start, form),
                (start + timedelta(seconds=5), form),
                47.5,
                self.trunk.code,
            ],
        ]

    def _text(self, name):
        lines = [
            ",".join(HEADER),
            f"{name}-1,442071234567,{DAY}T12:00:00,{DAY}T12:00:04,47,{self.trunk.code}",
            "",
            f"{name}-2,442071234567,{DAY}T12:00:00,{DAY}T12:00:05,47.5,"
            + self.trunk.code,
        ]
        return "\n".join(lines).encode()

    def test_all_kinds_of_files_say_the_same(self):
        for name, data in (
            ("text", self._text("text")),
            ("gzip", gzip.compress(self._text("gzip"))),
            ("xlsx", workbook(self._rows("xlsx"))),
        ):
            with self.subTest(name):
                batch = self._upload(data)
                self.assertEqual(
                    (batch.lines, batch.skipped, batch.received, batch.rated),
                    (3, 1, 2, 2),
                    batch.error_ids.mapped("message"),
                )
                self.env.cr.execute(
                    "SELECT called, start, answer, duration_ms, position"
                    "  FROM voip_cdr_row WHERE batch_id = %s ORDER BY position",
                    [batch.id],
                )
                rows = [[str(value) for value in row] for row in self.env.cr.fetchall()]
                times = ["2026-10-05 10:00:00", "2026-10-05 10:00:0"]
                self.assertEqual(
                    [row[1:] for row in rows],
                    [
                        [times[0], times[1] + "4", "47000", "1"],
                        [times[0], times[1] + "5", "47500", "3"],
                    ],
                )
                self.assertEqual(rows[0][0], "442071234567")

    def test_a_sheet_is_named(self):
        data = workbook(self._rows("named"), sheet="October")
        self.assertEqual(self._upload(data, sheet="October").rated, 2)
        with self.assertRaisesRegex(UserError, "calls: the workbook has no sheet 'x'"):
            self._upload(data, sheet="x")

    def test_what_cannot_be_unpacked_is_told(self):
        with self.assertRaisesRegex(UserError, "calls: the gzip file .*upload it"):
            self._upload(gzip.compress(self._text("cut"))[:-3])
