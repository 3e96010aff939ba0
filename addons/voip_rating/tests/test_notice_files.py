"""The workbook of a notice: read by people, so no figure of it is lost."""

import base64
import io

from openpyxl import load_workbook

from odoo.tests import tagged

from .notice_common import NoticeCommon


@tagged("post_install", "-at_install")
class TestNoticeFiles(NoticeCommon):
    def _told(self, title):
        """{code: its cell below ``title``} of the first notice."""
        data = base64.b64decode(self._notice().xlsx)
        cells = list(load_workbook(io.BytesIO(data)).active.iter_rows())
        head = next(n for n, row in enumerate(cells) if row[0].value == "Code")
        place = [cell.value for cell in cells[head]].index(title)
        return {row[0].value: row[place] for row in cells[head + 1 :]}

    def test_prices_of_the_workbook_are_aligned_and_lose_no_figure(self):
        self._load(("33", "123456789.12345678", None), ("35", "0.000123", None))
        told = self._told("Price per minute")
        self.assertEqual(told["33"].value, "123456789.12345678")
        self.assertEqual(told["44"].value, 0.01)
        self.assertEqual(told["44"].number_format, "0.00000000")

    def test_prices_have_as_many_decimals_as_the_longest(self):
        self._load(("35", "0.000123", None))
        told = self._told("Price per minute")
        formats = {cell.number_format for cell in told.values()}
        self.assertEqual(formats, {"0.000000"})

    def test_what_is_paid_to_him_says_yes(self):
        row = {"prefix": "33", "price_per_minute": "0.01", "payback": True}
        self.deck._load([row])
        told = self._told("Paid to you")
        self.assertEqual((told["33"].value, told["44"].value), ("yes", None))
