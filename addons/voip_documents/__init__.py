from . import context, models
