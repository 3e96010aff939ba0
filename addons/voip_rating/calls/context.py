"""Who a record belongs to and which deck rates it: lookups of one batch."""

import ipaddress
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from odoo.addons.voip_billing_base.charge.writer import day_number, day_of

from ..engine import NumberRules
from ..sheets.compiled import compiled


@dataclass(slots=True)
class AccountFacts:
    """What rating needs of an account."""

    id: int
    code: str
    payer_id: int
    currency_id: int
    tz: str
    state: str
    deck_id: int
    billed_until: int
    active: bool = True


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


@dataclass(slots=True)
class DeckFacts:
    id: int
    code: str
    currency_id: int
    service_id: int
    decimals: int
    rounding: str
    compiled: object
    texts: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    labels_whole: bool = False
    asked: int = 0


class RatingContext:
    """Trunks, accounts, decks and exchange rates of one company, read once a batch.

    :param refused: {account id: sentence} of accounts that are not charged
    """

    def __init__(self, env, company, switch, refused=None):
        self.env = env
        self.company = company
        self.switch = switch
        self.refused = refused or {}
        self.currency_id = company.currency_id.id
        self._decks = {}
        self._fx = {}
        self._load_trunks()
        self._load_accounts()

    def _load_trunks(self):
        self.trunks, self.trunk_names, self.networks = {}, defaultdict(list), []
        trunks = self.env["voip.trunk"].search(
            [("company_id", "=", self.company.id), ("active", "=", True)]
        )
        for trunk in trunks:
            if trunk.switch_id and trunk.switch_id.id != self.switch.id:
                continue
            facts = TrunkFacts(
                id=trunk.id,
                code=trunk.code,
                side=trunk.side,
                account_id=trunk.account_id.id,
                partner_id=trunk.partner_id.id,
                deck_id=trunk.deck_id.id,
                tech_prefix=trunk.tech_prefix or "",
                rules=trunk._number_rules(),
            )
            self.trunks[trunk.id] = facts
            for name in filter(None, (trunk.code, trunk.auth_user)):
                self.trunk_names[trunk.side, name.lower()].append(facts)
            for network in trunk._networks():
                self.networks.append((network, facts))

    def _load_accounts(self):
        accounts = self.env["voip.account"].with_context(active_test=False)
        accounts = accounts.search([("company_id", "=", self.company.id)])
        billed = self._billed_until(accounts)
        self.accounts, self.account_codes, self.numbers = {}, {}, {}
        for account in accounts:
            facts = AccountFacts(
                id=account.id,
                code=account.code,
                payer_id=account.payer_id.id,
                currency_id=account.currency_id.id,
                tz=account.tz,
                state=account.state,
                deck_id=account._customer_deck().id,
                billed_until=billed.get(account.bill_account_id.id, -(10**6)),
            )
            self.accounts[account.id] = facts
            self.account_codes[account.code] = facts
            for number in account.number_ids:
                self.numbers[number.number] = facts

    def _billed_until(self, accounts):
        groups = self.env["account.move"]._read_group(
            [
                ("voip_account_id", "in", accounts.bill_account_id.ids),
                ("voip_period_end", "!=", False),
                ("state", "=", "posted"),
            ],
            ["voip_account_id"],
            ["voip_period_end:max"],
        )
        return {account.id: day_number(last) for account, last in groups}

    # === Who === #

    def customer_trunk(self, name, called):
        """The customer trunk that ``name`` (code, IP or user) means, by tech prefix."""
        return self._trunk("customer", name, called)

    def supplier_trunk(self, name, called):
        return self._trunk("supplier", name, called)

    def _trunk(self, side, name, called):
        candidates = self._candidates(side, name)
        if len(candidates) == 1 and not candidates[0].tech_prefix:
            return candidates[0]
        fitting = [
            trunk
            for trunk in candidates
            if called.startswith(trunk.tech_prefix) or trunk.code == name
        ]
        fitting.sort(key=lambda trunk: (-len(trunk.tech_prefix), trunk.id))
        return fitting[0] if fitting else None

    def _candidates(self, side, name):
        """Trunks of this code or user, else of the networks around this address."""
        key = (side, name.lower())
        if key not in self.trunk_names:
            self.trunk_names[key] = self._by_address(side, name)
        return self.trunk_names[key]

    def _by_address(self, side, name):
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return []
        around = [
            (network.prefixlen, facts)
            for network, facts in self.networks
            if facts.side == side and address in network
        ]
        longest = max((length for length, _facts in around), default=0)
        return [facts for length, facts in around if length == longest]

    def needs_number(self, name):
        """Whether the called number decides between trunks of this name."""
        candidates = self._candidates("customer", name)
        return len(candidates) > 1 or any(t.tech_prefix for t in candidates)

    def refuse(self, resolved, errors):
        """Send the records of accounts that pass a limit to the error queue."""
        for account_id, sentence in self.refused.items():
            for row in np.flatnonzero(resolved.account_id == account_id).tolist():
                errors.setdefault(row, ("out_of_bounds", sentence))

    # === Decks === #

    def deck(self, deck_id):
        """Facts and compiled rates of a deck."""
        if deck_id not in self._decks:
            deck = self.env["voip.rate.deck"].browse(deck_id)
            self._decks[deck_id] = DeckFacts(
                id=deck.id,
                code=deck.code,
                currency_id=deck.currency_id.id,
                service_id=deck.service_id.id,
                decimals=deck.decimals,
                rounding=deck.rounding,
                compiled=compiled(self.env, deck.id),
            )
        return self._decks[deck_id]

    def known_deck(self, deck_id):
        """As :meth:`deck` where it was asked before, else None."""
        return self._decks.get(deck_id)

    def read_labels(self, deck, rate_ids):
        """Read destination names of rates into ``deck.labels``.

        Once many were asked of a deck all are read, so that a large file need not wait
        for each chunk's.
        """
        deck.asked += len(rate_ids)
        deck.labels_whole = deck.asked > LABELS_ASKED
        cr = self.env.cr
        if deck.labels_whole:
            cr.execute(LABEL_SQL + "WHERE r.deck_id = %s", [deck.id])
        else:
            cr.execute(LABEL_SQL + "WHERE r.id = ANY(%s)", [rate_ids])
        deck.labels.update(cr.fetchall())

    # === Currency === #

    def exchange_rate(self, source_id, target_id, day):
        """Decimal rate of a day (days since 1970), 12 decimals, kept for the batch."""
        key = (source_id, target_id, day)
        if key not in self._fx:
            currency = self.env["res.currency"]
            rate = currency._get_conversion_rate(
                currency.browse(source_id),
                currency.browse(target_id),
                self.company,
                day_of(day),
            )
            self._fx[key] = Decimal(f"{rate:.12f}")
        return self._fx[key]


LABELS_ASKED = 5_000
LABEL_SQL = """
SELECT r.id, COALESCE(NULLIF(r.label, ''), d.name, r.prefix)
  FROM voip_rate r LEFT JOIN voip_destination d ON d.id = r.destination_id
"""
