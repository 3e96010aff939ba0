import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine.supposed import Figures, Lines
from ..engine.swapped import find_swapped


@tagged("post_install", "-at_install")
class TestSwapped(BaseCase):
    def _find(self, theirs, ours, calls=None, our_calls=None, minutes=None):
        size = len(theirs)
        known = [5] * size
        lines = Lines.of(np.array(theirs), calls, minutes)
        figures = Figures(
            np.array(our_calls or known), np.array(known) * 60, np.array(ours)
        )
        tolerance = np.full(size, 1)
        return find_swapped(lines, figures, tolerance, np.ones(size, bool))

    def test_two_lines_with_each_others_figures_are_found(self):
        found = self._find([200, 100, 7], [100, 201, 9], [8, 5, 5], [5, 8, 5])
        self.assertEqual(found, {0: (1, 100), 1: (0, -101)})

    def test_amounts_alone_prove_nothing(self):
        theirs, ours = [200, 100], [100, 200]
        self.assertEqual(self._find(theirs, ours), {})
        self.assertEqual(self._find(theirs, ours, [1, 2], [5, 8]), {})
        self.assertEqual(self._find(theirs, ours, [5, 0], [0, 5]), {})
        minutes = [300_000, 300_000]
        self.assertEqual(len(self._find(theirs, ours, minutes=minutes)), 2)

    def test_of_three_alike_nobody_says_which(self):
        self.assertEqual(self._find([200, 100, 100], [100, 200, 200], [5] * 3), {})

    def test_a_hundred_thousand_lines_need_no_square_of_them(self):
        size = 100_000
        amounts = np.arange(size) * 10
        theirs = amounts.copy()
        theirs[[3, 70_000]] = amounts[[70_000, 3]]
        theirs[1000:] += 5
        theirs[70_000] -= 5
        found = self._find(theirs, amounts, [5] * size)
        self.assertEqual(set(found), {3, 70_000})
        alike = np.ones(size, np.int64)
        self.assertEqual(self._find(alike, alike, [5] * size), {})
