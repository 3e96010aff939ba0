"""Telephone numbers of a trunk to E.164 digits.

Order: SIP or tel URI → technical prefix off → separators off → digits stripped →
prefix added → international, national or local form → 1 to 15 digits that do not
begin with 0. Anything else is refused with a reason.
"""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .parse import BadValue, quote

MAX_DIGITS = 15
_SEPARATORS = str.maketrans("", "", " -.()")
# A dash or dot at either end or doubled, a bracket that does not hold digits.
_MISPLACED = re.compile(r"^\+?[-.]|[-.]$|[-.]{2}|\((?![0-9]+\))")
_SCHEME = re.compile(r"(?:sips?|tel):(?://)?", re.IGNORECASE)
_URI_END = re.compile(r"[@;?]")
_ESCAPED = re.compile(r"%2[bB]|%23")
_RAW_LIMIT = 256
_ZERO_IN_BRACKETS = "(0)"


class BadNumber(BadValue):
    """A telephone number that was refused; the message is the reason."""


@dataclass(frozen=True)
class NumberRules:
    """How a trunk writes numbers.

    :param tech_prefix: taken off where a number begins with it; may contain ``#``
    :param strip_digits: digits taken off the front, after a ``+`` if there is one
    :param add_prefix: put before numbers that came without ``+``; may begin with it
    :param country_code: for national and local numbers
    :param national_prefix: such as ``0``; needs the country code
    :param international_prefixes: ``None`` means 00 and 011, without 011 where the
        national prefix is 0 (there 0113 is a city)
    :param default_national: a number without any prefix is national, else E.164
    :param area_code: put before local numbers, after the country code
    :param local_length: digits of a local number without prefix, 0 = none
    :raise ValueError: for a rule that makes no sense
    """

    tech_prefix: str = ""
    strip_digits: int = 0
    add_prefix: str = ""
    country_code: str = ""
    national_prefix: str = ""
    international_prefixes: tuple | None = None
    default_national: bool = False
    area_code: str = ""
    local_length: int = 0

    def __post_init__(self):
        if self.international_prefixes is None:
            usual = ("00",) if self.national_prefix == "0" else ("00", "011")
            object.__setattr__(self, "international_prefixes", usual)
        else:
            longest_first = sorted(self.international_prefixes, key=len, reverse=True)
            object.__setattr__(self, "international_prefixes", tuple(longest_first))
        self._check_digits()
        self._check_needs()

    def _check_digits(self):
        fields = ("country_code", "national_prefix", "area_code")
        values = {name: getattr(self, name) for name in fields}
        values["add_prefix"] = self.add_prefix.removeprefix("+")
        for name, value in values.items():
            if value and not (value.isascii() and value.isdigit()):
                raise ValueError(f"{name} {quote(value)} must be digits")
        for prefix in self.international_prefixes:
            if not (prefix.isascii() and prefix.isdigit()):
                raise ValueError(f"international prefix {quote(prefix)} must be digits")
        if not (self.tech_prefix.isascii() and self.tech_prefix.isprintable()):
            raise ValueError(f"tech_prefix {quote(self.tech_prefix)} must be ASCII")
        for name in ("strip_digits", "local_length"):
            if not 0 <= getattr(self, name) <= MAX_DIGITS:
                raise ValueError(f"{name} must be within 0..{MAX_DIGITS}")

    def _check_needs(self):
        local = self.local_length or self.area_code
        national = self.national_prefix or self.default_national
        if (local or national) and not self.country_code:
            raise ValueError("national and local numbers need a country code")
        if self.country_code.startswith("0"):
            raise ValueError("a country code does not begin with 0")

    @cached_property
    def bare_is_plain(self):
        """Whether digits without any known prefix are E.164 as they stand."""
        changed = self.strip_digits or self.add_prefix or self.local_length
        return not (changed or self.default_national)

    @cached_property
    def plus_is_plain(self):
        """Whether digits after a ``+`` are E.164 as they stand."""
        return not self.strip_digits

    @cached_property
    def special(self):
        """Beginnings that need the long way."""
        first = ("0", "+0", self.tech_prefix, self.national_prefix)
        return tuple(filter(None, first + self.international_prefixes))


def _from_uri(text, raw):
    """Return the user part of a SIP or tel URI; other text unchanged."""
    if text[:1] == "<" and text[-1:] == ">":
        text = text[1:-1]
    scheme = _SCHEME.match(text)
    if not scheme:
        return text
    user = _URI_END.split(text[scheme.end() :], maxsplit=1)[0]
    if not user:
        raise BadNumber(f"{quote(raw)} has no number before the host")
    return _ESCAPED.sub(lambda code: "#" if code[0] == "%23" else "+", user)


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
    if _ZERO_IN_BRACKETS in text and "+" in text:
        raise BadNumber(f"{quote(raw)}: (0) after + can be read two ways")
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


def _strip_and_add(plus, digits, rules, raw):
    if rules.strip_digits:
        if len(digits) <= rules.strip_digits:
            raise BadNumber(
                f"{quote(raw)} has no digits left after {rules.strip_digits} are taken"
            )
        digits = digits[rules.strip_digits :]
    if rules.add_prefix and not plus:
        plus = rules.add_prefix.startswith("+")
        digits = rules.add_prefix.removeprefix("+") + digits
    return plus, digits


def _international(digits, rules):
    """Turn digits without ``+`` into E.164 by their form."""
    for prefix in rules.international_prefixes:
        if digits.startswith(prefix):
            return digits[len(prefix) :]
    if rules.national_prefix and digits.startswith(rules.national_prefix):
        rest = digits[len(rules.national_prefix) :]
        return rest and rules.country_code + rest
    if rules.local_length == len(digits):
        return rules.country_code + rules.area_code + digits
    if rules.default_national:
        return rules.country_code + digits
    return digits


def normalise(raw, rules):
    """Return the E.164 digits of a raw number, without ``+``.

    :param raw: text as the switch wrote it (or an int)
    :param rules: the trunk's :class:`NumberRules`
    :raise BadNumber: with a reason that quotes the input safely
    """
    text = _from_uri(_clean(raw), raw)
    if rules.tech_prefix:
        text = text.removeprefix(rules.tech_prefix)
    plus, digits = _split_plus(text, raw)
    plus, digits = _strip_and_add(plus, digits, rules, raw)
    if not plus:
        digits = _international(digits, rules)
    if not digits:
        raise BadNumber(f"{quote(raw)} has no digits after its prefix")
    if len(digits) > MAX_DIGITS:
        raise BadNumber(f"{quote(raw)} has more than {MAX_DIGITS} digits")
    if digits[0] == "0":
        raise BadNumber(f"{quote(raw)} begins with 0 where a country code is needed")
    return digits


def _plain(raw, rules):
    """Return the digits of a clean number, or None when it needs the long way."""
    if type(raw) is not str or raw.startswith(rules.special):
        return None
    if raw[:1] == "+":
        digits = raw[1:] if rules.plus_is_plain else ""
    else:
        digits = raw if rules.bare_is_plain else ""
    if len(digits) <= MAX_DIGITS and digits.isdigit() and digits.isascii():
        return digits
    return None


def normalise_many(raws, rules):
    """Normalise a list of numbers; a refused one becomes 0 with length 0.

    :return: ``(numbers, lengths, reasons)``: int64 digits (E.164 has no leading
        zero, so the int is unambiguous), int8 count of digits, {index: reason}
    """
    numbers, lengths, reasons = [], [], {}
    for index, raw in enumerate(raws):
        digits = _plain(raw, rules)
        if digits is None:
            try:
                digits = normalise(raw, rules)
            except BadNumber as error:
                reasons[index] = str(error)
                digits = ""
        numbers.append(int(digits or 0))
        lengths.append(len(digits))
    return np.array(numbers, np.int64), np.array(lengths, np.int8), reasons
