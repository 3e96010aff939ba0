from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_rating import engine
from odoo.addons.voip_rating.engine import national
from odoo.addons.voip_rating.engine.number_rules import zero_country

from .test_engine_common import PROPERTY

BadNumber = engine.numbers.BadNumber
Rules = engine.NumberRules
normalise = engine.numbers.normalise
normalise_many = engine.numbers.normalise_many

PLAIN = Rules()


def _is_sound(number):
    return not zero_country(str(number))


UK = Rules(country_code="44", national_prefix="0", default_national=False)
UK_LOCAL = Rules(
    country_code="44", national_prefix="0", area_code="20", local_length=8
)
US = Rules(country_code="1", national_prefix="1", default_national=True)
TECH = Rules(tech_prefix="99#")
TECH_UK = Rules(tech_prefix="7", country_code="44", national_prefix="0")
STRIP = Rules(strip_digits=4)
STRIP_ADD = Rules(strip_digits=1, add_prefix="44")
ADD_PLUS = Rules(add_prefix="+")
DIALLED = Rules(country_code="1", default_national=True, min_digits=7)
SHORT = Rules(
    strip_digits=1,
    add_prefix="49",
    country_code="49",
    national_prefix="0",
    min_digits=7,
    short_codes=(("112", "999112"), ("1180000", "999118"), ("19222", "")),
)
LOCAL_SHORT = Rules(
    country_code="49", national_prefix="0", area_code="30", local_length=5, min_digits=7
)
ITALY = Rules(country_code="39", default_national=True)
RUSSIA = Rules(
    country_code="7", national_prefix="8", international_prefixes=("8", "810")
)

GOOD = (
    ("+447900123456", PLAIN, "447900123456"),
    ("447900123456", PLAIN, "447900123456"),
    ("00447900123456", PLAIN, "447900123456"),
    ("011447900123456", PLAIN, "447900123456"),
    ("sip:+447900123456@host;user=phone", PLAIN, "447900123456"),
    ("sip:447900123456@10.0.0.1:5060", PLAIN, "447900123456"),
    ("SIPS:+447900123456@host", PLAIN, "447900123456"),
    ("<sip:+447900123456@host>", PLAIN, "447900123456"),
    ("sip:+447900123456;npdi;rn=+441@host", PLAIN, "447900123456"),
    ("sip:%2B447900123456@host", PLAIN, "447900123456"),
    ("tel:+44-7900-123.456", PLAIN, "447900123456"),
    ("tel:+447900123456;phone-context=x", PLAIN, "447900123456"),
    (" +44 (7900) 123-456 ", PLAIN, "447900123456"),
    ("+1", PLAIN, "1"),
    ("123456789012345", PLAIN, "123456789012345"),
    (447900123456, PLAIN, "447900123456"),
    ("07900123456", UK, "447900123456"),
    ("(0)7900 123456", UK, "447900123456"),
    ("00447900123456", UK, "447900123456"),
    ("+447900123456", UK, "447900123456"),
    ("01134960000", UK, "441134960000"),
    ("447900123456", UK, "447900123456"),
    ("79460000", UK_LOCAL, "442079460000"),
    ("02079460000", UK_LOCAL, "442079460000"),
    ("2125551234", US, "12125551234"),
    ("12125551234", US, "12125551234"),
    ("+12125551234", US, "12125551234"),
    ("011442079460000", US, "442079460000"),
    ("99#447900123456", TECH, "447900123456"),
    ("99#+447900123456", TECH, "447900123456"),
    ("sip:99%23447900123456@host", TECH, "447900123456"),
    ("447900123456", TECH, "447900123456"),
    ("707900123456", TECH_UK, "447900123456"),
    ("7+447900123456", TECH_UK, "447900123456"),
    ("+447900123456", TECH_UK, "447900123456"),
    ("1234447900123456", STRIP, "447900123456"),
    ("+1234447900123456", STRIP, "447900123456"),
    ("12-34 00447900123456", STRIP, "447900123456"),
    ("07900123456", STRIP_ADD, "447900123456"),
    ("+9447900123456", STRIP_ADD, "447900123456"),
    ("00447900123456", ADD_PLUS, None),
    ("447900123456", ADD_PLUS, "447900123456"),
    ("810447900123456", RUSSIA, "447900123456"),
    ("8447900123456", RUSSIA, "447900123456"),
    ("0115551234", ITALY, "390115551234"),
    ("0039065551234", ITALY, "39065551234"),
    # what a spreadsheet made a decimal
    ("442071234567.0", PLAIN, "442071234567"),
    ("+442071234567.00", PLAIN, "442071234567"),
    ("442071234567.000", PLAIN, "442071234567"),
    ("442071234567,0", PLAIN, "442071234567"),
    ("5550123.0", PLAIN, "5550123"),
    ("sip:442071234567.0@host", PLAIN, "442071234567"),
    ("99#442071234567.0", TECH, "442071234567"),
    ("555.0123", PLAIN, "5550123"),
    ("44.20.7123.4567", PLAIN, "442071234567"),
    # a country code in a URI's context
    ("tel:2125551234;phone-context=+1", PLAIN, "12125551234"),
    ("tel:212-555-1234;phone-context=+1", UK, "12125551234"),
    ("sip:2071234567;phone-context=+44@host;user=phone", US, "442071234567"),
    ("sip:2071234567;phone-context=%2B44@host", PLAIN, "442071234567"),
    ("tel:7042001;isub=1;phone-context=+683", PLAIN, "6837042001"),
    ("tel:+442071234567;phone-context=+1", PLAIN, "442071234567"),
    # short codes
    ("9112", SHORT, "999112"),
    ("9 1180000", SHORT, "999118"),
    ("93012345", SHORT, "493012345"),
    ("12345", LOCAL_SHORT, "493012345"),
    ("2125551234", DIALLED, "12125551234"),
    ("2290001", Rules(min_digits=7), "2290001"),
)
BAD = (
    ("", PLAIN, "empty"),
    ("   ", PLAIN, "empty"),
    ("+", PLAIN, "no digits"),
    ("00", PLAIN, "after its prefix"),
    ("0", UK, "after its prefix"),
    ("+0447900", PLAIN, "begins with 0"),
    ("0447900123456", PLAIN, "begins with 0"),
    ("++447900", PLAIN, "not digits"),
    ("44+7900", PLAIN, "not digits"),
    ("1234567890123456", PLAIN, "more than 15"),
    ("+44 (0)20 7946 0000", PLAIN, "two ways"),
    ("4.47E+11", PLAIN, "not digits"),
    ("'447900123456", PLAIN, "not digits"),
    ("-447900", PLAIN, "out of place"),
    ("+-447900", PLAIN, "out of place"),
    ("447900-", PLAIN, "out of place"),
    ("44..7900", PLAIN, "out of place"),
    ("44 - . 7900", PLAIN, "out of place"),
    (".447900", PLAIN, "out of place"),
    ("(44(79)00)", PLAIN, "out of place"),
    ("44)7900", PLAIN, "out of place"),
    ("()447900", PLAIN, "out of place"),
    ("anonymous", PLAIN, "not digits"),
    ("sip:@host", PLAIN, "no number"),
    ("sip:alice@host", PLAIN, "not digits"),
    ("447900@host", PLAIN, "not digits"),
    ("447900\n123456", PLAIN, "ASCII"),
    ("447900123456\u200b", PLAIN, "ASCII"),
    ("٤٤٧٩٠٠", PLAIN, "ASCII"),
    ("99#447900123456", PLAIN, "not digits"),
    ("1234", STRIP, "digits left"),
    (None, PLAIN, "not a telephone number"),
    (True, PLAIN, "not a telephone number"),
    (4.47e11, PLAIN, "not a telephone number"),
    (-447900, PLAIN, "1 to 15 digits"),
    (10**15, PLAIN, "1 to 15 digits"),
    (b"447900", PLAIN, "not a telephone number"),
    ("4" * 5000, PLAIN, "too long"),
    ("0044 (0)20 7946 0000", PLAIN, "two ways"),
    ("01144(0)2079460000", PLAIN, "two ways"),
    ("44(0)2079460000", PLAIN, "two ways"),
    ("44 ( 0 ) 2079460000", PLAIN, "two ways"),
    ("(+44) (0) 2079460000", PLAIN, "two ways|not digits|out of place"),
    ("tel:+44-(0)20-7946-0000", PLAIN, "two ways"),
    ("sip:%2B44(0)2079460000@host", PLAIN, "two ways"),
    ("+39(0)65551234", PLAIN, "two ways"),
    ("442071234567.5", PLAIN, "is a decimal"),
    ("5550123.01", PLAIN, "is a decimal"),
    ("442071234567,5", PLAIN, "is a decimal"),
    ("4.42071E+11", PLAIN, "not digits"),
    ("tel:7042;phone-context=example.com", PLAIN, "phone-context"),
    ("tel:8631234;phone-context=+1-914-555", PLAIN, "phone-context"),
    ("tel:02071234567;phone-context=+44", PLAIN, "no national number"),
    ("tel:5551234;phone-context=+1", PLAIN, "no national number"),
    ("tel:8631234;phone-context=", PLAIN, "phone-context"),
)
SHORT_CODES = (
    ("911", DIALLED),
    ("911.0", DIALLED),
    ("+911", DIALLED),
    ("00911", DIALLED),
    ("011911", DIALLED),
    ("1911", DIALLED),
    ("sip:911@host", DIALLED),
    ("tel:911", DIALLED),
    ("tel:911;phone-context=+1", DIALLED),
    ("411", DIALLED),
    ("919119", DIALLED),
    ("9911", SHORT),
    ("919222", SHORT),
    ("901234", SHORT),
    ("112", LOCAL_SHORT),
    ("0112", LOCAL_SHORT),
    ("112", Rules(min_digits=7)),
    ("+44112", Rules(min_digits=7)),
    ("999", Rules(country_code="44", national_prefix="0", min_digits=7)),
)

DIGITS = st.text("0123456789", max_size=17)
RULES = st.sampled_from(
    (
        PLAIN, UK, UK_LOCAL, US, TECH, TECH_UK, STRIP, STRIP_ADD, ADD_PLUS, RUSSIA,
        DIALLED, SHORT, LOCAL_SHORT, ITALY,
    )  # fmt: skip
)
RAW = st.one_of(
    DIGITS,
    st.builds("{}{}".format, st.sampled_from(["+", "00", "011", "0", "99#"]), DIGITS),
    st.text("0123456789+-#. ()٤", max_size=18),
    st.from_regex(r"\A[0-9]{5,13}[.,][0-9]{1,3}\Z"),
    st.text(max_size=8),
)


@tagged("post_install", "-at_install", "voip_engine")
class TestEngineNumbers(BaseCase):
    def test_known_forms(self):
        for raw, rules, expected in GOOD:
            with self.subTest(raw=raw, rules=rules):
                if expected is None:
                    with self.assertRaises(BadNumber):
                        normalise(raw, rules)
                else:
                    self.assertEqual(normalise(raw, rules), expected)

    def test_refusals_have_a_reason(self):
        for raw, rules, reason in BAD:
            with self.subTest(raw=raw), self.assertRaisesRegex(BadNumber, reason):
                normalise(raw, rules)

    def test_a_short_code_never_becomes_a_country(self):
        for raw, rules in SHORT_CODES:
            with self.subTest(raw=raw, rules=rules):
                with self.assertRaises(BadNumber) as caught:
                    normalise(raw, rules)
                self.assertEqual(caught.exception.code, "short_code")
                _numbers, _lengths, reasons = normalise_many([raw], rules)
                self.assertEqual(reasons[0].code, "short_code")

    @PROPERTY
    @given(
        st.integers(1, 10**14 - 1).filter(_is_sound),
        st.sampled_from([".0", ".00", ",0", ",00"]),
    )
    def test_a_number_made_a_decimal_is_that_number(self, number, ending):
        self.assertEqual(normalise(f"{number}{ending}", PLAIN), str(number))

    def test_what_is_done_to_called_numbers_does_not_touch_callers(self):
        caller_digits = engine.numbers.caller_digits
        for rules in (TECH, STRIP, STRIP_ADD, ADD_PLUS, SHORT, DIALLED):
            with self.subTest(rules=rules):
                self.assertEqual(caller_digits("+4930123456", rules), "4930123456")
        for raw, rules, expected in (
            ("030123456", SHORT, "4930123456"),
            ("112", SHORT, ""),
            ("2125551234", DIALLED, "12125551234"),
            ("94930123456", STRIP_ADD, "94930123456"),
            ("99#4930123456", TECH, ""),
            ("anonymous", PLAIN, ""),
            ("", PLAIN, ""),
            ("sip:alice@host", PLAIN, ""),
            (4930123456, PLAIN, "4930123456"),
            (0, PLAIN, ""),
        ):
            with self.subTest(raw=raw, rules=rules):
                self.assertEqual(caller_digits(raw, rules), expected)
        for raw in (None, True, 4930123456.0, ["4930123456"], "49\n30", "4" * 129):
            with self.subTest(raw=raw), self.assertRaises(BadNumber):
                caller_digits(raw, PLAIN)

    def test_an_lrn_of_ten_digits_is_american_where_the_trunk_is(self):
        for rules, raw, expected in (
            (US, "3125550100", "13125550100"),
            (Rules(country_code="1"), "3125550100", "13125550100"),
            (Rules(country_code="1"), "13125550100", "13125550100"),
            (Rules(country_code="1"), "+13125550100", "13125550100"),
            (UK, "07900123456", "447900123456"),
            (PLAIN, "13125550100", "13125550100"),
            (Rules(tech_prefix="3", strip_digits=1), "3125550100", "3125550100"),
        ):
            with self.subTest(rules=rules, raw=raw):
                self.assertEqual(normalise(raw, rules.of_lrns), expected)

    def test_rules_that_contradict_their_country_are_told_with_an_example(self):
        contradiction = national.contradiction
        for values, expected in (
            (("39", "0"), ("no_prefix", "0123456789", "39123456789")),
            (("34", "0"), ("no_prefix", "0123456789", "34123456789")),
            (("1", "0"), ("other_prefix", "0123456789", "1123456789")),
            (("44", "1"), ("other_prefix", "1123456789", "44123456789")),
            (("44", "0"), None),
            (("1", "1"), None),
            (("36", "06"), None),
            (("39", ""), None),
        ):
            rules = Rules(country_code=values[0], national_prefix=values[1])
            with self.subTest(values=values):
                self.assertEqual(contradiction(rules), expected)
        area = Rules(
            country_code="44", national_prefix="0", area_code="020", local_length=8
        )
        kind, dialled, why = contradiction(area)
        self.assertEqual((kind, dialled), ("area", "12345678"))
        self.assertIn("its national 0", why)

    def test_reasons_are_short_and_printable(self):
        for raw in ("\x00\x1b[31m1", "\u202e1", "\ud800", "x" * 250, "a\nb"):
            with self.subTest(raw=raw), self.assertRaises(BadNumber) as caught:
                normalise(raw, PLAIN)
            reason = str(caught.exception)
            self.assertTrue(reason.isprintable())
            self.assertLess(len(reason), 350)

    def test_many_equals_one_by_one_on_the_table(self):
        for rules in {rules for _raw, rules, _expected in GOOD + BAD}:
            raws = [raw for raw, _rules, _expected in GOOD + BAD]
            self._check_many(raws, rules)

    def test_senseless_rules_are_refused(self):
        bad = (
            {"country_code": "4a"},
            {"country_code": "044"},
            {"country_code": "٤٤"},
            {"national_prefix": "0"},
            {"default_national": True},
            {"area_code": "20"},
            {"local_length": 7},
            {"strip_digits": -1},
            {"strip_digits": 16},
            {"add_prefix": "44#"},
            {"tech_prefix": "9\n"},
            {"international_prefixes": ("+",)},
            {"international_prefixes": ("",)},
            {"min_digits": 16},
            {"min_digits": -1},
            {"short_codes": (("", "999"),)},
            {"short_codes": (("9a", "999"),)},
            {"short_codes": (("911", "+1911"),)},
            {"short_codes": (("911", "0911"),)},
            {"short_codes": (("911", "911"),)},
            {"short_codes": (("911", "9110"),)},
        )
        for columns in bad:
            with self.subTest(**columns), self.assertRaises(ValueError):
                Rules(**columns)

    def _check_many(self, raws, rules):
        numbers, lengths, reasons = normalise_many(raws, rules)
        self.assertEqual((numbers.dtype, lengths.dtype), ("int64", "int8"))
        for index, raw in enumerate(raws):
            try:
                expected = normalise(raw, rules)
            except BadNumber as error:
                self.assertEqual(reasons[index], str(error))
                self.assertEqual((numbers[index], lengths[index]), (0, 0))
            else:
                self.assertNotIn(index, reasons)
                self.assertEqual(str(numbers[index]), expected)
                self.assertEqual(lengths[index], len(expected))

    @PROPERTY
    @given(st.lists(RAW, max_size=12), RULES)
    def test_many_equals_one_by_one(self, raws, rules):
        self._check_many(raws, rules)

    @PROPERTY
    @given(RAW, RULES)
    def test_result_is_e164(self, raw, rules):
        try:
            digits = normalise(raw, rules)
        except BadNumber:
            return
        self.assertRegex(digits, r"\A[1-9][0-9]{0,14}\Z")

    @PROPERTY
    @given(st.integers(1, 10**15 - 1).filter(_is_sound))
    def test_plain_rules_keep_e164_as_it_is(self, number):
        digits = str(number)
        for raw in (f"+{digits}", f"sip:+{digits}@host", f"tel:+{digits}"):
            self.assertEqual(normalise(raw, PLAIN), digits)
            self.assertEqual(normalise(raw, UK), digits)
