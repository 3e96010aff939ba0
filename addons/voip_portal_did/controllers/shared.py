"""What the pages of numbers share."""

from odoo.http import request
from odoo.tools import formatLang


def priced(chosen, text, currency):
    """A price that is known as text, as the reader writes it, with all its decimals."""
    if text is None:
        return ""
    digits = max(currency.decimal_places, len(str(text).partition(".")[2]))
    shown = formatLang(chosen.env, float(text), digits=digits)
    return f"{shown} {currency.name}"


def plain(number):
    """Whether a text is digits, as a number is."""
    return number.isascii() and number.isdigit()


def assignment_of(chosen, number):
    """The assignment of a number that the account has, or will have.

    :param number: its digits
    :raises NotFound: it has no such number
    """
    if not plain(number):
        raise request.not_found()
    found = chosen.env["voip.did.assignment"].sudo().search(
        [*held(chosen), ("did_id.number", "=", number)], limit=1, order="date_start"
    )
    if not found:
        raise request.not_found()
    return found


def held(chosen):
    """Domain of what the account has today, or from a later day on."""
    return [
        ("account_id", "in", chosen.account.ids),
        "|",
        ("date_end", "=", False),
        ("date_end", ">=", chosen.today()),
    ]
