from . import engine
from . import numbers, plans, assignments, blocks, imports, rental, calls, models
from . import checks, porting, unpaid, stock, wizards, controllers
