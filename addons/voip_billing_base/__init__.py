from . import engine, models, wizards
from .hooks import uninstall_hook
