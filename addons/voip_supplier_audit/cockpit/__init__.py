"""The variance of an invoice at a glance: steps from billed to ours, their calls."""

from . import voip_supplier_invoice
