"""What countries dial before national numbers, for who sets up a trunk."""

from .numbers import BadNumber, normalise

# Nothing: a leading 0 belongs to the number, or there is none.
_NONE = (
    "30 34 39 45 47 48 351 352 356 357 371 372 378 379 420 500 501 502 503 504 505"
    " 506 507 852 853 965 968 973 974 65"
)
# Country code: the prefixes it dials; countries in neither table are not judged.
_PREFIXES = {
    **dict.fromkeys(_NONE.split(), ()),
    **dict.fromkeys(
        "27 31 32 33 40 41 43 44 46 49 60 61 62 63 64 66 81 82 84 86 90 91 92 94 98 234"
        " 254 353 355 358 359 380 381 385 386 387 389 421 880 886 966 971 972".split(),
        ("0",),
    ),
    "1": ("1",),
    "7": ("8",),
    "36": ("06",),
}
_SUBSCRIBER = "123456789"


def contradiction(rules):
    """What of number rules contradicts their country, with an example.

    :param rules: :class:`~.number_rules.NumberRules`
    :return: ``(kind, as dialled, as read)``, kind ``no_prefix``, ``other_prefix`` or
        ``area``; None where nothing is known to be wrong
    """
    country, prefix, area = rules.country_code, rules.national_prefix, rules.area_code
    if country in _PREFIXES and prefix and prefix not in _PREFIXES[country]:
        kind = "other_prefix" if _PREFIXES[country] else "no_prefix"
        return _example(kind, prefix + _SUBSCRIBER, rules)
    if prefix and area.startswith(prefix) and rules.local_length:
        return _example("area", _SUBSCRIBER[: rules.local_length], rules)
    return None


def _example(kind, dialled, rules):
    try:
        return kind, dialled, normalise(dialled, rules.of_callers)
    except BadNumber:
        return None
