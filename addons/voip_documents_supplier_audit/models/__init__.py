from . import (
    supplier_kind,
    variance_kind,
    dispute_kind,
    voip_delivery,
    voip_supplier_invoice,
    voip_supplier_claim,
)
