"""A text that leaves in a file is no formula, and comes back as what it was."""

import csv
import re
from io import StringIO

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..reader.values import clean, harmless, unmarked
from .attack_texts import FORMULAS, formula_of

BETWEEN = (";", ",", "\t", "\n", "\r\n", "; ", '; "', ',"', ";;", ";\t", "\t;", ";'")
_PIECES = st.sampled_from(
    ["=1+1", "+", "-", "@", "'", '"', ";", ",", "\t", "\n", "\r", " ", "5", "%", "x"]
)
_TEXTS = st.lists(_PIECES, max_size=12).map("".join)


@tagged("post_install", "-at_install")
class TestHarmless(BaseCase):
    def test_a_program_with_another_delimiter_than_the_file(self):
        """It takes quotes in the midst of its cell for text, and lines by their end."""
        for formula in FORMULAS:
            for between in BETWEEN:
                stream = StringIO()
                csv.writer(stream).writerow([harmless(f"x{between}{formula}")])
                lines = re.split(r"\r\n|\r|\n", stream.getvalue())
                for other in ",;\t":
                    cells = [c for line in lines for c in line.split(other)]
                    found = [c for c in cells if formula_of(c.lstrip(' "\t'))]
                    with self.subTest(text=formula, between=between, other=other):
                        self.assertFalse([c for c in found if not c.isspace()])

    def test_texts_with_commas_and_figures_stay(self):
        for text in ("Fee, -5%", "a, b; c", "Setup; +3", "x\ty", "e-mail; a@b.example"):
            with self.subTest(text=text):
                self.assertEqual(harmless(text), text)

    @settings(max_examples=500, deadline=None)
    @given(_TEXTS)
    @example("x;=1+1")
    @example("x;'=1+1")
    @example("x;\t=1")
    @example("'x\n'=1")
    def test_the_same_comes_back_from_a_csv_and_from_a_workbook(self, text):
        kept = clean(text)
        self.assertEqual(clean(harmless(kept)), kept)
        self.assertEqual(clean(unmarked(kept)), kept)
