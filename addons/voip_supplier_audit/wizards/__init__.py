from . import voip_supplier_upload
