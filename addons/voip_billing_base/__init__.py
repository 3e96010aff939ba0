from . import engine, models, wizards
