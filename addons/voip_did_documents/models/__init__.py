from . import account_move, move_numbers, res_company
