from . import engine
from . import models, accounts, wallets, checks, documents, runs, credits
from . import wizards
from .hooks import uninstall_hook
