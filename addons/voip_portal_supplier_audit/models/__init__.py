from . import voip_dispute, voip_dispute_wizard, voip_usage
