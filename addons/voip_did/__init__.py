from . import engine
from . import numbers, plans, assignments, blocks, rental, models, checks, wizards
