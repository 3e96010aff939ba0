"""When and how much of an invoice will be due once it is decided."""

from odoo import fields

from ..invoices.figures import exact, spread
from ..invoices.voip_supplier_invoice import OPEN_STATES

# Instalments of one invoice that have an id of their own; terms of more share the last.
PARTS = 512


def expected_rows(env):
    """What open invoices will be due by, as they are decided so far.

    What is rejected falls away, what is disputed is held, the rest is payable; each
    part falls due as its bill will, by the terms of the agreement, else of the
    supplier. An invoice of a bill that is posted is not among them: the bill is.

    :param env: whose companies are asked; rights are checked by the caller
    :return: list of dict, columns of ``voip.supplier.due`` with amounts as text
    """
    domain = [
        ("state", "in", OPEN_STATES),
        ("company_id", "in", env.companies.ids),
        "|",
        ("bill_id", "=", False),
        ("bill_id.state", "!=", "posted"),
    ]
    invoices = env["voip.supplier.invoice"].sudo().search(domain)
    refused = _refused(env, invoices)
    return [
        row
        for invoice in invoices
        for row in _rows(invoice, *refused.get(invoice.id, (exact(0), exact(0))))
    ]


def _refused(env, invoices):
    """{invoice: (rejected, disputed)} of lines, as Decimal."""
    lines = env["voip.supplier.invoice.line"].sudo()
    sums = lines._read_group(
        [
            ("invoice_id", "in", invoices.ids),
            ("decision", "in", ("rejected", "disputed")),
        ],
        ["invoice_id", "decision"],
        ["amount:sum", "disputed_amount:sum"],
    )
    found = {}
    for invoice, decision, amount, disputed in sums:
        rejected, held = found.get(invoice.id, (exact(0), exact(0)))
        if decision == "rejected":
            rejected = exact(amount or 0)
        else:
            held = exact(disputed or 0)
        found[invoice.id] = rejected, held
    return found


def _rows(invoice, rejected, disputed):
    """Rows of one invoice: instalments of what is payable, then of what is held."""
    accepted = exact(invoice.total) - rejected - disputed
    payable, held = spread([accepted, disputed], invoice.currency_id.decimal_places)
    dated = [(day, part, exact(0)) for day, part in instalments(invoice, payable)]
    dated += [(day, part, part) for day, part in instalments(invoice, held)]
    return [
        {
            "id": 2 * (invoice.id * PARTS + min(place, PARTS - 1)) + 1,
            "company_id": invoice.company_id.id,
            "partner_id": invoice.partner_id.id,
            "currency_id": invoice.currency_id.id,
            "invoice_id": invoice.id,
            "number": invoice.number,
            "date_due": fields.Date.to_string(day),
            "amount": str(amount),
            "held": str(kept),
        }
        for place, (day, amount, kept) in enumerate(dated)
    ]


def instalments(invoice, amount):
    """[(day, part)] of an amount of the invoice, by the terms that its bill will have.

    :param amount: Decimal, rounded to the currency
    :return: of no amount none; without terms all of it today, as a bill that is made
        today falls due
    """
    if not amount:
        return []
    agreed = invoice.agreement_id.payment_term_id
    own = invoice.with_company(invoice.company_id).partner_id
    terms = (amount > 0 and agreed) or own.property_supplier_payment_term_id
    if not terms:
        return [(fields.Date.context_today(invoice), amount)]
    money, sign = float(abs(amount)), 1 if amount > 0 else -1
    currency = invoice.currency_id
    found = terms._compute_terms(
        date_ref=invoice.date,
        currency=currency,
        company=invoice.company_id,
        tax_amount=0.0,
        tax_amount_currency=0.0,
        sign=1,
        untaxed_amount=money,
        untaxed_amount_currency=money,
    )
    unit = exact(1).scaleb(-currency.decimal_places)
    parts = [
        (one["date"], sign * exact(one["foreign_amount"]).quantize(unit))
        for one in found["line_ids"]
    ]
    return [(day, part) for day, part in parts if part]
