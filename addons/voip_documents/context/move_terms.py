"""What a document says beside its lines: when how much is due, and the law."""

import re

from odoo.tools import format_date

from ..engine import exact
from .figures import amount_of, layout_of


def instalments(move, layout):
    """[{date, amount (and _text)}] of what is still due, where it is due in parts."""
    terms = _terms(move)
    if len(terms) < 2:
        return []
    found = []
    for line in terms.sorted(lambda line: (line.date_maturity, line.id)):
        if not move.currency_id.is_zero(line.amount_residual_currency):
            due = line.date_maturity
            found.append(_dated(move, due, line.amount_residual_currency, layout))
    return found


def early_discount(move, layout):
    """{date, amount (and _text)}: what is paid until when instead of all; or empty
    texts where no discount is given, or a part is paid already."""
    terms = _terms(move).filtered("discount_date")
    if not terms or move.amount_residual != move.amount_total:
        return _dated(move, None, None, layout)
    amount = sum(terms.mapped("discount_amount_currency"))
    return _dated(move, min(terms.mapped("discount_date")), amount, layout)


def legal_notes(move, code):
    """[text]: of the fiscal position, e.g. reverse charge, of the taxes, of the payment
    terms; taxes in the company's currency, as the law of many countries asks."""
    term = move.invoice_payment_term_id
    notes = [plain(move.fiscal_position_id.note), plain(move.taxes_legal_notes)]
    # Of most terms the note repeats the name, which is said beside the bank.
    note = plain(term.note)
    notes.append("" if not note or (term.name or "") in note else note)
    totals = move.tax_totals or {}
    if totals.get("display_in_company_currency") and move.amount_tax:
        notes.append(_company_taxes(move, totals, code))
    return [text for text in notes if text]


def rounding(move):
    """What rounding for cash added to the net amount, as a float of the books."""
    lines = move.line_ids.filtered(lambda line: line.display_type == "rounding")
    lines = lines.filtered(lambda line: not line.tax_repartition_line_id)
    return move.direction_sign * sum(lines.mapped("amount_currency"))


def plain(html):
    """Markup as one line of text."""
    return " ".join(re.sub(r"<[^>]+>", " ", str(html or "")).split())


def _terms(move):
    return move.line_ids.filtered(lambda line: line.display_type == "payment_term")


def _dated(move, day, amount, layout):
    text = amount_of(abs(amount), move.currency_id) if day else ""
    return {
        "date": day.isoformat() if day else "",
        "date_text": format_date(move.env, day) if day else "",
        "amount": text,
        "amount_text": exact.money_text(text, layout) if text else "",
    }


def _company_taxes(move, totals, code):
    own = move.company_id.currency_id
    layout = layout_of(move.env, code, own)
    parts = []
    for subtotal in totals.get("subtotals", ()):
        for group in subtotal["tax_groups"]:
            base = group["display_base_amount"]
            base = group["base_amount"] if base is None else base
            values = amount_of(base, own), amount_of(group["tax_amount"], own)
            base, tax = (exact.money_text(value, layout) for value in values)
            parts.append(
                move.env._(
                    "%(name)s on %(base)s: %(tax)s",
                    name=group["group_name"], base=base, tax=tax,
                )
            )  # fmt: skip
    return move.env._(
        "Taxes in %(currency)s: %(taxes)s.", currency=own.name, taxes="; ".join(parts)
    )
