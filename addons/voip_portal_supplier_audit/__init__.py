from . import models, wizards, controllers
