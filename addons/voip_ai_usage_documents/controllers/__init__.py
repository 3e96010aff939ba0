from . import sessions
