"""What the rental of numbers has cost: charged month by month, never twice."""

from . import (
    billing_document,
    voip_did_charge,
    did_rental,
    rental_problem,
    voip_billing_run,
    voip_credit,
)
