from . import controllers, models
from .server import post_load
