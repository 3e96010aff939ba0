"""The variance of an invoice at a glance: steps from billed to ours, their calls."""

from . import voip_supplier_invoice, voip_supplier_invoice_line
