"""Trunks and accounts that records name: read when they come up, few queries each."""

import ipaddress
from dataclasses import dataclass

from odoo.addons.voip_billing_base.charge.writer import at_once

from ...engine import NumberRules
from ...engine.numbers import NO_TRUNK, normalise_many

NEVER = -(10**6)
# Names, codes and callers kept at most; records may bring any number of wrong ones.
KEPT = 250_000
# What a trunk says of the numbers it sends, its technical prefix aside.
NUMBER_FIELDS = (
    "strip_digits",
    "add_prefix",
    "country_code",
    "national_prefix",
    "international_prefixes",
    "default_national",
    "area_code",
    "local_length",
    "min_digits",
    "short_codes",
)
TRUNK_FIELDS = (
    "code",
    "code_key",
    "auth_key",
    "side",
    "account_id",
    "partner_id",
    "deck_id",
    "tech_prefix",
    *NUMBER_FIELDS,
)
ACCOUNT_FIELDS = (
    "code",
    "payer_id",
    "bill_account_id",
    "currency_id",
    "tz",
    "state",
    "deck_id",
    "parent_id",
    "parent_path",
)


@dataclass(slots=True)
class AccountFacts:
    """What rating needs of an account; ``root_id`` is the topmost of its parents."""

    id: int
    code: str
    payer_id: int
    currency_id: int
    tz: str
    state: str
    deck_id: int
    billed_until: int
    root_id: int


@dataclass(slots=True)
class TrunkFacts:
    id: int
    code: str
    side: str
    account_id: int
    partner_id: int
    deck_id: int
    tech_prefix: str
    rules: NumberRules


class Parties:
    """Who the records of one company and switch belong to.

    :meth:`meet` reads what a chunk of records names and is not known yet, by indexes:
    its cost depends on the chunk, not on how many trunks and accounts there are. The
    other methods answer from what was met and never ask the database.

    :param call: runs the function it is given where the database may be asked
    """

    def __init__(self, env, company, switch, call=at_once):
        self.env = env
        self.company = company
        self.switch = switch
        self.accounts = {}
        self.trunks = {}
        self._call = call
        self._named = {}
        self._codes = {}
        self._callers = {}

    # === Reading === #

    def meet(self, trunks, suppliers, codes, callers):
        """Read trunks, accounts and numbers; texts as records have them.

        :param trunks: names of customer trunks; names may be empty in all lists
        :param suppliers: names of supplier trunks
        :param codes: codes of accounts
        :param callers: callers of records that name neither trunk nor account
        """
        self._forget()
        sides = (("customer", trunks), ("supplier", suppliers))
        keys = {(side, name.lower()) for side, names in sides for name in names if name}
        keys -= self._named.keys()
        codes = set(filter(None, codes)) - self._codes.keys()
        callers = set(callers) - self._callers.keys()
        if keys or codes or callers:
            self._call(lambda: self._read(keys, codes, digits_of(callers)))

    def meet_accounts(self, ids):
        """Read accounts of these ids."""
        if new := set(ids) - self.accounts.keys():
            self._call(lambda: self._read_accounts(new, set()))

    def _forget(self):
        """Begin again when too much is kept; the facts by id are in use."""
        for known in (self._named, self._codes, self._callers):
            if len(known) > KEPT:
                known.clear()

    def _read(self, keys, codes, callers):
        self._read_trunks(keys)
        owners = self._owners(set(callers.values()))
        ids = {trunk.account_id for key in keys for trunk in self._named[key]}
        ids |= set(owners.values())
        self._read_accounts(ids - self.accounts.keys(), codes)
        for caller, digits in callers.items():
            self._callers[caller] = self.accounts.get(owners.get(digits))

    def _read_trunks(self, keys):
        """Trunks of these (side, name): by code or user, else by address."""
        self._named.update((key, []) for key in keys)
        names = {name for _side, name in keys}
        for trunk in self._search_trunks(names):
            facts = self._facts_of(trunk)
            for name in {trunk.code_key, trunk.auth_key}:
                if (facts.side, name) in keys:
                    self._named[facts.side, name].append(facts)
        self._read_addresses([key for key in keys if not self._named[key]])

    def _search_trunks(self, names):
        if not names:
            return ()
        names = list(names)
        return self.env["voip.trunk"].search_fetch(
            [
                ("company_id", "=", self.company.id),
                ("active", "=", True),
                ("switch_id", "in", (False, self.switch.id)),
                "|",
                ("code_key", "in", names),
                ("auth_key", "in", names),
            ],
            TRUNK_FIELDS,
            order="id",
        )

    def _read_addresses(self, keys):
        addresses = {key: text for key in keys if (text := address_of(key[1]))}
        if not addresses:
            return
        trunks = self.env["voip.trunk"]
        around = trunks._around(self.company, self.switch, set(addresses.values()))
        trunks = trunks.browse(
            {trunk_id for found in around.values() for _side, trunk_id, _len in found}
        )
        trunks.fetch(TRUNK_FIELDS)
        facts = {trunk.id: self._facts_of(trunk) for trunk in trunks}
        for key, address in addresses.items():
            found = [
                (length, facts[trunk_id])
                for side, trunk_id, length in around[address]
                if side == key[0]
            ]
            longest = max((length for length, _facts in found), default=0)
            self._named[key] = [known for length, known in found if length == longest]

    def _facts_of(self, trunk):
        if trunk.id not in self.trunks:
            self.trunks[trunk.id] = TrunkFacts(
                id=trunk.id,
                code=trunk.code,
                side=trunk.side,
                account_id=trunk.account_id.id,
                partner_id=trunk.partner_id.id,
                deck_id=trunk.deck_id.id,
                tech_prefix=trunk.tech_prefix or "",
                rules=trunk._number_rules(),
            )
        return self.trunks[trunk.id]

    def _owners(self, numbers):
        """{number: account id} of E.164 numbers."""
        if not numbers:
            return {}
        found = self.env["voip.account.number"].search_fetch(
            [("company_id", "=", self.company.id), ("number", "in", list(numbers))],
            ["number", "account_id"],
            order="id",
        )
        return {row.number: row.account_id.id for row in found}

    def _read_accounts(self, ids, codes):
        self._codes.update(dict.fromkeys(codes))
        ids.discard(False)
        if not (ids or codes):
            return
        accounts = self.env["voip.account"].with_context(active_test=False)
        accounts = accounts.search_fetch(
            [
                ("company_id", "=", self.company.id),
                "|",
                ("id", "in", list(ids)),
                ("code", "in", list(codes)),
            ],
            ACCOUNT_FIELDS,
            order="id",
        )
        billed = accounts.bill_account_id._billed_until()
        for account in accounts:
            facts = self.accounts[account.id] = AccountFacts(
                id=account.id,
                code=account.code,
                payer_id=account.payer_id.id,
                currency_id=account.currency_id.id,
                tz=account.tz,
                state=account.state,
                deck_id=account._customer_deck().id,
                billed_until=billed.get(account.bill_account_id.id, NEVER),
                root_id=int(account.parent_path.partition("/")[0]),
            )
            self._codes[account.code] = facts

    # === Who === #

    def account_of_code(self, code):
        return self._codes[code]

    def account_of_caller(self, caller):
        """The account that the number of ``caller`` belongs to."""
        return self._callers[caller]

    def customer_trunks(self, name):
        """All customer trunks that ``name`` may mean, whatever number is called."""
        return self._named["customer", name.lower()]

    def customer_trunk(self, name, called):
        """The customer trunk that ``name`` (code, IP or user) means, by tech prefix."""
        return self._trunk("customer", name, called)

    def supplier_trunk(self, name, called):
        return self._trunk("supplier", name, called)

    def _trunk(self, side, name, called):
        candidates = self._named[side, name.lower()]
        if len(candidates) == 1 and not candidates[0].tech_prefix:
            return candidates[0]
        fitting = [
            trunk
            for trunk in candidates
            if called.startswith(trunk.tech_prefix) or trunk.code == name
        ]
        fitting.sort(key=lambda trunk: (-len(trunk.tech_prefix), trunk.id))
        return fitting[0] if fitting else None

    def needs_number(self, name):
        """Whether the called number decides between trunks of this name."""
        candidates = self._named["customer", name.lower()]
        return len(candidates) > 1 or any(t.tech_prefix for t in candidates)


def address_of(name):
    """The IP address that ``name`` is, as PostgreSQL reads it; empty when none."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return ""
    # Without the scope of an IPv6 address, which no network has.
    return str(type(address)(int(address)))


def digits_of(callers):
    """{caller: E.164 digits} of those callers that are telephone numbers."""
    callers = list(callers)
    numbers, _lengths, reasons = normalise_many(callers, NO_TRUNK.of_callers)
    return {
        caller: "" if row in reasons else str(numbers[row])
        for row, caller in enumerate(callers)
    }
