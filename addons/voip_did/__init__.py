from . import engine
from . import numbers, plans, assignments, rental, calls, supply
from . import models, checks, wizards
