"""Tables of the module."""

from odoo.addons.voip_billing_base.downloads import TYPES

MOVE_KINDS = {"out_invoice": "invoice", "out_refund": "credit_note"}
FORMATS = [("pdf", "PDF"), ("xlsx", "XLSX"), ("csv", "CSV")]
MIMETYPES = TYPES
ENGINES = [("plutoprint", "PlutoPrint (fast)"), ("weasyprint", "WeasyPrint (rich)")]
# Columns of the shipped tables of invoices: heading, variable, kind, decimals (-1: as
# it is), width.
COLUMNS = [
    ("Document", "number", "text", -1, 18),
    ("Date", "date", "date", -1, 12),
    ("Customer", "customer.name", "text", -1, 26),
    ("Account", "account.code", "text", -1, 12),
    ("Section", "line.section", "text", -1, 22),
    ("Description", "line.name", "text", -1, 36),
    ("Calls", "line.calls", "number", 0, 10),
    ("Minutes", "line.seconds", "duration", -1, 12),
    ("Rate", "line.rate", "number", -1, 12),
    ("Rate Currency", "line.rate_currency", "text", -1, 9),
    ("Quantity", "line.quantity", "number", -1, 10),
    ("Unit Price", "line.price", "number", -1, 12),
    ("Discount %", "line.discount", "number", -1, 10),
    ("Amount", "line.amount", "number", -1, 14),
    ("Tax", "line.tax", "number", -1, 12),
    ("Currency", "currency.name", "text", -1, 9),
]
