from . import engine
from . import models, rates, records, checks, imports, exports, generators, notices
from . import controllers, wizards
from .hooks import uninstall_hook
