from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_rating import engine

from .test_engine_common import PROPERTY

BadNumber = engine.numbers.BadNumber
Rules = engine.NumberRules
normalise = engine.numbers.normalise
normalise_many = engine.numbers.normalise_many

PLAIN = Rules()
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
)

DIGITS = st.text("0123456789", max_size=17)
RULES = st.sampled_from(
    (PLAIN, UK, UK_LOCAL, US, TECH, TECH_UK, STRIP, STRIP_ADD, ADD_PLUS, RUSSIA)
)
RAW = st.one_of(
    DIGITS,
    st.builds("{}{}".format, st.sampled_from(["+", "00", "011", "0", "99#"]), DIGITS),
    st.text("0123456789+-#. ()٤", max_size=18),
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
    @given(st.integers(1, 10**15 - 1))
    def test_plain_rules_keep_e164_as_it_is(self, number):
        digits = str(number)
        for raw in (f"+{digits}", f"sip:+{digits}@host", f"tel:+{digits}"):
            self.assertEqual(normalise(raw, PLAIN), digits)
            self.assertEqual(normalise(raw, UK), digits)
