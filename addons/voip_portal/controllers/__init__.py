from . import calls, dashboard, rates, movements, recharge, topup, usage
