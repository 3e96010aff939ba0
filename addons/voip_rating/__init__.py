from . import engine
from . import models, rates, records, checks, imports, notices
from . import controllers, wizards
from .hooks import uninstall_hook
