from . import months, sessions
