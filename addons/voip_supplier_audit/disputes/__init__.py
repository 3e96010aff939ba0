"""Disputes of customers: what is claimed, what is held, and what became of it.

A dispute has the terms of a credit note (whole invoice, lines, calls, a percentage, an
amount), so that what is disputed and what is credited are computed by one rule.
``voip_dispute_wizard`` opens one, ``voip_dispute_outcome`` ends it by the credit
wizard, a refusal or its withdrawal; ``account_move`` holds the invoice meanwhile.
"""

from . import voip_audit
from . import voip_dispute
from . import voip_dispute_call
from . import voip_dispute_match
from . import voip_dispute_outcome
from . import voip_dispute_wizard
from . import voip_dispute_refusal
from . import voip_credit
from . import account_move
from . import voip_usage
from . import voip_account
from . import voip_check
