from . import controllers, statements, wizards
