from . import (
    agreements,
    invoices,
    records,
    claims,
    costs,
    models,
    imports,
    checks,
    wizards,
)
from .hooks import uninstall_hook
