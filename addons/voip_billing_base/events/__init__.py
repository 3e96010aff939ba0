"""Usage events: whatever can be counted, from its sender to sum and charge.

1. ``voip_usage_event_type``: the registry of what is counted
2. ``voip_event_pricelist``, ``voip_event_price``: what units cost
3. ``store``: events are kept once, each in its own words
4. ``voip_usage_event``: the door of machines, and the queue of what has an error;
   ``voip_usage_event_refused``: what is no event before it is corrected;
   ``tables``: where events are, by month
5. ``recorder``: the same for other modules, beside their transaction
6. ``pricing``, ``charging``: events to what they cost, and that to usage and wallets
7. ``event_count``: waiting events find account, type and price, and join their day
8. ``voip_usage_event_charge``, ``event_why``: what was charged, and why;
   ``event_quote``: what would be
9. ``event_again``: charges are taken back, and events priced again
10. ``voip_usage_event_day``: sums by day
11. ``voip_billing_run``: events before and in a billing run
12. ``mail_mail``: Odoo's own e-mails
13. ``voip_event_webhook``: providers that post what they count
14. ``voip_check``, ``voip_witness``: the invariants, and digests of what stays
"""

from . import (
    voip_usage_event_type,
    voip_event_pricelist,
    voip_event_price,
    voip_usage_event,
    voip_usage_event_refused,
    voip_usage_event_charge,
    event_count,
    event_why,
    event_quote,
    event_again,
    voip_usage_event_day,
    voip_billing_run,
    mail_mail,
    voip_event_webhook,
    voip_check,
    voip_witness,
)
from .recorder import Capture, record_usage_event
