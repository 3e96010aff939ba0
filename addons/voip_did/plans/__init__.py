"""What numbers are rented for: plans and their prices."""

from . import voip_did_plan, voip_did_price
