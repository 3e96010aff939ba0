from datetime import datetime
from decimal import Decimal

import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_rating import engine

from .test_engine_values import POISON

money, numbers, parse, times = engine.money, engine.numbers, engine.parse, engine.times
RULES = engine.NumberRules()

# Of all the poison only these are accepted, with their results.
NUMBERS = (
    (2147483647, "2147483647"), (2147483648, "2147483648"), (4294967296, "4294967296"),
    ("2147483648", "2147483648"), ("4294967296", "4294967296"), ("360000", "360000"),
    ("360000.0004", "3600000004"), ("360000.0005", "3600000005"), ("360001", "360001"),
    ("360000000", "360000000"), ("360000001", "360000001"), ("10000", "10000"),
    ("9999.99999999", "999999999999"), ("9999.999999999", "9999999999999"), ("+1", "1"),
    ("1", "1"), ("007", "7"), ("1.2.3", "123"), ("1-2", "12"), ("1 000", "1000"),
    ("(1)", "1"), ("441-449", "441449"), ("44 1-9", "4419"), (" 1", "1"), ("1 ", "1"),
    ("  1  ", "1"), ("1 2", "12"), ("1" + " " * 100, "1"), ("<447900>", "447900"),
    ("sip:447900@host", "447900"), ("tel:447900", "447900"), ("TEL:+44-79", "4479"),
    ("+447900", "447900"), ("447900", "447900"), ("00447900", "447900"),
    ("2024-03-01", "20240301"), ("1709288430", "1709288430"),
    ("1709288430000", "1709288430000"),
    ("631152000", "631152000"), ("631151999", "631151999"),
    (1709288430, "1709288430"), (1709288430000, "1709288430000"),
)  # fmt: skip
TIMES = (
    (2147483647, 2147483647000000), (2147483648, 2147483648000000),
    ("2147483648", 2147483648000000), ("2024-03-01 10:20:30", 1709288430000000),
    ("2024-03-01T10:20:30Z", 1709288430000000),
    ("2024-02-29 00:00:00", 1709164800000000),
    ("2024-03-01 10:20:30-15:00", 1709342430000000), ("1709288430", 1709288430000000),
    ("1709288430.5", 1709288430500000), ("631152000", 631152000000000),
    ("4102444799", 4102444799000000), (1709288430, 1709288430000000),
    (1709288430.5, 1709288430500000), (datetime(2024, 3, 1, 10), 1709287200000000),
)  # fmt: skip
PRICES = (
    (Decimal("-0"), 0), (Decimal("0E+999999"), 0), (Decimal("0E-999999"), 0),
    ("1.000000000000000000000000000000000000000", 100000000),
    ("360000", 36000000000000), ("360000.0004", 36000000040000),
    ("360000.0005", 36000000050000), ("360001", 36000100000000),
    ("360000000", 36000000000000000), ("360000001", 36000000100000000),
    ("10000", 1000000000000), ("9999.99999999", 999999999999), ("0.00000001", 1),
    ("0.000000010", 1), (9999.99999999, 999999999999), (0.1, 10000000), (1e-07, 10),
    (123456789.125, 12345678912500000), ("0", 0), ("00", 0), ("000", 0), ("-0", 0),
    ("+0", 0), ("0.0", 0), ("-0.0", 0), (".0", 0), (0, 0), (-0.0, 0), (0.0, 0),
    ("+1", 100000000), ("1", 100000000), ("01", 100000000), ("007", 700000000),
    (".5", 50000000), ("+.5", 50000000), (" 1", 100000000), ("1 ", 100000000),
    ("  1  ", 100000000), (" " * 400 + "1", 100000000), ("1" + " " * 100, 100000000),
    ("+447900", 44790000000000), ("447900", 44790000000000),
    ("00447900", 44790000000000), ("631152000", 63115200000000000),
    ("631151999", 63115199900000000), (45352.43, 4535243000000),
)  # fmt: skip
INTEGERS = (
    (Decimal("-0"), 0), (Decimal("0E+999999"), 0), (Decimal("0E-999999"), 0),
    (2147483647, 2147483647), (2147483648, 2147483648), (4294967296, 4294967296),
    (9007199254740992, 9007199254740992), (9007199254740993, 9007199254740993),
    (9223372036854775807, 9223372036854775807),
    (-9223372036854775808, -9223372036854775808), (1000000000000000, 1000000000000000),
    (1000000000000000000, 1000000000000000000), ("2147483648", 2147483648),
    ("4294967296", 4294967296), ("9007199254740993", 9007199254740993),
    ("9223372036854775807", 9223372036854775807),
    ("-9223372036854775808", -9223372036854775808), ("360000", 360000),
    ("360001", 360001), ("360000000", 360000000), ("360000001", 360000001),
    ("10000", 10000), ("0", 0), ("00", 0), ("000", 0), ("-0", 0), ("+0", 0), (0, 0),
    (-0.0, 0), (0.0, 0), ("-1", -1), ("+1", 1), ("1", 1), ("01", 1), ("007", 7),
    (" 1", 1), ("1 ", 1), ("  1  ", 1), (" " * 400 + "1", 1), ("1" + " " * 100, 1),
    ("+447900", 447900), ("447900", 447900), ("00447900", 447900),
    ("1709288430", 1709288430), ("1709288430000", 1709288430000),
    ("1709288430000000", 1709288430000000), ("631152000", 631152000),
    ("631151999", 631151999), ("4102444799", 4102444799), ("4102444800", 4102444800),
    (1709288430, 1709288430), (1709288430000, 1709288430000),
    (-1709288430, -1709288430),
)  # fmt: skip
BOOLEANS = (
    ("0", False), (0, False), ("1", True), (" 1", True), ("1 ", True), ("  1  ", True),
    (" " * 400 + "1", True), ("1" + " " * 100, True), (True, True), (False, False),
    ("True", True), ("true", True), ("TRUE", True), ("False", False), ("yes", True),
    ("Yes", True), ("no", False), ("NO", False), ("y", True), ("n", False), ("t", True),
    ("f", False),
)  # fmt: skip
DURATIONS = (
    (Decimal("-0"), 0), (Decimal("0E+999999"), 0), (Decimal("0E-999999"), 0),
    ("0.0000000000000000000000000000000000000001", 0),
    ("1.000000000000000000000000000000000000000", 1000), ("360000", 360000000),
    ("360000.0004", 360000000), ("10000", 10000000), ("9999.99999999", 10000000),
    ("9999.999999999", 10000000), ("0.00000001", 0), ("0.000000001", 0),
    ("0.000000010", 0), (9999.99999999, 10000000), (0.1, 100),
    (0.30000000000000004, 300), (1e-07, 0), (1e-09, 0), ("0", 0), ("00", 0), ("000", 0),
    ("-0", 0), ("+0", 0), ("0.0", 0), ("-0.0", 0), (".0", 0), (0, 0), (-0.0, 0),
    (0.0, 0), ("+1", 1000), ("1", 1000), ("01", 1000), ("007", 7000), (".5", 500),
    ("+.5", 500), (" 1", 1000), ("1 ", 1000), ("  1  ", 1000), (" " * 400 + "1", 1000),
    ("1" + " " * 100, 1000), (45352.43, 45352430),
)  # fmt: skip
PARSERS = (
    ("number", lambda value: numbers.normalise(value, RULES), NUMBERS),
    ("time", times.parse_time, TIMES),
    ("price", money.to_scaled, PRICES),
    ("integer", parse.parse_int, INTEGERS),
    ("boolean", parse.parse_bool, BOOLEANS),
    ("duration", parse.parse_duration_ms, DURATIONS),
)


@tagged("post_install", "-at_install", "voip_engine")
class TestEnginePoison(BaseCase):
    def _results(self, parser):
        """Return the accepted values; a refusal must be one with a reason."""
        accepted = []
        for value in POISON:
            try:
                accepted.append((value, parser(value)))
            except parse.BadValue as error:
                reason = str(error)
                self.assertTrue(reason.isprintable(), ascii(reason))
                self.assertTrue(3 < len(reason) < 500, ascii(reason))
                reason.encode()
        return accepted

    def test_there_is_enough_of_it(self):
        self.assertGreaterEqual(len({parse.quote(value, 90) for value in POISON}), 300)

    def test_only_what_is_meant_is_accepted(self):
        for name, parser, expected in PARSERS:
            with self.subTest(parser=name):
                results = self._results(parser)
                self.assertEqual(list(map(repr, results)), list(map(repr, expected)))

    def test_decimals_are_exact_and_bounded(self):
        for value, result in self._results(parse.parse_decimal):
            with self.subTest(value=parse.quote(value)):
                self.assertIsInstance(result, Decimal)
                self.assertTrue(result.is_finite())
                self.assertLess(abs(result), 10**40)
                self.assertEqual(result, Decimal(str(value)))
                self.assertFalse(result.is_signed() and not result)

    def test_durations_in_other_units(self):
        for unit, parts in (("s", 1), ("ms", 1000), ("us", 1_000_000)):
            with self.subTest(unit=unit):
                for _value, result in self._results(
                    lambda value, unit=unit: parse.parse_duration_ms(value, unit)
                ):
                    self.assertTrue(0 <= result <= parse.DURATION_LIMIT_MS)
                whole = 61 * parts
                self.assertEqual(parse.parse_duration_ms(whole, unit), 61_000)
                self.assertEqual(parse.parse_duration_ms(f"{whole}", unit), 61_000)
        self.assertEqual(parse.parse_duration_ms("0.0004"), 0)
        self.assertEqual(parse.parse_duration_ms("0.0005"), 1)
        self.assertEqual(parse.parse_duration_ms("1500", "us"), 2)

    def test_columns_of_poison_refuse_row_by_row(self):
        values = list(POISON)
        found, lengths, reasons = numbers.normalise_many(values, RULES)
        self.assertEqual(len(values) - len(reasons), len(NUMBERS))
        good = [str(number) for number in found[lengths > 0].tolist()]
        self.assertEqual(good, [result for _value, result in NUMBERS])
        moments, _later, ok, reasons = times.parse_times_many(values)
        self.assertEqual(np.flatnonzero(~ok).tolist(), sorted(reasons))
        self.assertEqual(moments[ok].tolist(), [result for _value, result in TIMES])

    def test_quoted_values_are_safe_to_print(self):
        for value in POISON:
            shown = parse.quote(value)
            self.assertTrue(shown.isprintable(), ascii(shown))
            self.assertLess(len(shown), 450)
            shown.encode()
