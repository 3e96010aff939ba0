from . import engine
from . import (
    agreements,
    invoices,
    records,
    claims,
    costs,
    reconcile,
    corrections,
    cockpit,
    models,
    imports,
    checks,
    disputes,
    margin,
    quality,
    scorecard,
    due,
    wizards,
    daily,
)
from .hooks import uninstall_hook
