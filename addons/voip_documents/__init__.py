from . import context, controllers, models, delivery, statements, wizards
