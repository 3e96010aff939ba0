"""Words of shipped tables in the customer's language."""


def headings(env):
    """{heading of a shipped table: the same in the language of ``env``}."""
    return {**_of_invoices(env), **_of_others(env)}


def _of_invoices(env):
    _ = env._
    return {
        "Document": _("Document"),
        "Date": _("Date"),
        "Customer": _("Customer"),
        "Account": _("Account"),
        "Section": _("Section"),
        "Description": _("Description"),
        "Calls": _("Calls"),
        "Minutes": _("Minutes"),
        "Rate": _("Rate"),
        "Rate Currency": _("Rate Currency"),
        "Quantity": _("Quantity"),
        "Unit Price": _("Unit Price"),
        "Discount %": _("Discount %"),
        "Amount": _("Amount"),
        "Tax": _("Tax"),
        "Currency": _("Currency"),
    }


def _of_others(env):
    """Of statements, usage reports and requests for netting."""
    _ = env._
    return {
        "Type": _("Type"),
        "Debit": _("Debit"),
        "Credit": _("Credit"),
        "Balance": _("Balance"),
        "Service": _("Service"),
        "Destination": _("Destination"),
        "Attempts": _("Attempts"),
        "Units": _("Units"),
        "Reference": _("Reference"),
        "Due": _("Due"),
        "Open": _("Open"),
        "In Favour of Us": _("In Favour of Us"),
        "In Favour of You": _("In Favour of You"),
        "Netted": _("Netted"),
        "Left Out Because": _("Left Out Because"),
    }
