"""The currency that a sheet names beside its prices. No Odoo here."""

import re

from odoo.addons.voip_billing_base.reader.values import BadCell, clean, shown

_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR"}
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
# Codes of currencies that are words of a heading, too.
_WORDS = frozenset(("ALL", "TOP"))


def check(cell, currency):
    """See that a cell with a price or a currency names none but ``currency``.

    A dollar sign and a yen sign are those of several currencies.

    :param currency: ISO code of the deck's currency
    :raises BadCell: it names another one
    """
    text = clean(cell)
    if others := _named(text) - {currency}:
        other = ", ".join(sorted(others))
        raise BadCell(f"{shown(cell)} is in {other}, the deck is in {currency}")


def foreign(heading, currency, known):
    """The other currencies that a heading names, none where it names this one, too.

    :param known: ISO codes of all currencies
    """
    named = {
        code
        for code in _named(heading)
        if code in _SIGNS.values() or (code in known and code not in _WORDS)
    }
    return sorted(named) if currency not in named else []


def _named(text):
    signs = {code for sign, code in _SIGNS.items() if sign in text}
    return signs | set(_CODE.findall(text))
