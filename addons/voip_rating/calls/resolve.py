"""Records to accounts, trunks and E.164 numbers."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from odoo.addons.voip_billing_base.engine.copy_lines import picked

from ..engine.deck import JURISDICTIONS
from ..engine.number_rules import MAX_DIGITS, NANP_LRN, ZERO_COUNTRIES
from ..engine.numbers import NO_TRUNK, normalise_many
from ..engine.parse import quote
from .column import rows_where
from .parties.callers import judge_callers
from .parties.inbound import assign_holders

NO_NUMBER = -1
JURISDICTION_CODES = {name: code for code, name in enumerate(JURISDICTIONS)}
JURISDICTION_CODES[""] = 0


@dataclass(slots=True)
class Resolved:
    """Columns beside the records; 0 where there is none.

    ``number`` and ``caller`` are E.164 digits as int64 with their lengths; ``rated`` is
    the number that is rated: the LRN when given, else the called number. That of a
    service charge is ``NO_NUMBER``. Where ``has_own_cost`` is 1 the cost is of another
    number than the price, ``costed``.
    ``jurisdiction`` are codes of what the records state; ``mark`` says why a caller is
    noted (:mod:`~.callers`), ``caller_of`` whose number it is.
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
    has_own_cost: np.ndarray
    costed: np.ndarray
    costed_len: np.ndarray
    jurisdiction: np.ndarray
    mark: np.ndarray
    caller_of: np.ndarray

    def take(self, rows):
        """The calls at ``rows`` (int array, ascending)."""
        if len(rows) == len(self.number):
            return self
        names = self.__dataclass_fields__
        return Resolved(**{name: getattr(self, name)[rows] for name in names})

    def at_cost(self):
        """The same calls with the numbers that their costs are of."""
        own = self.has_own_cost > 0
        if not own.any():
            return self
        return replace(
            self,
            rated=np.where(own, self.costed, self.rated),
            rated_len=np.where(own, self.costed_len, self.rated_len),
        )


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
    named = _Named.of(records)
    parties = context.parties
    called = pc.equal(records.charge, "").to_numpy(zero_copy_only=False)
    inbound = called & _is_inbound(records)
    callers = named.callers(records, inbound)
    parties.meet(named.trunks, named.suppliers, named.accounts, callers)
    _customers(parties, records, inbound, named, resolved, errors)
    resolved.deck_id[~called] = 0
    _need_decks(parties, called & ~inbound, resolved, errors)
    _suppliers(parties, named, resolved, errors)
    resolved.cost_deck_id[~called] = 0
    rules = _numbers(parties, records, called, resolved, errors)
    held = assign_holders(context, inbound, records.start, resolved, errors)
    _need_decks(parties, inbound & ~held, resolved, errors)
    _dipped(records.lrn, *rules, held, resolved, errors)
    judge_callers(context, called & ~inbound, records.start, resolved, errors)
    resolved.number[~called] = NO_NUMBER
    names, name_of = _named(records.jurisdiction)
    codes = [JURISDICTION_CODES[name] for name in names]
    resolved.jurisdiction[:] = np.array(codes, np.int64)[name_of]
    return resolved


@dataclass(slots=True)
class _Named:
    """Distinct names that records give, and the number of each row's name."""

    trunks: list
    trunk_of: np.ndarray
    accounts: list
    account_of: np.ndarray
    suppliers: list
    supplier_of: np.ndarray

    @classmethod
    def of(cls, records):
        return cls(
            *_named(records.trunk),
            *_named(records.account),
            *_named(records.supplier_trunk),
        )

    def callers(self, records, inbound):
        """Distinct callers of outbound records that name neither trunk nor account."""
        if "" not in self.trunks or "" not in self.accounts:
            return []
        nobody = self.trunk_of == self.trunks.index("")
        nobody &= self.account_of == self.accounts.index("")
        nobody &= ~inbound
        return picked(records.caller, np.flatnonzero(nobody)).unique().to_pylist()


def _grouped(codes):
    """(code, its rows ascending) of every distinct code of an int array."""
    if not len(codes):
        return ()
    order = np.argsort(codes, kind="stable")
    distinct, starts = np.unique(codes[order], return_index=True)
    return zip(distinct.tolist(), np.split(order, starts[1:]), strict=True)


def _named(array):
    """(names, number of each row's name) of an Arrow array of texts."""
    encoded = array.dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def _is_inbound(records):
    """Bool array: calls that came in to a number of a customer."""
    inbound = pc.equal(records.direction, "inbound")
    return inbound.to_numpy(zero_copy_only=False)


def _customers(parties, records, inbound, named, resolved, errors):
    """Who the records name; of an inbound call that names nobody the number says."""
    trunks, accounts = named.trunks, named.accounts
    for code, rows in _grouped(named.trunk_of * len(accounts) + named.account_of):
        trunk, account = trunks[code // len(accounts)], accounts[code % len(accounts)]
        if not (trunk or account):
            rows = rows[~inbound[rows]]
        if (trunk and parties.needs_number(trunk)) or not (trunk or account):
            for row in rows.tolist():
                _customer(parties, records, resolved, errors, trunk, account, [row])
        else:
            _customer(parties, records, resolved, errors, trunk, account, rows)


def _need_decks(parties, calls, resolved, errors):
    """:param calls: bool array: calls, which need a deck; service charges have none"""
    lacking = calls & (resolved.account_id > 0) & (resolved.deck_id == 0)
    for row in np.flatnonzero(lacking).tolist():
        code = parties.accounts[int(resolved.account_id[row])].code
        errors.setdefault(row, ("no_deck", f"account {code} has no rate deck"))


def _customer(parties, records, resolved, errors, trunk_name, account_code, rows):
    trunk, account, problem = _find_customer(
        parties, trunk_name, account_code, records, rows[0]
    )
    if problem:
        _note(errors, rows, problem)
        return
    resolved.account_id[rows] = account.id
    resolved.trunk_id[rows] = trunk.id if trunk else 0
    resolved.deck_id[rows] = (trunk and trunk.deck_id) or account.deck_id or 0


def _note(errors, rows, problem):
    for row in rows:
        errors.setdefault(int(row), problem)


def _find_customer(parties, trunk_name, account_code, records, row):
    trunk = None
    if trunk_name:
        trunk = parties.customer_trunk(trunk_name, records.text("called", row))
        if trunk is None and not account_code:
            return None, None, (
                "unknown_trunk",
                f"trunk: no customer trunk is called {quote(trunk_name)}",
            )
    if account_code:
        account = parties.account_of_code(account_code)
        missing = f"account: {quote(account_code)} does not exist"
        if account and trunk and trunk.account_id != account.id:
            trunk = None
    elif trunk:
        account = parties.accounts.get(trunk.account_id)
        missing = f"trunk: {trunk.code} has no account"
    else:
        caller = records.text("caller", row)
        account = parties.account_of_caller(caller)
        missing = (
            "no trunk and no account given, and the caller"
            f" {quote(caller)} belongs to nobody"
        )
    if account is None:
        return None, None, ("no_account", missing)
    if account.state == "closed":
        return None, None, ("account_closed", f"account {account.code} is closed")
    return trunk, account, None


def _suppliers(parties, named, resolved, errors):
    for number, rows in _grouped(named.supplier_of):
        name = named.suppliers[number]
        if not name:
            continue
        trunk = parties.supplier_trunk(name, "")
        if trunk is None:
            problem = (
                "unknown_trunk",
                f"supplier_trunk: no supplier trunk is called {quote(name)}",
            )
            _note(errors, rows, problem)
            continue
        resolved.supplier_trunk_id[rows] = trunk.id
        resolved.supplier_id[rows] = trunk.partner_id
        resolved.cost_deck_id[rows] = trunk.deck_id


def _numbers(parties, records, called, resolved, errors):
    """E.164 numbers of the records.

    :return: (number of the rules of each row, the rules, mask of short codes)
    """
    distinct, trunk_of = np.unique(resolved.trunk_id, return_inverse=True)
    trunks = [parties.trunks.get(trunk_id) for trunk_id in distinct.tolist()]
    rules = [trunk.rules if trunk else NO_TRUNK for trunk in trunks]
    different = {}
    numbers_of = [different.setdefault(rule, len(different)) for rule in rules]
    different = list(different)
    short = np.zeros(len(records), bool)
    for number, rows in _grouped(np.array(numbers_of, np.int64)[trunk_of]):
        rule, rows = different[number], rows[called[rows]]
        numbers, lengths, reasons = _normalise(records.called, rows, rule)
        resolved.number[rows] = resolved.rated[rows] = numbers
        resolved.rated_len[rows] = lengths
        short[rows] = np.isin(numbers, rule.rated_codes)
        for row, reason in reasons.items():
            errors.setdefault(row, (reason.code, f"called: {reason}"))
        callers = rule.of_callers
        numbers, lengths, _reasons = _normalise(records.caller, rows, callers)
        resolved.caller[rows] = numbers
        resolved.caller_len[rows] = lengths
    return np.array(numbers_of, np.int64)[trunk_of], different, short


def _dipped(lrns, rule_of, rules, short, held, resolved, errors):
    """Rate by the LRN where there is one: by the rules of the trunk's country.

    A short code has a destination of its own, wherever its number was carried, and so
    has a number that an account holds. Where
    the called number is of the North American plan, so is an LRN of 10 digits.
    """
    dipped = rows_where(pc.not_equal(lrns, ""))
    dipped = dipped[~(short | held)[dipped]]
    american = resolved.number[dipped] // 10**10 == 1
    groups = np.where(american, len(rules), rule_of[dipped])
    for number, places in _grouped(groups):
        rule = NANP_LRN if number == len(rules) else rules[number].of_lrns
        rows = dipped[places]
        numbers, lengths, reasons = _normalise(lrns, rows, rule)
        resolved.rated[rows] = numbers
        resolved.rated_len[rows] = lengths
        for row, reason in reasons.items():
            errors.setdefault(row, ("bad_number", f"lrn: {reason}"))


def _normalise(column, rows, rules):
    """Numbers of an Arrow array at ``rows``: (numbers, lengths, {row: reason}).

    What is plain E.164 already is read as a column; the rest goes the long way.
    """
    texts = picked(column, rows)
    numbers, lengths, plain = _plain(texts, rules)
    left = np.flatnonzero(~plain)
    found, sizes, reasons = normalise_many(picked(texts, left).to_pylist(), rules)
    numbers[left], lengths[left] = found, sizes
    return numbers, lengths, {
        int(rows[left[index]]): reason for index, reason in reasons.items()
    }


def _plain(texts, rules):
    """(numbers, lengths, mask of those that are E.164 as they stand)."""
    plus = pc.starts_with(texts, "+")
    digits = pc.if_else(plus, pc.utf8_slice_codeunits(texts, 1), texts)
    length = pc.binary_length(digits)
    plain = pc.and_(pc.ascii_is_decimal(digits), pc.less_equal(length, MAX_DIGITS))
    if rules.min_digits:
        plain = pc.and_(plain, pc.greater_equal(length, rules.min_digits))
    plain = pc.and_(
        plain, pc.if_else(plus, rules.plus_is_plain, bool(rules.bare_is_plain))
    )
    for beginning in rules.special:
        plain = pc.and_not(plain, pc.starts_with(texts, beginning))
    plain = pc.and_(plain, pc.string_is_ascii(digits))
    numbers = pc.if_else(plain, digits, "0").cast(pa.int64()).to_numpy().copy()
    length = length.to_numpy().astype(np.int64)
    plain = plain.to_numpy(zero_copy_only=False) & ~_after_zero(numbers, length)
    return numbers, length, plain


def _after_zero(numbers, length):
    """Mask of numbers whose country code is followed by its national 0."""
    found = np.zeros(len(numbers), bool)
    for size, known in ZERO_HEADS.items():
        rest = np.clip(length - size, 0, 18)
        heads = numbers // 10**rest
        found |= known[np.where((length >= size) & (heads < len(known)), heads, 0)]
    return found


def _zero_heads(size):
    known = np.zeros(10**size, bool)
    known[[int(c) * 10 for c in ZERO_COUNTRIES if len(c) == size - 1]] = True
    return known


ZERO_HEADS = {size: _zero_heads(size) for size in (3, 4)}
