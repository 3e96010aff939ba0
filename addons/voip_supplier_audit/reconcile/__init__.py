"""The journey of an audit: read both sides, pair call records, explain the money.

``read`` and ``versions`` are what the database says, ``case`` puts it together for the
engine, ``invoice_explain`` tells what was found, ``voip_supplier_match`` shows pairs,
``voip_supplier_reconciliation`` is the same work in the background.
"""

from . import (
    voip_supplier_invoice,
    invoice_explain,
    voip_supplier_match,
    voip_supplier_reconciliation,
)
