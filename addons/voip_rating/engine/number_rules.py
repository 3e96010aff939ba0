"""How a trunk writes telephone numbers."""

import re
from dataclasses import dataclass, replace
from functools import cached_property

from .parse import quote

MAX_DIGITS = 15
NANP = "1"
# Country codes that dial a 0 before national numbers and have none after them (E.164,
# ITU-T national numbering plans).
ZERO_COUNTRIES = frozenset(
    "27 31 32 33 40 41 43 44 46 49 60 61 62 63 64 66 81 82 84 86 90 91 92 94 98 234"
    " 254 353 355 358 359 380 381 385 386 387 389 421 880 886 966 971 972".split()
)
# Countries whose national numbers have four to six digits.
SHORT_COUNTRIES = frozenset(
    "247 290 298 299 376 378 500 508 672 675 676 677 678 681 682 683 685 686 687 688"
    " 689 690".split()
)
# What the fields of a trunk are called: sentences name these.
LABELS = {
    "tech_prefix": "Technical prefix",
    "strip_digits": "Strip Digits",
    "add_prefix": "Add Prefix",
    "country_code": "Country Code",
    "national_prefix": "National Prefix",
    "international_prefixes": "International Prefixes",
    "default_national": "Bare numbers are national",
    "area_code": "Area Code",
    "local_length": "Local digits",
    "min_digits": "Digits at least",
    "short_codes": "Short Codes",
}
NANP_DIGITS = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")


def zero_country(digits):
    """The country code that is followed by its national 0, or an empty text."""
    for length in (2, 3):
        if digits[length : length + 1] == "0" and digits[:length] in ZERO_COUNTRIES:
            return digits[:length]
    return ""


def _are_digits(text):
    return text.isascii() and text.isdigit()


@dataclass(frozen=True)
class NumberRules:
    """How a trunk writes numbers.

    :param tech_prefix: taken off where a number begins with it; may contain ``#``
    :param strip_digits: digits taken off the front, after a ``+`` if there is one
    :param add_prefix: put before numbers that came without ``+``; may begin with it
    :param country_code: for national and local numbers
    :param national_prefix: such as ``0``; needs the country code
    :param international_prefixes: ``None`` means 00 and 011, without 011 where the
        national prefix is 0 or the country not 1 (0113 is a city, and 011 is Turin)
    :param default_national: a number without any prefix is national, else E.164
    :param area_code: put before local numbers, after the country code
    :param local_length: digits of a local number without prefix, 0 = none
    :param min_digits: what is dialled or meant with fewer is a short code; 0 = none
    :param short_codes: pairs of the digits dialled and those rated instead; empty ones
        are refused
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
    min_digits: int = 0
    short_codes: tuple = ()

    def __post_init__(self):
        if self.international_prefixes is None:
            other = self.country_code not in ("", NANP) or self.national_prefix == "0"
            usual = ("00",) if other else ("00", "011")
            object.__setattr__(self, "international_prefixes", usual)
        else:
            longest_first = sorted(self.international_prefixes, key=len, reverse=True)
            object.__setattr__(self, "international_prefixes", tuple(longest_first))
        self._check_digits()
        self._check_needs()
        self._check_short_codes()

    def _check_digits(self):
        fields = ("country_code", "national_prefix", "area_code")
        values = {name: getattr(self, name) for name in fields}
        values["add_prefix"] = self.add_prefix.removeprefix("+")
        for name, value in values.items():
            if value and not _are_digits(value):
                raise ValueError(f"{LABELS[name]} must be digits, not {quote(value)}")
        for prefix in self.international_prefixes:
            if not _are_digits(prefix):
                name = LABELS["international_prefixes"]
                raise ValueError(f"{name} must be digits, not {quote(prefix)}")
        if not (self.tech_prefix.isascii() and self.tech_prefix.isprintable()):
            name, value = LABELS["tech_prefix"], quote(self.tech_prefix)
            raise ValueError(f"{name} must be plain ASCII, not {value}")
        for name in ("strip_digits", "local_length", "min_digits"):
            if not 0 <= getattr(self, name) <= MAX_DIGITS:
                raise ValueError(f"{LABELS[name]} must be 0 to {MAX_DIGITS}")

    def _check_needs(self):
        needing = ("national_prefix", "default_national", "area_code", "local_length")
        for name in needing:
            if getattr(self, name) and not self.country_code:
                raise ValueError(f"{LABELS[name]} needs a {LABELS['country_code']}")
        if self.country_code.startswith("0"):
            raise ValueError(f"{LABELS['country_code']} does not begin with 0")

    def _check_short_codes(self):
        for code, number in self.short_codes:
            if not _are_digits(code) or (number and not _are_digits(number)):
                name = LABELS["short_codes"]
                raise ValueError(f"{name} must be digits, not {quote(code)}")
            if len(number) > MAX_DIGITS or number.startswith("0"):
                raise ValueError(f"{quote(number)} of a short code must be E.164")
            if number.startswith(code):
                raise ValueError(
                    f"short code {quote(code)} must be rated as another number, for"
                    f" itself it would be a country's: 999{code} is nobody's"
                )

    @cached_property
    def of_callers(self):
        """The rules of callers: what is done to called numbers does not touch them."""
        return replace(
            self,
            tech_prefix="",
            strip_digits=0,
            add_prefix="",
            short_codes=(),
        )

    @cached_property
    def of_lrns(self):
        """The rules of LRNs: as callers', and 10 digits are NANP where the trunk is."""
        return NANP_LRN if self.country_code == NANP else self.of_callers

    @cached_property
    def codes(self):
        """The short codes as a dict."""
        return dict(self.short_codes)

    @cached_property
    def rated_codes(self):
        """What short codes are rated as, ints."""
        return [int(number) for number in self.codes.values() if number]

    @cached_property
    def bare_is_plain(self):
        """Whether digits without any known prefix are E.164 as they stand."""
        changed = self.strip_digits or self.add_prefix or self.local_length
        return not (changed or self.default_national or self.country_code == NANP)

    @cached_property
    def plus_is_plain(self):
        """Whether digits after a ``+`` are E.164 as they stand."""
        return not self.strip_digits

    @cached_property
    def special(self):
        """Beginnings that need the long way."""
        first = ("0", "+0", self.tech_prefix, self.national_prefix)
        codes = tuple(self.codes)
        return tuple(filter(None, first + self.international_prefixes + codes))


# An LRN of the North American plan: 10 digits, or 11 with the 1.
NANP_LRN = NumberRules(
    country_code=NANP, national_prefix=NANP, default_national=True, min_digits=10
)
