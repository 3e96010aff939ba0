from . import rate_notice_kind, voip_rate_notice
