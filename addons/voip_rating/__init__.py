from . import controllers, engine, models, imports, wizards
from .hooks import uninstall_hook
