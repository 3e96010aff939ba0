"""A statement as it is shown on a page."""

from odoo.tools import format_date, formatLang

from ..engine.exact import text_of
from .statement import AGES, ZERO
from .words import described, statement_words

SHOWN = 500


def shown(env, statements):
    """Values of the template ``statement_content``: the last movements, formatted.

    :param statements: list of :class:`~.statement.Statement`
    """
    return {
        "labels": statement_words(env),
        "statements": [_shown_one(env, one) for one in statements],
    }


def _shown_one(env, one):
    currencies = env["res.currency"].sudo().with_context(active_test=False)
    currency = currencies.search([("name", "=", one.currency)], limit=1)

    def money(amount, places=currency.decimal_places):
        # Without its symbol: the heading says the currency, and a phone is narrow.
        return formatLang(env, float(amount), digits=places)

    rows = list(one.rows())
    return {
        "currency": one.currency,
        "opening": money(one.balance(one.opening)),
        "rows": [_shown_row(env, *row, money) for row in rows[-SHOWN:]],
        "left_out": max(0, len(rows) - SHOWN),
        "debit": money(one.total(1)),
        "credit": money(one.total(-1)),
        "closing": money(one.balance(one.closing)),
        "ageing": [(age, money(one.ageing.get(age, ZERO))) for age in AGES]
        if one.ageing
        else [],
        "unbilled": money(one.unbilled) if one.unbilled else "",
    }


def _shown_row(env, line, debit, credit, balance, money):
    """A movement; one that is less than the smallest coin with its decimals."""
    places = []
    if line.reason == "rounded":
        digits = text_of(debit or credit).partition(".")[2].rstrip("0")
        places = [len(digits)]
    return {
        "date": format_date(env, line.date),
        "kind": line.kind,
        "document": line.document,
        "description": described(line.description, lambda day: format_date(env, day)),
        "reason": line.reason,
        "debit": money(debit, *places) if debit else "",
        "credit": money(credit, *places) if credit else "",
        "balance": money(balance),
    }
