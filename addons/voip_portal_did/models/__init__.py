from . import voip_did_plan, voip_did, voip_did_assignment, voip_did_port
