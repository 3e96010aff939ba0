"""Wallets and what moves them: entries, payments, reconciliations."""

from . import (
    voip_wallet,
    voip_wallet_bounds,
    voip_wallet_entry,
    voip_wallet_pending,
    account_move_wallet,
    account_move_exchange,
    account_move_line_wallet,
    account_partial_reconcile,
    account_payment,
    account_payment_guard,
    voip_receivable,
)
