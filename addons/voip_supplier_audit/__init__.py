from . import disputes
from . import margin
