"""Versions of rates that our calls were rated by, as the diagnosis wants them."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from odoo.tools import groupby

from ..engine.rules import Rule
from ..engine.tally import ALWAYS, Agreed

_SCALE = 100_000_000
_MICROS = "(extract(epoch FROM {}) * 1000000)::bigint"
# Of each code and origin that was used: all versions that begin, or were stated to
# begin, before the end.
_VERSIONS = f"""
SELECT r.id, r.deck_id, r.prefix, COALESCE(r.origin_prefix, ''), r.destination_id,
       r.price_per_minute::text, {_MICROS.format("r.effective_from")},
       {_MICROS.format("COALESCE(r.stated_from, r.effective_from)")},
       r.initial_increment, r.next_increment, (r.connect_fee * {_SCALE})::bigint,
       (r.min_charge * {_SCALE})::bigint,
       COALESCE(NULLIF((r.max_charge * {_SCALE})::bigint, 0), -1)
  FROM voip_rate r JOIN voip_rate_deck d ON d.id = r.deck_id
 WHERE d.currency_id = %(currency)s
   AND LEAST(r.effective_from, r.stated_from) < %(until)s
   AND EXISTS (SELECT FROM voip_rate u
                WHERE u.id = ANY(%(used)s) AND u.deck_id = r.deck_id
                  AND u.prefix = r.prefix
                  AND u.origin_prefix IS NOT DISTINCT FROM r.origin_prefix)
 ORDER BY 2, 3, 4, r.effective_from, r.id
"""
_RULE = """
SELECT formula, rounding, decimals, duration_rounding FROM voip_rate_deck WHERE id = %s
"""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a rate; ``price`` as text, ``begins`` and ``stated`` in µs.

    ``terms`` are increments, connect fee, minimum and maximum charge.
    """

    id: int
    deck: int
    prefix: str
    origin: str
    destination: int | None
    price: str
    begins: int
    stated: int
    terms: tuple

    @property
    def scaled(self):
        """The price per minute, scaled by 10^8."""
        return int(self.decimal.scaleb(8))

    @property
    def decimal(self):
        """The price per minute."""
        return Decimal(self.price)


def read_versions(cr, used, currency, until):
    """Versions of what was used, with those that replace them.

    :param used: ids of versions that calls were rated by
    :param until: naive UTC
    :return: list of :class:`Version`, of a code together, the earlier first
    """
    asked = {"used": used, "currency": currency, "until": until}
    cr.execute(_VERSIONS, asked)
    return [Version(*row[:8], tuple(row[8:])) for row in cr.fetchall()]


def agreed_rates(versions):
    """Rates as agreed: of each code the last change, which may be charged otherwise.

    Versions before those two, and one that has other terms beside its price, are rates
    of their own, whose price never changes.

    :param versions: as :func:`read_versions` answers
    :return: (:class:`~..engine.tally.Agreed`, {id of a version: its position})
    """
    rows, place = [], {}
    for _code, same in groupby(versions, lambda v: (v.deck, v.prefix, v.origin)):
        *earlier, last = same
        old = earlier[-1] if earlier and earlier[-1].terms == last.terms else None
        place[last.id] = len(rows)
        if old:
            place[earlier.pop().id] = len(rows)
        rows.append((last, old))
        for version in earlier:
            place[version.id] = len(rows)
            rows.append((version, None))
    return _columns(rows), place


def _columns(rows):
    last = [version for version, _old in rows]
    prices = [version.scaled for version in last]
    olds = [old.scaled if old else -1 for _version, old in rows]
    begins = [version.begins if old else ALWAYS for version, old in rows]
    stated = [version.stated if old else ALWAYS for version, old in rows]
    terms = np.array([version.terms for version in last], np.int64).reshape(-1, 5).T
    names = ("initial", "following", "connect_fee", "min_charge", "max_charge")
    return Agreed.of(
        np.array(prices, np.int64),
        old_price=np.array(olds, np.int64),
        agreed_us=np.array(begins, np.int64),
        stated_us=np.array(stated, np.int64),
        **dict(zip(names, terms, strict=True)),
    )


def read_rule(cr, versions, calls):
    """How the deck that most calls were rated by charges.

    :param calls: {id of a version: calls}
    :return: :class:`~..engine.rules.Rule`
    """
    decks = Counter()
    for version in versions:
        decks[version.deck] += calls.get(version.id, 0)
    if not decks:
        return Rule()
    [(deck, _calls)] = decks.most_common(1)
    cr.execute(_RULE, [deck])
    return Rule(*cr.fetchone())
