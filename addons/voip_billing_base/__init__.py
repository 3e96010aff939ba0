from . import engine
from . import models, mail, accounts, wallets, alerts, recharge, checks, documents, runs
from . import credits, events
from . import imports
from . import wizards, controllers
from .hooks import post_init_hook, uninstall_hook
