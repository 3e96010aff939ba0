"""Inbound calls: the account that has the called number pays, by its inbound deck."""

import numpy as np

from .holders import BY_CALLED

MICROSECONDS = 1_000_000


def assign_holders(context, inbound, start, resolved, errors):
    """Give inbound calls to who has the called number at the call's time.

    A number that the company keeps decides; what the record names must be of the same
    family of accounts. A number that it does not keep leaves what the record names.

    :param inbound: bool array: inbound calls
    :param start: int64 array, microseconds since 1970
    :param errors: {row: (code, message)}, added to
    :return: bool array: calls that a holder pays
    """
    held = np.zeros(len(inbound), bool)
    rows = np.flatnonzero(inbound)
    rows = np.setdiff1d(rows, np.fromiter(errors, np.int64, len(errors)))
    if not rows.size:
        return held
    holders, numbers = context.holders, resolved.number[rows]
    holders.meet(numbers)
    places = holders.at(numbers, start[rows] // MICROSECONDS)
    _refuse_unheld(holders, rows[places < 0], resolved, errors)
    rows, places = rows[places >= 0], places[places >= 0]
    accounts = holders.column("account_id", places)
    context.parties.meet_accounts(np.unique(accounts).tolist())
    _refuse_unfit(context.parties, rows, accounts, resolved, errors)
    held[rows] = True
    resolved.account_id[rows] = accounts
    resolved.deck_id[rows] = holders.column("deck_id", places)
    _price_by(context.parties, holders, rows, places, resolved, errors)
    _costs(holders, rows, places, resolved)
    return held


def _refuse_unheld(holders, rows, resolved, errors):
    """Numbers that the company keeps and nobody has, or that nothing is known of."""
    kept = holders.known(resolved.number[rows])
    for row in rows[kept].tolist():
        errors[row] = (
            "no_account",
            f"called: +{resolved.number[row]} was at no account at the time of the"
            " call; assign it from that day, or correct the number",
        )
    nobody = rows[~kept & (resolved.account_id[rows] == 0)]
    for row in nobody.tolist():
        errors[row] = (
            "no_account",
            "no trunk and no account given, and the called number"
            f" +{resolved.number[row]} is not in the inventory",
        )


def _refuse_unfit(parties, rows, accounts, resolved, errors):
    """Holders that are closed, or of another family than who the record names."""
    named = resolved.account_id[rows]
    differs = np.flatnonzero((named > 0) & (named != accounts))
    for place in differs.tolist():
        holder = parties.accounts[int(accounts[place])]
        other = parties.accounts[int(named[place])]
        if holder.root_id != other.root_id:
            errors[int(rows[place])] = (
                "no_account",
                f"called: +{resolved.number[rows[place]]} was at account {holder.code}"
                f" at the time of the call, not at {other.code}",
            )
    closed = [a for a in np.unique(accounts).tolist() if _is_closed(parties, a)]
    for place in np.flatnonzero(np.isin(accounts, closed)).tolist():
        code = parties.accounts[int(accounts[place])].code
        errors.setdefault(
            int(rows[place]), ("account_closed", f"account {code} is closed")
        )


def _is_closed(parties, account_id):
    return parties.accounts[account_id].state == "closed"


def _price_by(parties, holders, rows, places, resolved, errors):
    """The number that is rated: the called one, or the caller's where the terms say."""
    for row in rows[resolved.deck_id[rows] == 0].tolist():
        code = parties.accounts[int(resolved.account_id[row])].code
        errors.setdefault(
            row,
            (
                "no_deck",
                f"account {code}: the plan of +{resolved.number[row]} has no inbound"
                " price for numbers of its kind",
            ),
        )
    by_caller = holders.column("by_caller", places) > 0
    rows, places = rows[by_caller], places[by_caller]
    caller, length = resolved.caller[rows], resolved.caller_len[rows]
    instead = holders.column("unknown_as", places)
    unknown = caller == 0
    resolved.rated[rows] = np.where(unknown, instead, caller)
    resolved.rated_len[rows] = np.where(unknown, _digits(instead), length)
    for row in rows[unknown & (instead == 0)].tolist():
        errors.setdefault(
            row,
            (
                "no_rate",
                "caller: it is not known, and the inbound price of the called number"
                " is by the caller's; state there what unknown callers are rated as",
            ),
        )


def _digits(numbers):
    """How many digits each of the numbers has."""
    powers = 10 ** np.arange(1, 19, dtype=np.int64)
    return np.where(numbers > 0, np.searchsorted(powers, numbers, "right") + 1, 0)


def _costs(holders, rows, places, resolved):
    """The deck of the number's supplier goes before that of the supplier's trunk; it is
    asked for the called number or for the caller's, where the inventory says by which.
    """
    deck = holders.column("cost_deck_id", places)
    rows, places, deck = rows[deck > 0], places[deck > 0], deck[deck > 0]
    resolved.cost_deck_id[rows] = deck
    supplier = holders.column("supplier_id", places)
    resolved.supplier_id[rows] = np.where(
        supplier > 0, supplier, resolved.supplier_id[rows]
    )
    by = holders.column("cost_by", places)
    rows, places, by = rows[by > 0], places[by > 0], by[by > 0]
    caller, length = resolved.caller[rows], resolved.caller_len[rows]
    instead = holders.column("unknown_as", places)
    unknown, called = caller == 0, by == BY_CALLED
    caller = np.where(unknown, instead, caller)
    length = np.where(unknown, _digits(instead), length)
    number = resolved.number[rows]
    resolved.has_own_cost[rows] = 1
    resolved.costed[rows] = np.where(called, number, caller)
    resolved.costed_len[rows] = np.where(called, _digits(number), length)
