from . import context, controllers, models, netting, statements, wizards
