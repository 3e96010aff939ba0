"""Searches by digits: the same numbers found by the index that fits the pattern."""

import re

from odoo.fields import Domain
from odoo.tools import SQL

from .words import above, begins

# Where so many match, a page of them is soon met on the way through all in order.
MANY = 5_000
# pg_trgm finds three digits or more that stand together.
TRIGRAM = 3
# Bit n is set where the digit n is in the number. Spelt as PostgreSQL compares it with
# what a search asks.
BIT = "((strpos(%s, %s) > 0)::int << %s)"
BITS = " | ".join(BIT % ("number", f"'{digit}'", digit) for digit in range(10))


def counted(text):
    """A domain that counts the numbers like ``text`` with the least work.

    :param text: see :func:`.words.pattern`; empty: all
    """
    if not text:
        return []
    found = [] if _is_run(text) else [("number", "=like", text)]
    if first := begins(text):
        found.append(("number", ">=", first))
        if end := above(first):
            found.append(("number", "<", end))
    elif text[-1].isdigit():
        return [Domain.custom(to_sql=lambda *at: _ends(text, *at))]
    elif digits := _apart(text):
        found.append(Domain.custom(to_sql=lambda *at: _holds(digits, *at)))
    return found


def paged(text, count):
    """A domain for a page in the order of numbers, where ``count`` are like ``text``.

    Numbers with an end or with few digits lie all over: many are met one after the
    other, few are fetched and sorted.
    """
    if count > MANY and not begins(text):
        return [("number", "=like", text)] if text else []
    return counted(text)


def _is_run(text):
    """It is told wholly by its first digits, or by the digits that are there."""
    return bool(re.fullmatch("[0-9]+%+|%+[0-9]%+", text))


def _apart(text):
    """The digits of a pattern in which no index finds those that stand together."""
    runs = re.findall("[0-9]+", text)
    if any(len(run) >= TRIGRAM for run in runs):
        return ""
    return "".join(runs)


def _ends(text, model, alias, query):
    number = model._field_to_sql(alias, "number", query)
    return SQL("reverse(%s) LIKE %s", number, text[::-1])


def _holds(digits, model, alias, query):
    """The bits of the number are any of those that hold all the digits."""
    number = model._field_to_sql(alias, "number", query)
    bits = [SQL(BIT, number, str(digit), digit) for digit in range(10)]
    wanted = sum(1 << int(digit) for digit in set(digits))
    fit = [value for value in range(1 << 10) if value & wanted == wanted]
    return SQL("(%s) = ANY(%s)", SQL(" | ").join(bits), fit)
