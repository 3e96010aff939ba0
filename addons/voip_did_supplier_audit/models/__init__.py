"""Lines of rental in suppliers' invoices."""

from . import voip_supplier_invoice_line, voip_supplier_invoice
