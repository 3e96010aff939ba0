"""Resale prices: a reseller's own mark-ups, and what his customers see by them."""

from . import voip_account, voip_resale_markup, voip_audit, voip_check, voip_rate_deck
from . import other_pages, rates_pages, reseller_pages, usage_pages
