from . import engine
from . import numbers, plans, assignments, blocks, imports, rental, models, checks
from . import porting, unpaid, stock, wizards, controllers
