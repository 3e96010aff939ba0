from . import voip_did_assign
