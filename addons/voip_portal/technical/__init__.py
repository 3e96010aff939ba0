"""Trunks and their addresses, what came in today, and who gets which mail."""

from . import voip_account, voip_trunk, pages
