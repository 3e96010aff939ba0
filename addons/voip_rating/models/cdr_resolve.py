"""Records to accounts, trunks and E.164 numbers."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from ..engine import NumberRules
from ..engine.numbers import normalise_many
from ..engine.parse import quote

PLAIN = NumberRules()


@dataclass(slots=True)
class Resolved:
    """Columns beside the records; 0 where there is none.

    ``number`` and ``caller`` are E.164 digits as int64 with their lengths; ``rated`` is
    the number that is rated: the LRN when given, else the called number.
    """

    account_id: np.ndarray
    trunk_id: np.ndarray
    deck_id: np.ndarray
    supplier_trunk_id: np.ndarray
    supplier_id: np.ndarray
    cost_deck_id: np.ndarray
    number: np.ndarray
    caller: np.ndarray
    caller_len: np.ndarray
    rated: np.ndarray
    rated_len: np.ndarray


def resolve(context, records, errors):
    """Find account, trunks, decks and numbers of every record.

    :param errors: {row: (code, message)}, added to
    :return: :class:`Resolved`
    """
    count = len(records)
    columns = {
        name: np.zeros(count, np.int64) for name in Resolved.__dataclass_fields__
    }
    resolved = Resolved(**columns)
    _customers(context, records, resolved, errors)
    _suppliers(context, records, resolved, errors)
    _numbers(context, records, resolved, errors)
    return resolved


def _grouped(keys):
    groups = defaultdict(list)
    for row, key in enumerate(keys):
        groups[key].append(row)
    return groups


def _customers(context, records, resolved, errors):
    for (trunk, account), rows in _grouped(
        zip(records.trunk, records.account, strict=True)
    ).items():
        if (trunk and context.needs_number(trunk)) or not (trunk or account):
            for row in rows:
                _customer(context, records, resolved, errors, trunk, account, [row])
        else:
            _customer(context, records, resolved, errors, trunk, account, rows)


def _customer(context, records, resolved, errors, trunk_name, account_code, rows):
    trunk, account, problem = _find_customer(
        context, trunk_name, account_code, records, rows[0]
    )
    if problem:
        for row in rows:
            errors.setdefault(row, problem)
        return
    resolved.account_id[rows] = account.id
    resolved.trunk_id[rows] = trunk.id if trunk else 0
    resolved.deck_id[rows] = (trunk and trunk.deck_id) or account.deck_id or 0
    if not resolved.deck_id[rows[0]]:
        problem = ("no_deck", f"account {account.code} has no rate deck")
        for row in rows:
            errors.setdefault(row, problem)


def _find_customer(context, trunk_name, account_code, records, row):
    trunk = None
    if trunk_name:
        trunk = context.customer_trunk(trunk_name, records.called[row])
        if trunk is None and not account_code:
            return None, None, (
                "unknown_trunk",
                f"trunk: no customer trunk is called {quote(trunk_name)}",
            )
    if account_code:
        account = context.account_codes.get(account_code)
        missing = f"account: {quote(account_code)} does not exist"
        if account and trunk and trunk.account_id != account.id:
            trunk = None
    elif trunk:
        account = context.accounts.get(trunk.account_id)
        missing = f"trunk: {trunk.code} has no account"
    else:
        account = context.numbers.get(_caller_digits(records.caller[row]))
        missing = (
            "no trunk and no account given, and the caller"
            f" {quote(records.caller[row])} belongs to nobody"
        )
    if account is None:
        return None, None, ("no_account", missing)
    if account.state == "closed":
        return None, None, ("account_closed", f"account {account.code} is closed")
    return trunk, account, None


def _caller_digits(caller):
    numbers, _lengths, reasons = normalise_many([caller], PLAIN)
    return "" if reasons else str(numbers[0])


def _suppliers(context, records, resolved, errors):
    for name, rows in _grouped(records.supplier_trunk).items():
        if not name:
            continue
        trunk = context.supplier_trunk(name, "")
        if trunk is None:
            problem = (
                "unknown_trunk",
                f"supplier_trunk: no supplier trunk is called {quote(name)}",
            )
            for row in rows:
                errors.setdefault(row, problem)
            continue
        resolved.supplier_trunk_id[rows] = trunk.id
        resolved.supplier_id[rows] = trunk.partner_id
        resolved.cost_deck_id[rows] = trunk.deck_id


def _numbers(context, records, resolved, errors):
    for trunk_id, rows in _grouped(resolved.trunk_id.tolist()).items():
        trunk = context.trunks.get(trunk_id)
        rules = trunk.rules if trunk else PLAIN
        _normalise(records.called, rows, rules, resolved, errors)
        numbers, lengths, _reasons = normalise_many(
            [records.caller[row] for row in rows], rules
        )
        resolved.caller[rows] = numbers
        resolved.caller_len[rows] = lengths
    dipped = [row for row, lrn in enumerate(records.lrn) if lrn]
    if dipped:
        numbers, lengths, reasons = normalise_many(
            [records.lrn[row] for row in dipped], PLAIN
        )
        resolved.rated[dipped] = numbers
        resolved.rated_len[dipped] = lengths
        for index, reason in reasons.items():
            errors.setdefault(dipped[index], ("bad_number", f"lrn: {reason}"))


def _normalise(called, rows, rules, resolved, errors):
    numbers, lengths, reasons = normalise_many([called[row] for row in rows], rules)
    resolved.number[rows] = numbers
    resolved.rated[rows] = numbers
    resolved.rated_len[rows] = lengths
    for index, reason in reasons.items():
        errors.setdefault(rows[index], ("bad_number", f"called: {reason}"))
