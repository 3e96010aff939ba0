"""Sub-accounts that a reseller makes and manages by himself."""

from . import voip_account, voip_audit, pages
