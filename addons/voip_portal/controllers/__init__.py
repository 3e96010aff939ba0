from . import dashboard, movements, recharge, topup, usage
