"""What a preview read of a large sheet is applied without reading it again."""

import zlib
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import DivisionByZero

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_billing_base.reader.values import number

from ..imports import plain, result, work
from ..imports.lines import SheetReader
from ..imports.reading import Part, Reading
from .import_common import NOW, ImportCommon, sheet

HEADER = "Code;Destination;Price per minute;Effective date;Status"
ROWS = (
    "44;UK;0.0123;;",
    '33;"Île; ""de\\France";0.0201;2026-12-01;',
    "446;UK special;;;closed",
    "x;Nowhere;0.1;;",
    "447;UK mobile;0.05;;",
)
# Rows that repeat 41 to 47, and others that take that back for some of them.
TWICE = (
    "41;;0.01;;",
    "42;;0.02;2026-03-01;",
    "43;;0.03;;",
    "44;;0.04;;",
    "45;;0.05;2026-04-01;",
    "46;;0.07;;",
    "43;;0.03;;",
    "44;;0.09;2026-05-01;",
    "45;;;2026-06-01;closed",
    "41;;0.01;2026-02-01;",
    "47;;0.07;2026-05-01;",
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
        parts = [Part("0\t33\n", "0\t2\tf\n"), Part("1\t34\n", "1\t3\tf\n", 1)]
        data = Reading(parts).packing("one")()
        self.assertIsNone(Reading.unpack(data, "two"))
        kept = Reading.unpack(data, "one")
        self.assertEqual(kept.parts, [Part("0\t33\n1\t34\n", "0\t2\tf\n1\t3\tf\n")])
        self.assertEqual(kept.count(), 2)

    def test_a_reading_that_is_not_as_it_was_kept_is_read_again(self):
        def another(data):
            return zlib.compress(zlib.decompress(data).replace(b"0.02", b"0.01"))

        for change in (another, lambda data: data[:-9]):
            found = self._preview(sheet("33;France;0.02;"), deck=self._create_deck())
            mine = [("res_model", "=", found._name), ("res_field", "=", "reading")]
            files = self.env["ir.attachment"].sudo()
            file = files.search([*mine, ("res_id", "=", found.id)])
            file.raw = change(file.raw)
            found.invalidate_recordset()
            self.assertTrue(self._read_again(found))
            self.assertEqual(self._values(found.deck_id)[0][2], 0.02)

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

    def test_plain_rows_are_told_as_they_are_by_the_long_comparison(self):
        deck = self._create_deck(
            [
                {"prefix": code, "price_per_minute": f"0.0{code[-1]}"}
                for code in ("41", "42", "43", "44", "45", "46", "47", "48")
            ]
        )
        data = sheet(*TWICE, header=HEADER)
        names = (
            *("number", "prefix", "label", "price", "old_price", "status", "reason"),
            *("starts", "ends", "falls_to", "stated_from"),
        )
        self.patch(work, "PART_ROWS", 2)
        for mode, past, duplicates in product(
            ("partial", "full"), ("refuse", "now", "back"), ("refuse", "last")
        ):
            choice = {"mode": mode, "past": past, "duplicates": duplicates}
            told = []
            for short in (True, False):
                with patch.object(plain, "is_wanted", return_value=short):
                    found = self._preview(data, deck=deck, **choice)
                told.append(self._rows(found, *names))
                if short:
                    found.action_preview()
                    self.assertEqual(self._rows(found, *names), told[0])
            with self.subTest(**choice):
                self.assertEqual(*told)
                gone = [row[1] for row in told[0] if row[0] == 0]
                self.assertEqual(gone, ["48"] if mode == "full" else [])
