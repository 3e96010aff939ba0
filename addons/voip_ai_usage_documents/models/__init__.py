from . import account_move, move_sessions
