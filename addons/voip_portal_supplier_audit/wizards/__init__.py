from . import voip_dispute_wizard
