"""Cells of rate sheets as carriers write them."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_billing_base.reader.values import BadCell

from ..sheets.cells import codes, increments, nanp_codes, price
from .test_engine_common import PROPERTY


@tagged("post_install", "-at_install", "voip_engine")
class TestSheetCells(BaseCase):
    def test_a_cell_names_one_or_many_codes(self):
        for cell, expected in (
            ("44", ["44"]),
            ("+44", ["44"]),
            ("0044", ["44"]),
            ("'44", ["44"]),
            ("44 7700", ["447700"]),
            (Decimal(44), ["44"]),
            ("44.0", ["44"]),
            ("441-443", ["441", "442", "443"]),
            ("441-443, 4470", ["441", "442", "443", "4470"]),
            ("4470-72;4480", ["4470", "4471", "4472", "4480"]),
            ("4470-1", ["4470", "4471"]),
            ("4470 – 4471", ["4470", "4471"]),
            ("44, 44", ["44"]),
            ("1-264", ["1264"]),
            ("1 264", ["1264"]),
            ("7-495", ["7495"]),
            ("44-1624", ["441624"]),
            ("1199-1201", ["1199", "1200", "1201"]),
            ("4.47700900123E+11", ["447700900123"]),
            ("4,4E+1", ["44"]),
        ):
            with self.subTest(cell=cell):
                self.assertEqual(codes(cell), expected)

    def test_an_area_code_stands_behind_its_country(self):
        self.assertEqual(codes("44", "20, 161"), ["4420", "44161"])
        self.assertEqual(codes("39", "06"), ["3906"])
        self.assertEqual(codes("44", Decimal(20)), ["4420"])
        self.assertEqual(codes("44", "7-9"), ["447", "448", "449"])
        self.assertEqual(codes("44", ""), ["44"])

    def test_a_code_of_north_america_needs_no_country_code(self):
        for cell in ("201555", "1201555", "+1201555", "201-555", "1-201-555",
                     "201 555", "201555.0", Decimal(201555), "201555, 1201555"):
            with self.subTest(cell=cell):
                self.assertEqual(nanp_codes(cell), ["1201555"])
        self.assertEqual(nanp_codes("201, 2015550123"), ["1201", "12015550123"])
        most = ",".join(str(number) for number in range(200_000, 201_001))
        for cell in ("44", "112200", "110155", "2.01E+5", "201/555", "201-555-01x",
                     "201555-201559", Decimal("201.5"), "20155501234", "٢٠١", most):
            with self.subTest(cell=cell), self.assertRaises(BadCell):
                nanp_codes(cell)

    def test_what_is_no_certain_code_is_refused(self):
        for cell in (
            "",
            "abc",
            "0",
            "044",
            "011 44",
            "4.47E+11",
            "44-",
            "44-4",
            "4470-0",
            "100000-4499999",
            "4400-9999999",
            "1000000-2000000",
            "1" * 16,
            "44.5",
            Decimal("44.5"),
            Decimal(-44),
            "٤٤",
            "44/45",
        ):
            with self.subTest(cell=cell), self.assertRaises(BadCell):
                codes(cell)

    def test_a_cell_with_two_readings_is_refused(self):
        for cell, words in (
            # A number with spaces, or codes with spaces between them?
            ("44 20 7946", "with commas"),
            ("1 809 829 849", "with commas"),
            ("447400 447401", "with commas"),
            # Munich, or 41 codes of Europe and Asia?
            ("49-89", "countries"),
            ("44-77", "countries"),
            ("1-2", "countries"),
            ("9-10", "differ in length"),
            ("447-4479", "differ in length"),
        ):
            with self.subTest(cell=cell), self.assertRaisesRegex(BadCell, words):
                codes(cell)

    @PROPERTY
    @given(st.text(max_size=40))
    def test_any_text_is_codes_or_refused(self, text):
        try:
            found = codes(text)
        except BadCell as error:
            self.assertTrue(str(error))
        else:
            self.assertTrue(all(c.isascii() and c.isdigit() for c in found))

    @PROPERTY
    @given(st.integers(1, 10**10), st.integers(0, 99))
    def test_a_range_is_all_codes_between_its_ends(self, first, more):
        last = first + more
        if first < last and len(str(first)) == len(str(last)):
            expected = [f"44{code}" for code in range(first, last + 1)]
            self.assertEqual(codes(f"44{first}-44{last}"), expected)

    def test_increments_in_their_usual_forms(self):
        for cell, expected in (
            ("30/6", (30, 6)),
            ("60", (60, 60)),
            ("1+1", (1, 1)),
            ("60-1", (60, 1)),
            ("30 / 6 sec", (30, 6)),
            ("30/30/6", (30, 6)),
            ("0/1/1", (1, 1)),
            (Decimal(60), (60, 60)),
        ):
            with self.subTest(cell=cell):
                self.assertEqual(increments(cell), expected)
        for cell in ("", "0", "0/1", "a/b", "1/2/3", "5000/1", "1.5"):
            with self.subTest(cell=cell), self.assertRaises(BadCell):
                increments(cell)

    def test_words_for_a_blocked_price(self):
        self.assertEqual(price("-1", "."), (0, True))
        self.assertEqual(price("Blocked", "."), (0, True))
        self.assertEqual(price("0,070", ","), (Decimal("0.070"), False))
        for cell in ("0,070", "-0.5", "free", ""):
            with self.subTest(cell=cell), self.assertRaises(BadCell):
                price(cell, ".")
