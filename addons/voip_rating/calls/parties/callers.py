"""Callers of outbound calls: numbers that the account may show, or not."""

import numpy as np

from .inbound import MICROSECONDS

# Why a caller is noted.
OF_OTHERS, FOREIGN = 1, 2
WHY = {
    OF_OTHERS: "is not a number of account {code}",
    FOREIGN: "is not a number that account {code} may show",
}


def judge_callers(context, outbound, start, resolved, errors):
    """Note or refuse callers as the settings of their accounts say.

    An account's own numbers are those of its family that calls may go out with.
    ``resolved.mark`` says why a caller is noted, ``caller_of`` whose number it is.

    :param outbound: bool array: outbound calls
    :param start: int64 array, microseconds since 1970
    :param errors: {row: (code, message)}, added to
    """
    rules = context.holders.caller_rules()
    if not rules:
        return
    rows = np.flatnonzero(outbound & (resolved.caller > 0))
    rows = rows[np.isin(resolved.account_id[rows], list(rules))]
    rows = np.setdiff1d(rows, np.fromiter(errors, np.int64, len(errors)))
    if not rows.size:
        return
    mark, holder = _kinds(context, rows, start, resolved)
    accounts = resolved.account_id[rows]
    for account_id, (of_others, foreign) in rules.items():
        for kind, way in ((OF_OTHERS, of_others), (FOREIGN, foreign)):
            places = np.flatnonzero((accounts == account_id) & (mark == kind))
            if way == "flag":
                resolved.mark[rows[places]] = kind
                resolved.caller_of[rows[places]] = holder[places]
            elif way == "refuse":
                code = context.accounts[account_id].code
                _refuse(rows[places], WHY[kind].format(code=code), resolved, errors)


def _kinds(context, rows, start, resolved):
    """(why each caller is no own number or 0, account id that has it or 0)."""
    holders, callers = context.holders, resolved.caller[rows]
    holders.meet(np.unique(callers))
    places = holders.at(callers, start[rows] // MICROSECONDS)
    held = places >= 0
    holder = np.zeros(len(rows), np.int64)
    holder[held] = holders.column("account_id", places[held])
    both = np.unique(np.concatenate([holder[held], resolved.account_id[rows]]))
    context.parties.meet_accounts(both.tolist())
    roots = np.array([context.accounts[one].root_id for one in both.tolist()])
    own = np.zeros(len(rows), bool)
    root_of = roots[np.searchsorted(both, resolved.account_id[rows])]
    own[held] = roots[np.searchsorted(both, holder[held])] == root_of[held]
    two_way = np.zeros(len(rows), bool)
    two_way[held] = holders.column("two_way", places[held]) > 0
    kept = holders.known(callers)
    mark = np.where(kept & ~own, OF_OTHERS, np.where(own & two_way, 0, FOREIGN))
    return mark, holder


def _refuse(rows, why, resolved, errors):
    for row in rows.tolist():
        errors[row] = ("caller_refused", f"caller: +{resolved.caller[row]} {why}")
