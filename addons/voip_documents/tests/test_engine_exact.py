"""Numbers of documents: exact text in, exact text out."""

from odoo.tests import BaseCase, tagged

from ..engine import epc, exact
from ..engine.faults import Fault
from ..engine.liquid_text import render

GERMAN = {
    "decimal_point": ",",
    "thousands_sep": ".",
    "grouping": [3, 0],
    "date": "%d.%m.%Y",
    "currency": {"name": "EUR", "symbol": "€", "before": False, "decimals": 2},
}
INDIAN = {
    **exact.PLAIN,
    "thousands_sep": ",",
    "grouping": [3, 2, 0],
    "currency": {"name": "INR", "symbol": "₹", "before": True, "decimals": 2},
}


@tagged("post_install", "-at_install")
class TestExact(BaseCase):
    def test_amounts_read_as_their_language_writes_them(self):
        for layout, value, text in (
            (GERMAN, "1234567.895", "1.234.567,90\u00a0€"),
            (GERMAN, "-0.005", "−0,01\u00a0€"),
            (GERMAN, "-0.004", "0,00\u00a0€"),
            (GERMAN, "99999999999999999999.99", "99.999.999.999.999.999.999,99\u00a0€"),
            (INDIAN, "12345678.5", "₹\u00a01,23,45,678.50"),
            (exact.PLAIN, "1234.5", "1234.50"),
        ):
            with self.subTest(value=value):
                self.assertEqual(exact.money_text(value, layout), text)

    def test_rates_have_the_decimals_that_they_have(self):
        for value, text in (
            ("0.0085", "0,0085"),
            ("0.08975000", "0,08975"),
            ("2.35", "2,3500"),
            ("0.00000001", "0,00000001"),
        ):
            with self.subTest(value=value):
                self.assertEqual(exact.rate_text(value, GERMAN), text)

    def test_what_is_no_exact_number_is_refused(self):
        for value in ("NaN", "inf", "1e99", "x", "", None, True, 1.5, "0x10"):
            with self.subTest(value=value), self.assertRaises(ValueError):
                exact.number(value)

    def test_seconds_read_as_minutes(self):
        for seconds, text in ((0, "0:00"), (61, "1:01"), (-3599, "−59:59")):
            self.assertEqual(exact.minutes_text(seconds), text)

    def test_days_are_written_by_formats_that_exist(self):
        for pattern, text in (
            ("%d.%m.%Y", "31.01.2026"),
            ("%-d %B %Y", "31 January 2026"),
            ("100 %% %y", "100 % 26"),
            ("", ""),
        ):
            self.assertEqual(exact.date_text("2026-01-31", pattern), text)
        for pattern in ("%Q", "%d.%m.%", "%d %Q %%", "%"):
            with (
                self.subTest(pattern=pattern),
                self.assertRaisesRegex(ValueError, "no date format"),
            ):
                exact.date_text("2026-01-31", pattern)

    def test_filters_count_exactly(self):
        """Liquid's own turn what they do not know into 0."""
        for source, text in (
            ("{{ '0.1' | plus: '0.2' }}", "0.3"),
            ("{{ '1.2345' | times: 2 }}", "2.4690"),
            ("{{ '10' | divided_by: '3' }}", "3.33333333"),
            ("{{ '2.5' | round }}", "3"),
            ("{{ '-7.10' | abs }}", "7.10"),
            ("{{ rows | sum: 'a' }}", "0.3"),
            ("{{ '1234.5' | money }}", "1.234,50\u00a0€"),
            ("{{ '0.0123' | rate }}", "0,0123"),
            ("{{ 3661 | minutes }}", "61:01"),
            ("{{ '2026-01-31' | date }}", "31.01.2026"),
            ("{{ '2026-01-31' | date: '%Y/%m' }}", "2026/01"),
            ("{{ '1234.56' | number: 1 }}", "1.234,6"),
        ):
            with self.subTest(source=source):
                data = {"format": GERMAN, "rows": [{"a": "0.1"}, {"a": "0.2"}]}
                self.assertEqual(render(source, data), text)

    def test_wrong_input_of_a_filter_is_named_with_its_line(self):
        for source in (
            "\n\n{{ 'x' | money }}",
            "\n\n{{ 'x' | date }}",
            "\n\n{{ '1' | divided_by: '0' }}",
            "\n\n{{ '1' | number: 99 }}",
            "\n\n{{ 'now' | date }}",
        ):
            with self.subTest(source=source), self.assertRaises(Fault) as refused:
                render(source, {})
            self.assertEqual(refused.exception.line, 3)

    def test_what_is_no_date_is_told_in_words(self):
        for value in ("67.66", "2026-02-30", "2026-01-31T25:00"):
            with (
                self.subTest(value=value),
                self.assertRaisesRegex(ValueError, f"'{value}' is no date"),
            ):
                exact.date_text(value, "%d.%m.%Y")

    def test_an_epc_code_is_made_where_the_standard_applies(self):
        good = ("Voice GmbH", "DE89 3704 0044 0532 0130 00", "COBADEFFXXX", "EUR")
        made = epc.payload(*good, "12.30", "INV/1")
        self.assertEqual(
            made.split("\n"),
            ["BCD", "002", "1", "SCT", "COBADEFFXXX", "Voice GmbH",
             "DE89370400440532013000", "EUR12.30", "", "", "INV/1"],
        )
        for change in (
            {"currency": "USD"},
            {"iban": "DE89370400440532013001"},
            {"iban": "SA0380000000608010167519"},
            {"iban": ""},
            {"amount": "0.00"},
            {"amount": "1000000000.00"},
            {"holder": ""},
        ):
            values = dict(
                zip(("holder", "iban", "bic", "currency"), good, strict=True),
                amount="12.30",
                text="x",
            )
            with self.subTest(change=change):
                self.assertEqual(epc.payload(**{**values, **change}), "")

    def test_text_cannot_add_lines_to_an_epc_code(self):
        holder = "A\nB" * 60
        lines = epc.payload(
            holder, "DE89370400440532013000", "", "EUR", "1.00", "x\ny" * 99
        ).split("\n")
        self.assertEqual(len(lines), 11)
        self.assertLessEqual(len(lines[5]), 70)
        self.assertLessEqual(len(lines[10]), 140)
