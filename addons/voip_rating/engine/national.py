"""What countries dial before national numbers, for who sets up a trunk."""

from .number_rules import ZERO_COUNTRIES
from .numbers import BadNumber, normalise

# Nothing: a leading 0 belongs to the number, or there is none.
_NONE = (
    "30 34 39 45 47 48 351 352 356 357 371 372 378 379 420 500 501 502 503 504 505"
    " 506 507 852 853 965 968 973 974 65"
)
# Country code: the prefixes it dials; countries in neither table are not judged.
_PREFIXES = {
    **dict.fromkeys(_NONE.split(), ()),
    **dict.fromkeys(ZERO_COUNTRIES, ("0",)),
    "1": ("1",),
    "7": ("8",),
    "36": ("06",),
}
# Assigned country codes (ITU-T E.164, list of assigned codes).
_ASSIGNED = frozenset(
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58"
    " 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 290 291"
    " 297 298 299 420 421 423 508 509 670 672 673 674 675 676 677 678 679 680 681 682"
    " 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870 878 880 881"
    " 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976"
    " 977 979 992 993 994 995 996 998".split()
).union(
    map(str, range(220, 259)),
    map(str, range(260, 270)),
    map(str, range(350, 360)),
    map(str, range(370, 390)),
    map(str, range(500, 508)),
    map(str, range(590, 600)),
) - {"384", "388"}
# Where 01 begins no area code, an international prefix may.
_DIALS_010 = ("81",)
_SUBSCRIBER = "123456789"
USUAL_DIGITS = 7
# Kinds that show in numbers that are refused.
_REFUSED = ("added", "area", "country", "no_prefix", "other_prefix", "short_code")


def contradiction(rules):
    """What of number rules contradicts their country, with an example.

    :param rules: :class:`~.number_rules.NumberRules`
    :return: ``(kind, as dialled, as read)``, kind one of ``country``, ``no_prefix``,
        ``other_prefix``, ``area``, ``international``, ``added``, ``short_code``,
        ``short`` and ``local``; None where nothing is known to be wrong
    """
    for kind, dialled in _doubts(rules):
        if example := _example(kind, dialled, rules):
            return example
    return None


def _doubts(rules):
    """(kind, number that shows it) of what may be wrong, the worst first."""
    country, prefix, area = rules.country_code, rules.national_prefix, rules.area_code
    if country and country not in _ASSIGNED:
        yield "country", (prefix or "") + _SUBSCRIBER
    if country in _PREFIXES and prefix and prefix not in _PREFIXES[country]:
        kind = "other_prefix" if _PREFIXES[country] else "no_prefix"
        yield kind, prefix + _SUBSCRIBER
    if prefix and area.startswith(prefix) and rules.local_length:
        yield "area", _SUBSCRIBER[: rules.local_length]
    yield from _doubtful_prefixes(rules)
    if rules.add_prefix.startswith("0") and not prefix:
        yield "added", _SUBSCRIBER
    for code, number in rules.short_codes:
        if 0 < len(number) < rules.min_digits and _is_somewhere(number):
            yield "short_code", code
    if 0 < rules.min_digits < USUAL_DIGITS:
        yield "short", "9" * rules.min_digits
    if 0 < rules.local_length < USUAL_DIGITS:
        yield "local", "118118"[: rules.local_length]


def _is_somewhere(number):
    """Whether E.164 digits begin with a country code."""
    return any(number[:size] in _ASSIGNED for size in (1, 2, 3))


def _doubtful_prefixes(rules):
    """International prefixes that begin national numbers, too."""
    prefix = rules.national_prefix or "".join(_PREFIXES.get(rules.country_code, ())[:1])
    for international in rules.international_prefixes:
        rest = international.removeprefix(prefix)
        if prefix == "0" and international.startswith("0") and not rest.startswith("0"):
            if rules.country_code not in _DIALS_010:
                yield "international", international + _SUBSCRIBER


def _example(kind, dialled, rules):
    try:
        return kind, dialled, normalise(dialled, rules)
    except BadNumber as error:
        return (kind, dialled, str(error)) if kind in _REFUSED else None
