"""Who a record belongs to and which deck rates it: lookups of one batch."""

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from odoo.addons.voip_billing_base.charge.exchange import has_rate, rate_between
from odoo.addons.voip_billing_base.charge.values import day_of
from odoo.addons.voip_billing_base.charge.writer import at_once

from ..sheets.compiled import BYTES_KEPT, compiled, deck_bytes, fit
from .parties.holders import Holders
from .parties.parties import Parties


@dataclass(slots=True)
class DeckFacts:
    """``label_of`` numbers each rate's destination name, the last one none; -1: unread.

    ``names`` are those that were read so far, by rate id.
    """

    id: int
    code: str
    currency_id: int
    service_id: int
    decimals: int
    rounding: str
    compiled: object
    label_of: np.ndarray
    names: dict = field(default_factory=dict)
    names_whole: bool = False
    asked: int = 0


class RatingContext:
    """Parties, decks and exchange rates of one company, each read once a batch.

    :param call: runs the function it is given where the database may be asked
    :param refused: {account id: sentence} of accounts that are not charged

    ``labels`` numbers the destination names that were met.
    """

    def __init__(self, env, company, switch, call=at_once, refused=None):
        self.env = env
        self.company = company
        self.refused = refused or {}
        self.currency_id = company.currency_id.id
        self.parties = Parties(env, company, switch, call)
        self.holders = Holders(env, company, call)
        self.accounts = self.parties.accounts
        self._decks, self._sizes = OrderedDict(), {}
        self.labels = {}
        self._fx = {}

    def refuse(self, resolved, errors):
        """Send the records of accounts that pass a limit to the error queue."""
        for account_id, sentence in self.refused.items():
            for row in np.flatnonzero(resolved.account_id == account_id).tolist():
                errors.setdefault(row, ("out_of_bounds", sentence))

    # === Decks === #

    def deck(self, deck_id):
        """Facts and compiled rates of a deck.

        Of a batch that needs more decks than memory should hold, the oldest go.
        """
        if deck_id not in self._decks:
            deck = self.env["voip.rate.deck"].browse(deck_id)
            known = compiled(self.env, deck.id)
            self._decks[deck_id] = DeckFacts(
                id=deck.id,
                code=deck.code,
                currency_id=deck.currency_id.id,
                service_id=deck.service_id.id,
                decimals=deck.decimals,
                rounding=deck.rounding,
                compiled=known,
                label_of=np.full(len(known.rates) + 1, -1, np.int64),
            )
            self._sizes[deck_id] = deck_bytes(known)
            fit(self._decks, self._sizes, BYTES_KEPT)
        return self._decks[deck_id]

    def known_deck(self, deck_id):
        """As :meth:`deck` where it was asked before, else None."""
        return self._decks.get(deck_id)

    def read_names(self, deck, rate_ids):
        """Read destination names of rates into ``deck.names``.

        Once many were asked of a deck all are read, so that a large file need not wait
        for each chunk's.
        """
        deck.asked += len(rate_ids)
        deck.names_whole = deck.asked > NAMES_ASKED
        cr = self.env.cr
        if deck.names_whole:
            cr.execute(NAME_SQL + "WHERE r.deck_id = %s", [deck.id])
        else:
            cr.execute(NAME_SQL + "WHERE r.id = ANY(%s)", [rate_ids])
        deck.names.update(cr.fetchall())

    # === Currency === #

    def currency_ids(self, codes):
        """{code: id} of active currencies."""
        found = self.env["res.currency"].search([("name", "in", list(codes))])
        return {currency.name: currency.id for currency in found}

    def exchange_rate(self, source_id, target_id, day):
        """Rate of a day (days since 1970), kept for the batch.

        :return: Decimal; a text where there is none: the currency's name
        """
        key = (source_id, target_id, day)
        if key not in self._fx:
            self._fx[key] = self._exchange_rate(source_id, target_id, day_of(day))
        return self._fx[key]

    def _exchange_rate(self, source_id, target_id, day):
        currency = self.env["res.currency"]
        for currency_id in (source_id, target_id):
            if not has_rate(self.company, currency_id, day):
                return currency.browse(currency_id).name
        source, target = currency.browse(source_id), currency.browse(target_id)
        return rate_between(source, target, self.company, day)


NAMES_ASKED = 5_000
NAME_SQL = """
SELECT r.id, COALESCE(NULLIF(r.label, ''), d.name, r.prefix)
  FROM voip_rate r LEFT JOIN voip_destination d ON d.id = r.destination_id
"""
