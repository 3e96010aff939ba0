"""Telephone numbers of a trunk to E.164 digits.

Order: SIP or tel URI → technical prefix off → separators off → digits stripped →
short codes → prefix added → international, national or local form → 1 to 15 digits that
do not begin with 0. Anything else is refused with a reason.
"""

import re

import numpy as np

from .number_rules import (
    LABELS,
    MAX_DIGITS,
    NANP,
    NANP_DIGITS,
    SHORT_COUNTRIES,
    NumberRules,
    zero_country,
)
from .parse import BadValue, quote

# Digits of a national number at least: Niue has four.
SHORTEST_NATIONAL = 4
_SEPARATORS = str.maketrans("", "", " -.()")
# A dash or dot at either end or doubled, a bracket that does not hold digits.
_MISPLACED = re.compile(r"^\+?[-.]|[-.]$|[-.]{2}|\((?![0-9]+\))")
_SCHEME = re.compile(r"(?:sips?|tel):(?://)?", re.IGNORECASE)
_URI_END = re.compile(r"[@;?]")
_ESCAPED = re.compile(r"%2[bB]|%23")
_RAW_LIMIT = 256
CALLER_LIMIT = 128
# A trunk prefix in brackets after a country code: dropped in London, dialled in Rome.
_ZERO_IN_BRACKETS = re.compile(r"([0-9+][0-9]*)[-.() ]*\( *0([0-9 ]*)\)")
# Countries whose national numbers begin with 0 after the country code, too.
_KEEPS_ZERO = ("39", "378", "379")
_NAMED = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^<>"]*) *<([^<>]*)>[^<>]*')
# What a spreadsheet makes of a number: 442071234567.0
_DECIMAL = re.compile(r" *(\+?[0-9]+)[.,]([0-9]+) *")
_CONTEXT = re.compile(r";phone-context=([^;?@>]*)", re.IGNORECASE)
_CONTEXT_LIMIT = 3


# What a record without trunk is read by.
NO_TRUNK = NumberRules(min_digits=7)


class BadNumber(BadValue):
    """A telephone number that was refused; the message is the reason."""

    code = "bad_number"


class ShortCode(BadNumber):
    """A short code or an emergency number without a destination of its own."""

    code = "short_code"


class Reason(str):
    """Why a number was refused, with the error's ``code``."""

    code = BadNumber.code

    @classmethod
    def of(cls, error):
        reason = cls(error)
        reason.code = error.code
        return reason


def _from_uri(text, raw, rules):
    """Return the user part of a SIP or tel URI; other text unchanged.

    A URI may stand in angle brackets behind a name, as in a From header (RFC 3261).
    """
    if named := _NAMED.fullmatch(text):
        text = named[1]
    scheme = _SCHEME.match(text)
    if not scheme:
        return text
    user = _URI_END.split(text[scheme.end() :], maxsplit=1)[0]
    if not user:
        raise BadNumber(f"{quote(raw)} has no number before the host")
    context = _CONTEXT.search(_unescaped(text).split("@", 1)[0])
    user = _unescaped(user)
    if context and not user.startswith("+"):
        return _in_context(user, context[1].strip('"'), raw, rules)
    return user


def _unescaped(text):
    return _ESCAPED.sub(lambda code: "#" if code[0] == "%23" else "+", text)


def _in_context(user, context, raw, rules):
    """A national number with the country code that the URI gives beside it.

    A domain, or more than a country code, does not say what is to be put before it.
    A short code stays one.
    """
    country = context.removeprefix("+").translate(_SEPARATORS)
    national = user.translate(_SEPARATORS)
    known = context.startswith("+") and country.isascii() and country.isdigit()
    if not known or len(country) > _CONTEXT_LIMIT or country.startswith("0"):
        raise BadNumber(
            f"{quote(raw)}: the phone-context is no country code, so the number could"
            " be anybody's"
        )
    if not (national.isascii() and national.isdigit()):
        raise BadNumber(f"{quote(raw)} has characters that are not digits")
    if national in rules.codes:
        return national
    short = SHORTEST_NATIONAL
    if country not in SHORT_COUNTRIES:
        short = max(short, rules.min_digits)
    if len(national) < short:
        raise ShortCode(f"{quote(raw)} is a short code of country {country}")
    if national.startswith("0") or (
        country == NANP and not NANP_DIGITS.fullmatch(national)
    ):
        raise BadNumber(f"{quote(raw)} is no national number of country {country}")
    return f"+{country}{national}"


def _clean(raw):
    """Return printable ASCII text of a raw number."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        if not 0 < raw < 10**MAX_DIGITS:
            raise BadNumber(f"a number must have 1 to {MAX_DIGITS} digits")
        return str(raw)
    if not isinstance(raw, str):
        raise BadNumber(f"{quote(raw)} is not a telephone number")
    if len(raw) > _RAW_LIMIT:
        raise BadNumber(f"{quote(raw)} is too long")
    text = raw.strip(" ")
    if not text:
        raise BadNumber("the number is empty")
    if not (text.isascii() and text.isprintable()):
        raise BadNumber(f"{quote(raw)} has characters other than plain ASCII")
    return text


def _split_plus(text, raw):
    """Return ``(has plus, digits)`` of text without URI and technical prefix."""
    _refuse_bracket(text, raw)
    text = _without_decimals(text, raw)
    spaceless = text.replace(" ", "")
    if _MISPLACED.search(spaceless) or text.count("(") != text.count(")"):
        raise BadNumber(f"{quote(raw)} has separators out of place")
    text = text.translate(_SEPARATORS)
    plus = text.startswith("+")
    digits = text[1:] if plus else text
    if not digits:
        raise BadNumber(f"{quote(raw)} has no digits")
    if not digits.isdigit():
        raise BadNumber(f"{quote(raw)} has characters that are not digits")
    return plus, digits


def _refuse_bracket(text, raw):
    """Refuse a national 0 in brackets behind a country code that has none."""
    found = _ZERO_IN_BRACKETS.search(text)
    if not found:
        return
    country = found[1].removeprefix("+").removeprefix("00")
    if country not in _KEEPS_ZERO or not found[2].strip():
        raise BadNumber(f"{quote(raw)}: (0) after digits or + can be read two ways")


def _without_decimals(text, raw):
    """The number that a spreadsheet made a decimal; other text unchanged."""
    match = _DECIMAL.fullmatch(text)
    if not match:
        return text
    whole, decimals = match.groups()
    if not decimals.strip("0") and (len(decimals) < 3 or len(whole) >= 7):
        return whole
    if len(decimals) < 3:
        raise BadNumber(f"{quote(raw)} is a decimal, not a telephone number")
    return text


def _strip(digits, rules, raw):
    if len(digits) <= rules.strip_digits:
        raise BadNumber(
            f"{quote(raw)} has no digits left after {rules.strip_digits} are taken"
        )
    return digits[rules.strip_digits :]


def _add(plus, digits, rules):
    if rules.add_prefix and not plus:
        plus = rules.add_prefix.startswith("+")
        digits = rules.add_prefix.removeprefix("+") + digits
    return plus, digits


def _refuse_short(digits, rules, raw):
    if len(digits) < rules.min_digits and len(digits) != rules.local_length:
        raise ShortCode(
            f"{quote(raw)} is a short code: it has fewer than {rules.min_digits} digits"
        )


def _international(digits, rules):
    """Turn digits without ``+`` into E.164 by their form."""
    for prefix in rules.international_prefixes:
        if digits.startswith(prefix):
            return digits[len(prefix) :]
    if rules.country_code == NANP and (found := _american(digits, rules)):
        return found
    if rules.national_prefix and digits.startswith(rules.national_prefix):
        rest = digits[len(rules.national_prefix) :]
        return rest and rules.country_code + rest
    if rules.local_length == len(digits):
        return rules.country_code + rules.area_code + digits
    if rules.default_national:
        return rules.country_code + digits
    return digits


def _american(digits, rules):
    """A number of the North American plan from 10 digits, or 11 with the 1.

    :raise BadNumber: bare numbers are national, and this is none
    """
    national = digits[1:] if len(digits) == 11 and digits[0] == NANP else digits
    if NANP_DIGITS.fullmatch(national):
        return NANP + national
    if rules.default_national and len(digits) != rules.local_length:
        raise BadNumber(
            f"{quote(digits)} is no number of country 1: those have 10 digits, or 11"
            " with the 1; others need + or an international prefix"
        )
    return ""


def normalise(raw, rules):
    """Return the E.164 digits of a raw number, without ``+``.

    A short code of ``rules`` gives the digits that are rated instead.

    :param raw: text as the switch wrote it (or an int)
    :param rules: the trunk's :class:`NumberRules`
    :raise BadNumber: with a reason that quotes the input safely
    """
    text = _from_uri(_clean(raw), raw, rules)
    if rules.tech_prefix:
        text = text.removeprefix(rules.tech_prefix)
    plus, digits = _split_plus(text, raw)
    digits = _strip(digits, rules, raw)
    if not plus:
        if digits in rules.codes:
            return _of_short_code(digits, rules, raw)
        _refuse_short(digits, rules, raw)
    plus, digits = _add(plus, digits, rules)
    if not plus:
        digits = _international(digits, rules)
    if not digits:
        raise BadNumber(f"{quote(raw)} has no digits after its prefix")
    if len(digits) > MAX_DIGITS:
        raise BadNumber(f"{quote(raw)} has more than {MAX_DIGITS} digits")
    if digits[0] == "0":
        raise BadNumber(
            f"{quote(raw)} begins with 0 where a country code is needed{_way_on(rules)}"
        )
    if country := zero_country(digits):
        raise BadNumber(
            f"{quote(raw)} means {digits}: after country code {country} stands its"
            " national 0, which is dialled within the country only"
        )
    if len(digits) < rules.min_digits:
        raise ShortCode(
            f"{quote(raw)} means {digits}, which has fewer than {rules.min_digits}"
            " digits"
        )
    return digits


def _way_on(rules):
    """What makes national numbers known, on a trunk that knows none."""
    if rules.national_prefix:
        return ""
    labels = f"{LABELS['country_code']} and {LABELS['national_prefix']}"
    return f"; for national numbers set {labels} of the trunk"


def _of_short_code(digits, rules, raw):
    """The destination of its own of a short code."""
    number = rules.codes[digits]
    if not number:
        raise ShortCode(f"{quote(raw)} is a short code without a destination")
    return number


def caller_digits(raw, rules=None):
    """The E.164 digits of a caller; empty where it is no number, such as anonymous.

    :param rules: the trunk's; without, as of a record without trunk
    :raise BadNumber: what is no text, cannot be printed or is too long
    """
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str):
        raise BadNumber(f"{quote(raw)} is not a text")
    if not raw.strip(" ").isprintable():
        raise BadNumber(f"{quote(raw)} has unprintable characters")
    if len(raw.strip(" ")) > CALLER_LIMIT:
        raise BadNumber(f"{quote(raw)} is longer than {CALLER_LIMIT}")
    try:
        return normalise(raw, (rules or NO_TRUNK).of_callers)
    except BadNumber:
        return ""


def _plain(raw, rules):
    """Return the digits of a clean number, or None when it needs the long way."""
    if type(raw) is not str or raw.startswith(rules.special):
        return None
    if raw[:1] == "+":
        digits = raw[1:] if rules.plus_is_plain else ""
    else:
        digits = raw if rules.bare_is_plain else ""
    if not rules.min_digits <= len(digits) <= MAX_DIGITS:
        return None
    if digits.isdigit() and digits.isascii() and not zero_country(digits):
        return digits
    return None


def normalise_many(raws, rules):
    """Normalise a list of numbers; a refused one becomes 0 with length 0.

    :return: ``(numbers, lengths, reasons)``: int64 digits (E.164 has no leading
        zero, so the int is unambiguous), int8 count of digits, {index: :class:`Reason`}
    """
    numbers, lengths, reasons = [], [], {}
    for index, raw in enumerate(raws):
        digits = _plain(raw, rules)
        if digits is None:
            try:
                digits = normalise(raw, rules)
            except BadNumber as error:
                reasons[index] = Reason.of(error)
                digits = ""
        numbers.append(int(digits or 0))
        lengths.append(len(digits))
    return np.array(numbers, np.int64), np.array(lengths, np.int8), reasons
