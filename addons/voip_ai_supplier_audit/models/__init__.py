"""Lines of AI usage in providers' invoices."""

from . import voip_supplier_invoice_line, voip_supplier_invoice
