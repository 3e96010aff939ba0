"""Words of the shipped templates in the customer's language."""


def words(env):
    """{name: word} for ``labels`` of the data."""
    return {**_head(env), **_foot(env)}


def _head(env):
    """Words of the head and the table."""
    _ = env._
    return {
        "number": _("Number"),
        "date": _("Date"),
        "due": _("Due"),
        "period": _("Usage period"),
        "account": _("Account"),
        "reference": _("Reference"),
        "vat": _("Tax ID"),
        "customer_vat": _("Your tax ID"),
        "bill_to": _("Bill to"),
        "destination": _("Destination"),
        "description": _("Description"),
        "calls": _("Calls"),
        "minutes": _("Minutes"),
        "rate": _("Rate"),
        "quantity": _("Quantity"),
        "price": _("Unit price"),
        "amount": _("Amount"),
    }


def _foot(env):
    """Words of sums, payment and notes."""
    _ = env._
    return {
        "subtotal": _("Subtotal"),
        "tax": _("Tax"),
        "base": _("Base"),
        "untaxed": _("Net amount"),
        "total": _("Total"),
        "rounding": _("Rounding"),
        "paid": _("Paid or credited"),
        "open": _("Amount due"),
        "payment": _("Payment"),
        "terms": _("Payment terms"),
        "instalment": _("Due"),
        "discount_until": _("With discount, until"),
        "bank": _("Bank"),
        "iban": _("IBAN"),
        "bank_account": _("Bank account"),
        "bic": _("BIC"),
        "holder": _("Account holder"),
        "communication": _("Please state"),
        "scan": _("Scan to pay"),
        "page": _("Page"),
        "of": _("of"),
        "per_minute": _("Rates per minute or unit, minutes as minutes:seconds."),
        "all_amounts": _("All amounts in %s."),
        "draft": _("Draft, not for payment"),
    }
