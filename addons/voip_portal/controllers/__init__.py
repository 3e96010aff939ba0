from . import calls, dashboard, movements, postpaid, rates, recharge, topup, usage
