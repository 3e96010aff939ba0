from . import voip_usage_summary
