from . import context, controllers, models, statements, wizards
