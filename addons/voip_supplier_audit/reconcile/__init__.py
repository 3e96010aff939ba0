"""The journey of call records: read both sides, pair them, keep what was found."""

from . import voip_supplier_invoice
