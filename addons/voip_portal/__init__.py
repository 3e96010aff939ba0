from . import models, technical, subaccounts, controllers, resale
