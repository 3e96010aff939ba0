"""Invoices of suppliers, from what came to what was decided.

``rows`` reads what comes by the machine door, ``figures`` adds up exactly; the models
hold the invoice and its lines, ``lines_insert`` makes many lines at once,
``line_sums`` sums them where they are, ``line_costs`` puts costs that are known one by
one beside a line, ``lines_apart`` keeps very many off the page, ``invoice_open`` keeps
what is decided, ``invoice_load`` is the door, ``invoice_decide`` who may decide what
until when, ``invoice_books`` what the books have already,
``invoice_parts`` of what the bills are made that follow in ``invoice_bill``,
``invoice_remind`` the end of the dispute window; ``agreement_changes`` has open
invoices go with their agreement.
"""

from . import (
    voip_supplier_invoice,
    voip_supplier_invoice_line,
    invoice_open,
    lines_insert,
    line_sums,
    line_costs,
    lines_apart,
    invoice_load,
    invoice_from_bill,
    invoice_decide,
    invoice_books,
    invoice_parts,
    invoice_bill,
    invoice_remind,
    agreement_changes,
)
