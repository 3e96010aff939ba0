"""What the rental of numbers has cost: charged month by month, never twice."""

from . import voip_did_charge, did_rental, voip_billing_run
