"""What an account pays beside its tokens: fees, minutes, lines, and what is included.

1. ``voip_ai_plan``: terms
2. ``voip_ai_subscription``: which account has which plan, from a day to a day
3. ``plan_fees``: the fees of months become usage
4. ``voip_account``: how long sessions of an account wait for their call
"""

from . import voip_ai_plan, voip_ai_subscription, plan_fees, voip_account
