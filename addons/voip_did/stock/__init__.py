from . import voip_did_stock
