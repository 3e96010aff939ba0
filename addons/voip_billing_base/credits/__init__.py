"""Credit notes of usage: chosen, approved, made."""

from . import (
    voip_credit_terms,
    voip_credit_date,
    voip_credit_percent,
    voip_credit_totals,
    voip_credit,
    voip_credit_waiting,
    voip_credit_note,
    voip_credit_preview,
    account_move_credit,
    account_move_origin,
    voip_usage_credit,
    voip_check_credit,
    voip_audit_credit,
)
