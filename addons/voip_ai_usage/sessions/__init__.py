"""AI sessions, from their sender to charge, call and month.

1. ``voip_ai_session``: the door of machines, and the queue of what has an error
2. ``store``: sessions are kept once, later corrections replace them
3. ``voip_ai_charge``: what was charged, row by row
   ``kept``: what was charged before the module was uninstalled
4. ``pricing``, ``charging``: sessions to what they cost, and that to usage and wallets
5. ``calls``: which call a session belongs to
6. ``session_work``: waiting sessions find account, call and price
7. ``session_again``: charges are taken back, and sessions priced again
8. ``session_why``: what a session and its call earn, and why
   ``voip_cdr``: from a call to its sessions
9. ``session_quote``: what a session would cost
10. ``voip_ai_month``: what a client used in a month
11. ``voip_billing_run``, ``billing_document``: sessions in billing runs and on invoices
"""

from . import (
    voip_ai_session,
    voip_ai_charge,
    session_work,
    session_again,
    session_why,
    voip_cdr,
    session_quote,
    voip_ai_month,
    voip_billing_run,
    billing_document,
)
