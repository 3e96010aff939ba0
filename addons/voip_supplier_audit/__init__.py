from . import (
    agreements,
    invoices,
    records,
    claims,
    costs,
    models,
    imports,
    checks,
    disputes,
    margin,
    scorecard,
    wizards,
)
from .hooks import uninstall_hook
