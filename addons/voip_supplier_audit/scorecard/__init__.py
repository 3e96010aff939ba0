from . import voip_supplier_score
