from . import rate_notice_kind, voip_delivery, voip_rate_notice
