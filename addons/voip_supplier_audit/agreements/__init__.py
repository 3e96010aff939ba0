"""What is agreed with a supplier about his invoices, and how he names destinations."""

from . import voip_supplier_agreement, voip_supplier_name
