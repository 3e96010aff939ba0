"""What numbers cost at their suppliers, and what is left of their rental."""

from . import (
    res_partner,
    voip_did,
    voip_did_supplier,
    voip_did_cost,
    uncounted,
    did_accrual,
    voip_did_margin,
)
