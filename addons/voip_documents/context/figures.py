"""Odoo's figures as exact and as formatted text."""

import ast
from decimal import Decimal

from ..engine import exact


def layout_of(env, lang_code, currency):
    """The layout of numbers (see ``engine.exact``) of a language."""
    lang = env["res.lang"].sudo()._lang_get(lang_code) or env["res.lang"].sudo()
    lang = lang or lang.search([("active", "=", True)], limit=1)
    # Behind Arabic or Hebrew words a bare minus would stand at the number's other end.
    is_right_to_left = lang.direction == "rtl"
    return {
        **({"minus": f"\u200e{exact.MINUS}"} if is_right_to_left else {}),
        "decimal_point": lang.decimal_point or ".",
        "thousands_sep": (lang.thousands_sep or "").replace(" ", exact.GAP),
        "grouping": list(ast.literal_eval(lang.grouping or "[]")),
        "date": lang.date_format or "%Y-%m-%d",
        "currency": {
            "name": currency.name,
            "symbol": currency.symbol or currency.name,
            "before": currency.position == "before",
            "decimals": currency.decimal_places,
        },
    }


def amount_of(value, currency):
    """A float of the books as exact text with the currency's decimals."""
    places = currency.decimal_places
    return exact.text_of(exact.rounded(Decimal(repr(value or 0.0)), places))


def decimals_of(text):
    """How many decimals an exact number has, without zeros at the end; at least 4."""
    return max(4, len(text.partition(".")[2].rstrip("0")))


def shortest(value, places=8):
    """A float as exact text without zeros at the end."""
    text = exact.text_of(exact.rounded(Decimal(repr(value or 0.0)), places))
    return text.rstrip("0").rstrip(".") if "." in text else text
