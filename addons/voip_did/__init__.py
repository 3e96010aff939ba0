from . import engine
from . import numbers, plans, assignments, blocks, imports, rental, calls, supply
from . import deferrals
from . import models, checks, porting, unpaid, stock, wizards, controllers
from .hooks import uninstall_hook
