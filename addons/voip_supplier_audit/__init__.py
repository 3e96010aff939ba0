from . import engine
from . import agreements, invoices, records, claims, costs, models, checks
from .hooks import uninstall_hook
