"""Trunks and addresses, what came in today, who gets which mail, and API keys."""

from . import ir_http, voip_account, voip_api_use, voip_trunk, doors, key_pages, pages
