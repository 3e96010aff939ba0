from . import voip_check, voip_witness, deferral_check, terms_check
