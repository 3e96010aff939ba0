"""Top-ups online: by the customer, and by themselves when his balance runs low."""

from . import payment_transaction, voip_recharge, voip_account_recharge
