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
    wizards,
)
from .hooks import uninstall_hook
