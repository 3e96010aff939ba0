from . import voip_did_assign, voip_did_list
