from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..invoices.figures import exact, is_within, percent, printed_slack, spread, text


@tagged("post_install", "-at_install")
class TestFigures(BaseCase):
    def test_floats_are_read_as_they_print(self):
        for value in (0.1, 0.07, 1e-8, 123456789.12345678, -0.3):
            self.assertEqual(
                exact(value), Decimal(repr(value)).quantize(Decimal("1e-8"))
            )
        self.assertEqual(text(exact(0.1) + exact(0.2)), "0.30")
        self.assertEqual(text(Decimal("-12.3456")), "-12.3456")

    def test_printed_figures_are_off_by_half_of_their_last_decimal(self):
        self.assertEqual(printed_slack(0, 2, 2), Decimal("0.005"))
        self.assertEqual(printed_slack(500, 2, 2), Decimal("2.505"))
        self.assertEqual(printed_slack(10, 4, 2), Decimal("0.0055"))

    def test_rounded_parts_come_to_the_rounded_sum(self):
        for amounts in (
            ["0.005"] * 7,
            ["0.333", "0.333", "0.334"],
            ["-0.004", "0.009", "12.3456"],
            [],
        ):
            parts = [Decimal(amount) for amount in amounts]
            found = spread(parts, 2)
            total = sum(parts, Decimal(0)).quantize(Decimal("0.01"), "ROUND_HALF_UP")
            self.assertEqual(sum(found, Decimal(0)), total)
            for part, rounded in zip(parts, found, strict=True):
                self.assertLess(abs(part - rounded), Decimal("0.01"))

    def test_the_larger_of_two_tolerances_counts(self):
        one, hundred = Decimal(1), Decimal(100)
        self.assertTrue(is_within(one, hundred, Decimal(1), Decimal(0)))
        self.assertFalse(is_within(one, hundred, Decimal("0.99"), Decimal(0)))
        self.assertTrue(is_within(-one, hundred, Decimal(0), one))
        self.assertFalse(is_within(one, Decimal(0), Decimal(50), Decimal(0)))
        self.assertEqual(percent(Decimal(0), Decimal(0)), 0)
