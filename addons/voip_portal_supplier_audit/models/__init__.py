from . import voip_dispute, voip_usage
