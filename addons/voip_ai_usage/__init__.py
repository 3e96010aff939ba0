"""AI voice: what models cost and customers pay for them, session by session."""

from . import engine
from . import catalogue, imports, plans, sessions, checks, wizards, controllers
from . import providers
from .hooks import uninstall_hook
