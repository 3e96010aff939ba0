from . import engine
from . import numbers, plans, assignments, rental, models, checks, wizards
