"""Usage events: whatever can be counted, from its sender to a day's sum.

1. ``voip_usage_event_type``: the registry of what is counted
2. ``store``: events are kept once, each in its own words
3. ``voip_usage_event``: the door of machines, and the queue of what has an error
4. ``recorder``: the same for other modules, beside their transaction
5. ``event_count``: waiting events find account and type and join the sum of their day
6. ``voip_usage_event_day``: these sums
7. ``voip_check``: the invariants
"""

from . import (
    voip_usage_event_type,
    voip_usage_event,
    event_count,
    voip_usage_event_day,
    voip_check,
)
from .recorder import record_usage_event
