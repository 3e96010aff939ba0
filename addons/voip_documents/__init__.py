from . import calls, context, controllers, models, statements, wizards
