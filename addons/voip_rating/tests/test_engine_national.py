"""Numbers as countries write them: national zeros, ten digits, short codes, callers."""

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_rating import engine
from odoo.addons.voip_rating.engine import national
from odoo.addons.voip_rating.engine.number_rules import NANP_LRN

BadNumber = engine.numbers.BadNumber
Rules = engine.NumberRules
normalise = engine.numbers.normalise
normalise_many = engine.numbers.normalise_many

PLAIN = Rules()
UK = Rules(country_code="44", national_prefix="0", default_national=False)
US = Rules(country_code="1", national_prefix="1", default_national=True)


@tagged("post_install", "-at_install", "voip_engine")
class TestEngineNational(BaseCase):
    def test_other_rules_that_read_numbers_as_others_are_told(self):
        uk = {"country_code": "44", "national_prefix": "0"}
        for values, kind in (
            ({"country_code": "999", "national_prefix": "0"}, "country"),
            ({"country_code": "440"}, "country"),
            ({**uk, "international_prefixes": ("00", "011")}, "international"),
            ({**uk, "international_prefixes": ("0",)}, "international"),
            ({"add_prefix": "0"}, "added"),
            ({**uk, "min_digits": 7, "short_codes": (("999", "44999"),)}, "short_code"),
            ({"min_digits": 7, "short_codes": (("911", "999911"),)}, None),
            ({"min_digits": 7, "short_codes": (("911", "91"),)}, "short_code"),
            ({**uk, "min_digits": 3}, "short"),
            ({**uk, "area_code": "1234", "local_length": 6}, "local"),
            ({**uk, "international_prefixes": ("00",), "min_digits": 7}, None),
            ({"country_code": "81", "national_prefix": "0",
              "international_prefixes": ("010",)}, None),
            ({"country_code": "61", "national_prefix": "0",
              "international_prefixes": ("0011",)}, None),
            ({"country_code": "1", "national_prefix": "1", "min_digits": 7}, None),
        ):
            with self.subTest(values):
                found = national.contradiction(Rules(**values))
                self.assertEqual(found and found[0], kind)

    def test_a_national_0_after_a_country_code_is_refused(self):
        for raw in (
            "+44(07700)900123", "44 (07700) 900 123", "+44 07700 900123",
            "004407700900123", "+44(020)71838750", "+4407700900123", "4407700900123",
            "+44(0)7700900123", "+353 01 234 5678", "sip:+4407700900123@x",
        ):
            with self.subTest(raw), self.assertRaises(BadNumber):
                normalise(raw, UK)
            _numbers, lengths, reasons = normalise_many([raw], PLAIN)
            self.assertEqual((lengths[0], list(reasons)), (0, [0]))
        for raw, expected in (
            ("+39 (06) 1234567", "39061234567"),
            ("+39061234567", "39061234567"),
            ("+2250707123456", "2250707123456"),
            ("(020) 7183 8750", "442071838750"),
            ("+4420 0000 0000", "442000000000"),
        ):
            with self.subTest(raw):
                self.assertEqual(normalise(raw, UK), expected)

    def test_a_trunk_of_country_1_reads_10_digits_as_american(self):
        prefixed = Rules(country_code="1", national_prefix="1")
        bare = Rules(country_code="1", default_national=True)
        for raw in ("3125551212", "13125551212", "+13125551212", "312-555-1212"):
            for rules in (prefixed, bare, US, NANP_LRN):
                with self.subTest(raw=raw, rules=rules):
                    self.assertEqual(normalise(raw, rules), "13125551212")
                    self.assertEqual(normalise_many([raw], rules)[0][0], 13125551212)
        for raw in ("442071838750", "919555121", "919555121234", "5551212"):
            for rules in (bare, US, NANP_LRN):
                with self.subTest(raw=raw, rules=rules), self.assertRaises(BadNumber):
                    normalise(raw, rules)
        self.assertEqual(normalise("011442071838750", US), "442071838750")
        self.assertEqual(normalise("442071838750", prefixed), "442071838750")

    def test_a_short_code_is_one_in_every_spelling(self):
        uk = Rules(
            country_code="44", national_prefix="0", min_digits=7,
            short_codes=(("999", "888000999"),),
        )
        for raw in (
            "118118", "tel:118118;phone-context=+44", "tel:116123;phone-context=+39",
            "sip:118118;phone-context=+44@x",
        ):
            with self.subTest(raw), self.assertRaises(BadNumber) as caught:
                normalise(raw, uk)
            self.assertEqual(caught.exception.code, "short_code")
        for raw in ("999", "tel:999;phone-context=+44"):
            self.assertEqual(normalise(raw, uk), "888000999")
        self.assertEqual(normalise("tel:4000;phone-context=+683", uk), "6834000")

    def test_a_caller_that_is_an_extension_has_no_origin(self):
        caller = engine.numbers.caller_digits
        rules = Rules(country_code="44", national_prefix="0", min_digits=7)
        for raw in ("100", "44", "2001", "anonymous", ""):
            with self.subTest(raw):
                self.assertEqual((caller(raw), caller(raw, rules)), ("", ""))
        for raw in (
            '"Bob" <sip:+442071838750@x>', "Bob <sip:+442071838750@x>;tag=1",
            "<tel:+442071838750>", '"A <b> \\"c\\"" <sip:+442071838750@x>',
        ):
            with self.subTest(raw):
                self.assertEqual(caller(raw, rules), "442071838750")
