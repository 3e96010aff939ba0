"""Low balances: who is told, once per crossing."""

from . import voip_balance_alert, voip_account_alert
