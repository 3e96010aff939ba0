from . import engine
from . import (
    agreements,
    invoices,
    records,
    claims,
    costs,
    reconcile,
    cockpit,
    models,
    imports,
    checks,
    disputes,
    margin,
    scorecard,
    wizards,
)
from .hooks import uninstall_hook
