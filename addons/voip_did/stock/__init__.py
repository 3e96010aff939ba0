from . import voip_did_overview, voip_did_stock
