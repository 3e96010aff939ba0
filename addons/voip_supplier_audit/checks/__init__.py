from . import voip_check, voip_check_agreements, voip_witness
