from . import voip_cdr_upload, voip_rate_quote
