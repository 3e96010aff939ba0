"""Rental that a wallet cannot pay: grace, notice, suspension, release, and payment.

1. ``afford``: which assignments the wallets of prepaid accounts can pay
2. models: ``voip_did_suspension`` is a span of days that a number is suspended;
   ``plan_of_unpaid`` the rule of a plan; ``unpaid_assignment`` carries it out;
   ``unpaid_notice`` tells customer and staff
"""

from . import (
    voip_did_suspension,
    plan_of_unpaid,
    suspended_assignment,
    unpaid_assignment,
    unpaid_notice,
)
