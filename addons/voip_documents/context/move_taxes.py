"""Taxes of an invoice, each rate by itself."""

from decimal import Decimal

from ..engine import exact
from .figures import amount_of


def taxes_of(move):
    """(name, base, amount) of each tax of a document, amounts as exact texts.

    Odoo sums taxes by group. Where a group has several taxes each of them is told, for
    an invoice has to show what is taxed at which rate (Directive 2006/112/EC, article
    226 (8) to (10)).
    """
    totals, found = move.tax_totals or {}, []
    for subtotal in totals.get("subtotals", ()):
        for group in subtotal["tax_groups"]:
            whole = _group(move, group)
            found += _split(move, group, whole) or [whole]
    return found


def line_taxes(move):
    """{line: tax as exact text} of a document; together they are its tax.

    Of lines alone each is rounded by itself, which misses the tax of a document that
    is rounded as a whole by cents. Empty where a line's own stands: the lines add up
    already, or something else moves the tax, as rounding for cash may.
    """
    whole = Decimal(amount_of(move.amount_tax, move.currency_id))
    lines = move.invoice_line_ids
    own = (amount_of(x.price_total - x.price_subtotal, move.currency_id) for x in lines)
    if sum(map(Decimal, own)) == whole:
        return {}
    base_lines, _tax_lines = move._get_rounded_base_and_tax_lines()
    found = {}
    for base in base_lines:
        amounts = (
            Decimal(amount_of(tax["tax_amount_currency"], move.currency_id))
            for tax in base["tax_details"]["taxes_data"]
        )
        found[base["record"]] = sum(amounts, Decimal(0))
    if sum(found.values()) != whole:
        return {}
    places = move.currency_id.decimal_places
    return {
        line: exact.text_of(exact.rounded(tax, places)) for line, tax in found.items()
    }


def _group(move, group):
    base = group["display_base_amount_currency"]
    base = group["base_amount_currency"] if base is None else base
    amount = group["tax_amount_currency"]
    return group["group_name"], *_texts(move, base, amount)


def _split(move, group, whole):
    """The taxes of a group of several; none where they are not the group's amount."""
    taxes = move.env["account.tax"].browse(group["involved_tax_ids"])
    if len(taxes) < 2:
        return []
    base_lines, _tax_lines = move._get_rounded_base_and_tax_lines()
    details = taxes._aggregate_base_lines_tax_details(
        base_lines, lambda _line, data: data["tax"] if data else None
    )
    sums = taxes._aggregate_base_lines_aggregated_values(details)
    found = []
    for tax in taxes.sorted(lambda one: (one.sequence, one.id)):
        values = sums.get(tax)
        if values:
            amounts = values["base_amount_currency"], values["tax_amount_currency"]
            label = tax.invoice_label or tax.name
            found.append((label, *_texts(move, *amounts)))
    told = sum((Decimal(amount) for _name, _base, amount in found), Decimal(0))
    return found if told == Decimal(whole[2]) else []


def _texts(move, *values):
    return tuple(amount_of(value, move.currency_id) for value in values)
