from . import engine
from . import numbers, plans, assignments, rental, calls, models, checks, wizards
