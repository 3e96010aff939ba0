from . import engine
from . import (
    agreements,
    invoices,
    records,
    claims,
    costs,
    reconcile,
    corrections,
    models,
    imports,
    checks,
    disputes,
    margin,
    scorecard,
    wizards,
)
from .hooks import uninstall_hook
