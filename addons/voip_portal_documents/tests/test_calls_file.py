"""The customer takes all of his calls as a file."""

import csv
import io
from unittest.mock import patch
from zipfile import ZipFile

from odoo.tests import tagged

from odoo.addons.voip_portal.tests.test_calls_rates import CallsCommon

from ..controllers import calls_file


@tagged("post_install", "-at_install")
class TestCallsFile(CallsCommon):
    def setUp(self):
        super().setUp()
        for number in range(3):
            self._call(f"44163296012{number}", 47, f"call-{number}")
        self.path = f"/calls/file?account=auto-1&{self._days()}"

    def test_all_calls_are_in_it_and_no_cost(self):
        data = self._get(self.path).content
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
        self.assertEqual(len(rows), 3)
        self.assertEqual({row["Amount"] for row in rows}, {"0.51680000"})
        self.assertFalse([name for name in rows[0] if "cost" in name.lower()])
        self._login("stranger")
        self.assertEqual(self._get(self.path).status_code, 404)

    def test_many_come_zipped_and_too_many_are_told(self):
        with patch.object(calls_file, "PLAIN_ROWS", 2):
            answer = self._get(self.path)
        with ZipFile(io.BytesIO(answer.content)) as book:
            self.assertEqual(book.read(book.namelist()[0]).count(b"call-"), 3)
        with patch.object(calls_file, "MOST", 2):
            self.assertIn("More than 2 calls", self._get(self.path).text)

    def test_by_number_it_has_those_calls(self):
        data = self._get(f"{self.path}&number=441632960121").content.decode()
        self.assertEqual(data.count("44163296012"), 1)

    def test_days_without_calls_are_a_file_with_heads(self):
        path = "/calls/file?account=SECOND&date_from=2026-01-01&date_to=2026-01-02"
        self.assertTrue(self._get(path).text.lstrip("\ufeff").startswith("Call ID,"))
