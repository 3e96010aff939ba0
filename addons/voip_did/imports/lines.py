"""A typed row of a list as what the machine door takes. No Odoo here."""

import re

from odoo.addons.voip_billing_base.reader.values import clean

from ..numbers.words import CAPABILITIES, BadNumberRow, row

SIZES = (10, 100, 1000)
# How suppliers call the kinds of numbers.
KIND_WORDS = {
    "local": "local|geographic|geo|fixed|landline|geografisch|did|ddi",
    "mobile": "mobile|cell|cellular|gsm|mobil",
    "national": "national|non geographic|nongeographic|uan|nomadic|voip",
    "toll_free": "toll free|tollfree|freephone|free phone|freecall|800|itfs|uifn",
    "shared": "shared|shared cost|sharedcost|local rate|service",
}
_KINDS = {word: kind for kind, ws in KIND_WORDS.items() for word in ws.split("|")}
_GAPS = re.compile(r"[\W_]+")


def line(typed, supplier, currency, countries):
    """(values as :func:`~..numbers.words.row` gives them, size of its block or 1).

    :param typed: :class:`~voip_billing_base.reader.typed.Row`
    :param supplier: reference of the supplier whose list it is, or None
    :param currency: code of the currency of costs where the row names none
    :param countries: {name of a country in lower case: its code}
    :raises BadNumberRow: with the reason
    """
    for name, reason in typed.problems.items():
        raise BadNumberRow("bad_value", f"{name}: {reason}")
    given = {**typed.values, "number": clean(typed.values.get("number"))}
    size = given.pop("block", 1) or 1
    if size != 1 and size not in SIZES:
        why = f"block: a block has 10, 100 or 1000 numbers, not {size}"
        raise BadNumberRow("bad_value", why)
    if "country" in given:
        word = given["country"]
        given["country"] = countries.get(word.lower(), word.upper())
    if "kind" in given:
        word = _GAPS.sub(" ", given["kind"].lower()).strip()
        given["kind"] = _KINDS.get(word, given["kind"])
    if "capabilities" in given:
        words = _GAPS.sub(" ", given["capabilities"].lower()).split()
        given["capabilities"] = [CARRIED.get(word, word) for word in words]
    for name in ("cost_setup", "cost_monthly"):
        if name in given:
            given[name] = f"{given[name]:f}"
            given.setdefault("cost_currency", currency)
    if "cost_currency" in given:
        given["cost_currency"] = given["cost_currency"].upper()
    if supplier:
        given["supplier"] = supplier
    return _round(row(given), size)


def _round(found, size):
    if size > 1 and not found["number"].endswith("0" * (len(str(size)) - 1)):
        why = f"number: a block of {size} begins with a number that ends with zeros"
        raise BadNumberRow("bad_number", why)
    return found, size


def numbers_of(first, size):
    """The numbers of a block, or the one."""
    if size == 1:
        return [first]
    width = len(str(size)) - 1
    return [f"{first[:-width]}{n:0{width}}" for n in range(size)]


CARRIED = {**dict.fromkeys(CAPABILITIES), "text": "sms", "t38": "fax", "calls": "voice"}
CARRIED |= {name: name for name in CAPABILITIES}
