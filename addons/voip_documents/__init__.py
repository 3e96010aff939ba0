from . import calls, context, controllers, models, netting, statements, wizards
