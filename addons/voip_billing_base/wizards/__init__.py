from . import (
    account_move_reversal,
    account_payment_register,
    partner_merge,
    voip_account_state_wizard,
    voip_credit_wizard,
    voip_topup_wizard,
)
