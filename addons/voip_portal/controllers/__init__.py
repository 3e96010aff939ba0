from . import calls, contacts, dashboard, invoices, movements, postpaid, rates, recharge
from . import topup, usage
