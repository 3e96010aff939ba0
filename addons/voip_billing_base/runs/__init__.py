"""Billing runs: who is invoiced for which period, late usage."""

from . import (
    voip_billing_run,
    voip_billing_run_line,
    voip_billing_run_late,
    voip_billing_run_unrated,
)
