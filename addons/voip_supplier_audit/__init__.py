from . import engine
from . import (
    agreements,
    invoices,
    records,
    claims,
    costs,
    reconcile,
    models,
    imports,
    checks,
    wizards,
)
from .hooks import uninstall_hook
