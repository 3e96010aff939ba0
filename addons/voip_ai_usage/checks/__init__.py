from . import voip_check, voip_witness, voip_audit
