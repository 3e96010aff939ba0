from . import agreements, invoices, records, claims, costs, models, checks
from . import disputes, margin
from .hooks import uninstall_hook
