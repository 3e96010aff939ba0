from . import disputes, opening
