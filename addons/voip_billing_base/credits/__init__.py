"""Credit notes of usage: chosen, approved, made."""

from . import (
    voip_credit_terms,
    voip_credit,
    voip_credit_note,
    account_move_credit,
    voip_usage_credit,
    voip_check_credit,
    voip_audit_credit,
)
