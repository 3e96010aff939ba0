from . import models, technical, controllers
