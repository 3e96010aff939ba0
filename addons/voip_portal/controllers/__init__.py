from . import calls, contacts, dashboard, events, invoices, methods, movements, postpaid
from . import rates, recharge, topup, usage
