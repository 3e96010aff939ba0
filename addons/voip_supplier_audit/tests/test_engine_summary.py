import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_supplier_audit.engine import explain, summary


def ints(*values):
    return np.array(values, np.int64)


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestSummary(BaseCase):
    def test_rows_of_one_key_are_summed(self):
        found = summary.totals(
            ints(7, 3, 7), ints(1, 2, 3), ints(10, 20, 30), ints(5, 6, 7)
        )
        self.assertEqual(found.key.tolist(), [3, 7])
        self.assertEqual(found.calls.tolist(), [2, 4])
        self.assertEqual(found.seconds_ms.tolist(), [20, 40])
        self.assertEqual(found.amount.tolist(), [6, 12])

    def test_both_sides_and_what_one_lacks(self):
        ours = summary.totals(ints(1, 2), ints(1, 1), ints(9, 9), ints(1000, 1000))
        theirs = summary.totals(ints(2, 3), ints(1, 1), ints(9, 9), ints(1060, 50))
        found = summary.compare(ours, theirs, percent_ppm=50_000, absolute=55)
        self.assertEqual(found.difference.tolist(), [-1000, 60, 50])
        self.assertEqual(found.ppm.tolist(), [-1_000_000, 60_000, 1_000_000])
        self.assertEqual(found.over.tolist(), [True, True, False])
        self.assertEqual(found.here.tolist(), [True, True, False])
        self.assertEqual(found.there.tolist(), [False, True, True])

    def test_large_amounts_keep_their_share(self):
        huge = summary.totals(ints(1), ints(1), ints(1), ints(9 * 10**18))
        more = summary.totals(ints(1), ints(1), ints(1), ints(9 * 10**18 + 9 * 10**14))
        self.assertEqual(summary.compare(huge, more).ppm.tolist(), [100])

    def test_small_differences_that_repeat(self):
        base = np.full((3, 3), 1_000_000, np.int64)
        differences = np.array([[500, -500, 500], [400, 400, 5], [300, 300, 300]])
        found = summary.repeated(differences, 3, 100, base)
        self.assertEqual(found.tolist(), [True, False, False])
        self.assertFalse(summary.repeated(differences, 4, 100, base).any())

    def test_a_total_may_be_off_by_half_a_unit_a_line(self):
        lines = [100, 200, 300]
        self.assertEqual(summary.sum_difference(lines, 601, 1), (1, True))
        self.assertEqual(summary.sum_difference(lines, 602, 1), (2, False))
        self.assertEqual(summary.sum_difference([], 0, 1), (0, True))

    def test_share_that_is_explained(self):
        self.assertEqual(explain.explained_tenths(1000, 16), 984)
        self.assertEqual(explain.explained_tenths(-1000, 1), 999)
        self.assertEqual(explain.explained_tenths(0, 0), 1000)
        self.assertEqual(explain.explained_tenths(0, 5), 0)
        self.assertEqual(explain.explained_tenths(10, 50), 0)

    def test_zones_as_people_write_them(self):
        hour = 3_600_000_000
        self.assertEqual(explain.zone_text(2 * hour), "+2")
        self.assertEqual(explain.zone_text(-5 * hour), "-5")
        self.assertEqual(explain.zone_text(11 * hour // 2), "+5:30")
