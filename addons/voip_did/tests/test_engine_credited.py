"""Months of which credit notes have given back some, by hand."""

from fractions import Fraction

from odoo.tests import BaseCase, tagged

from ..engine.credited import Month

THREE = 3 * 10**8


@tagged("post_install", "-at_install")
class TestEngineCredited(BaseCase):
    def _month(self, *parts):
        """A month of 3.00 on one line, of which these parts of 1 were credited."""
        month = Month()
        month.charge(THREE, THREE, "line")
        for part in parts:
            month.credit("line", Fraction(part))
        return month

    def test_half_a_month_is_given_back_at_what_is_left_of_it(self):
        for parts, given in (
            ((), 150_000_000),
            (("1/10",), 135_000_000),
            (("1/10", "1/9"), 120_000_000),
            (("1/3",), 100_000_000),
            (("1",), 0),
            (("1/2", "1"), 0),
        ):
            with self.subTest(parts=parts):
                self.assertEqual(self._month(*parts).difference(THREE // 2), -given)

    def test_all_of_it_is_never_more_than_is_left(self):
        for part in ("0", "1/7", "1/3", "6/7", "1"):
            month = self._month(part)
            self.assertEqual(-month.difference(0), int(month.net))

    def test_days_that_come_back_cost_what_they_were_given_back_at(self):
        month = self._month("1/10")
        month.charge(-135_000_000, THREE // 2, "later")
        self.assertEqual(month.difference(THREE), 135_000_000)
        self.assertEqual(month.difference(THREE + 7), 135_000_007)
        self.assertEqual(month.difference(0), -135_000_000)

    def test_a_credit_after_a_release_is_of_what_was_left(self):
        month = self._month()
        month.charge(-THREE // 2, THREE // 2, "later")
        month.credit("line", Fraction(1))
        self.assertEqual(month.net, 0)
        self.assertEqual(month.difference(0), 0)
        self.assertEqual(month.difference(THREE), THREE // 2)

    def test_a_dearer_month_pays_the_difference_whatever_was_credited(self):
        self.assertEqual(self._month("1").difference(4 * 10**8), 10**8)

    def test_a_charge_that_is_credited_by_itself_gives_back_nothing(self):
        month = self._month()
        month.take("line", THREE)
        self.assertEqual(month.difference(THREE // 2), 0)

    def test_charges_before_prices_were_kept_are_what_the_month_comes_to(self):
        month = Month()
        month.charge(THREE, None, "line")
        month.charge(-THREE // 2, None, None)
        self.assertEqual((month.price, month.net), (THREE // 2, THREE // 2))

    def _released(self):
        """Half of it is given back on a line of its own."""
        month = self._month()
        month.charge(-THREE // 2, THREE // 2, "later")
        return month

    def test_days_given_back_that_are_credited_are_paid_until_they_come_again(self):
        month = self._released()
        month.credit("later", Fraction(1))
        # A day less is given back by itself; the days that were credited are not.
        self.assertEqual(month.difference(THREE // 2 - 31), -31)
        self.assertEqual(month.difference(THREE), 0)
        month.charge(0, THREE, "again")
        self.assertEqual(month.net, THREE)
        self.assertEqual(month.difference(THREE // 2), -THREE // 2)
        self.assertEqual(month.difference(0), -THREE)

    def test_a_part_of_days_given_back_that_is_credited_is_that_part_of_them(self):
        month = self._released()
        month.credit("later", Fraction(1, 3))
        self.assertEqual(month.undone["line"], THREE // 3)
        self.assertEqual(month.difference(THREE), THREE // 3)
        month.charge(THREE // 3, THREE, "again")
        self.assertEqual((month.net, month.difference(0)), (THREE, -THREE))
        # What was charged again is no more to be credited of what was given back.
        self.assertEqual(month.undone["later"], -THREE // 3)

    def test_a_release_that_is_credited_by_itself_is_credited(self):
        month = self._released()
        month.take("later", -THREE // 2)
        self.assertEqual(month.undone["line"], 0)
        self.assertEqual(month.difference(THREE), 0)

    def test_days_that_come_again_on_the_line_that_gave_them_back_are_less_of_it(self):
        month = self._released()
        month.charge(THREE // 6, THREE * 2 // 3, "later")
        self.assertEqual(month.nets["line"], THREE * 2 // 3)
        month.credit("later", Fraction(1))
        self.assertEqual((month.undone["line"], month.difference(THREE)), (0, 0))

    def test_what_is_given_back_on_its_own_line_is_no_part_of_a_credit(self):
        month = self._month()
        month.charge(-THREE // 2, THREE // 2, "line")
        month.credit("line", Fraction(1, 3))
        self.assertEqual(month.net, THREE // 3)
        self.assertEqual(month.difference(THREE), THREE // 2)
        self.assertFalse(month.undone)

    def test_days_that_were_credited_before_and_after_are_what_was_left_of_them(self):
        month = self._month("1/10")
        month.charge(-135_000_000, THREE // 2, "later")
        month.credit("later", Fraction(1))
        month.credit("line", Fraction(1, 2))
        self.assertEqual(month.difference(THREE), 0)
        month.charge(0, THREE, "again")
        self.assertEqual(month.difference(0), -135_000_000)
