"""What a preview read of a large sheet is applied without reading it again."""

from datetime import datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import DivisionByZero

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_billing_base.reader.values import number

from ..imports import plain, result, work
from ..imports.lines import SheetReader
from ..imports.reading import Reading
from .import_common import NOW, ImportCommon, sheet

HEADER = "Code;Destination;Price per minute;Effective date;Status"
ROWS = (
    "44;UK;0.0123;;",
    '33;"Île; ""de\\France";0.0201;2026-12-01;',
    "446;UK special;;;closed",
    "x;Nowhere;0.1;;",
    "447;UK mobile;0.05;;",
)


@tagged("post_install", "-at_install")
class TestRateSheetReading(ImportCommon):
    def setUp(self):
        super().setUp()
        self.patch(work, "LEAST_ROWS", 0)

    def _read_again(self, found):
        """Apply a sheet; whether its file was read."""
        with patch.object(work.Work, "_read", autospec=True, side_effect=work.Work._read
                          ) as read:
            found.action_apply()
        return bool(read.call_count)

    def _values(self, deck):
        rates = self.env["voip.rate"].search([("deck_id", "=", deck.id)])
        names = ("prefix", "label", "price_per_minute", "effective_from")
        return [tuple(rate[name] for name in names) for rate in rates]

    def test_both_ways_give_the_same_rates(self):
        decks = [
            self._create_deck([{"prefix": "446", "price_per_minute": "0.03"}])
            for _ in range(2)
        ]
        for deck, kept in zip(decks, (True, False), strict=True):
            self.patch(work, "LEAST_ROWS", 0 if kept else 100)
            data = sheet(*ROWS, header=HEADER)
            found = self._preview(data, deck=deck, leave_faulty=True)
            self.assertEqual(bool(found.reading), kept)
            self.assertEqual(self._read_again(found), not kept)
            self.assertEqual((found.faulty_count, found.closed_count), (1, 1))
            self.assertFalse(found.reading)
        self.assertEqual(self._values(decks[0]), self._values(decks[1]))
        self.assertEqual(len(self._values(decks[0])), 4)

    def test_rows_without_a_date_begin_when_they_are_applied(self):
        found = self._preview(sheet("33;France;0.02;", "447;UK mobile;0.06;"))
        later = NOW + timedelta(minutes=90)
        with freeze_time(later):
            self.assertFalse(self._read_again(found))
        mine = [("deck_id", "=", self.deck.id)]
        new = self.env["voip.rate"].search([*mine, ("effective_from", ">=", NOW)])
        self.assertEqual(new.mapped("effective_from"), [later, later])

    def test_a_sheet_that_would_be_read_in_another_way_is_read_again(self):
        found = self._preview(sheet("33;France;0.02;"))
        self.deck.default_next_increment = 6
        self.assertTrue(self._read_again(found))
        rate = self.env["voip.rate"].search([("prefix", "=", "33")])
        self.assertEqual(rate.next_increment, 6)

    def test_a_preview_after_another_choice_is_of_the_new_reading(self):
        found = self._preview(sheet("33;France;0.02;2026-12-01"))
        found.write({"date_mode": "one", "date": "2026-11-01"})
        found.action_preview()
        self.assertFalse(self._read_again(found))
        rate = self.env["voip.rate"].search([("prefix", "=", "33")])
        self.assertEqual(rate.effective_from, datetime(2026, 11, 1))

    def test_small_sheets_are_not_kept(self):
        self.patch(work, "LEAST_ROWS", 2)
        self.assertFalse(self._preview(sheet("33;France;0.02;")).reading)
        self.assertTrue(
            self._preview(sheet("33;France;0.02;", "34;Spain;0.02;")).reading
        )

    def test_a_reading_of_another_mark_is_none(self):
        data = Reading("0\t33\n", "0\t2\tf\n").packing("one")()
        self.assertIsNone(Reading.unpack(data, "two"))
        self.assertEqual(Reading.unpack(data, "one").stage, "0\t33\n")

    def test_what_fails_beside_the_reading_fails_the_preview(self):
        self._preview(sheet("33;France;0.02;")).action_apply()
        with (
            patch.object(plain, "OPEN", "SELECT 1 / 0"),
            mute_logger("odoo.sql_db"),
            self.assertRaises(DivisionByZero),
            self.env.cr.savepoint(),
        ):
            self._import(sheet("33;France;0.03;"))._preview()

    def test_calls_that_make_a_row_faulty_after_the_preview_are_told(self):
        found = self._preview(
            sheet("44;UK;0.03;2026-10-01", "33;France;0.02;"), past="back"
        )
        self.assertEqual((found.faulty_count, found.new_count), (0, 1))
        found.leave_faulty = True
        found.action_preview()
        statement = result.BACKWARDS.replace("ends <= starts", "prefix = '44'")
        with patch.object(result, "USED", statement):
            found.action_apply()
        self.assertEqual((found.faulty_count, found.new_count), (1, 1))
        self.assertEqual(self._rows(found), [("44", "faulty"), ("33", "new")])

    def test_a_price_in_figures_is_what_the_exact_reader_takes(self):
        reader = SheetReader(None)
        for mark in (".", ","):
            reader.mark = mark
            for cell in ("0.07", "0,070", "1", "12.345678", "1.234,5", "1,234.5", "-1",
                         "007", "0.123456789", "1e3", " 1", "", "٣", "1234567890"):
                with self.subTest(cell=cell, mark=mark):
                    text = reader._figures(cell)
                    if text is not None:
                        self.assertEqual(Decimal(text), number(cell, mark))
