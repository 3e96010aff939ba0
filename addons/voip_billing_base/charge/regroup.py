"""Summaries that more is charged to: one that is billed takes nothing any more."""

import numpy as np

from ..engine.exact import narrow
from .values import day_number
from .writer import Charge

# What names a summary ``s``; on an invoice already it is charged to late, apart.
KEY_SQL = """
       s.id, s.account_id, s.payer_id, s.service_id, s.local_day,
       (s.unit_price * 100000000)::bigint, s.currency_id,
       s.late OR s.move_line_id IS NOT NULL, s.label,
       COALESCE(s.destination_id, 0), COALESCE(s.deck_currency_id, 0), s.facets::text
"""
# (document, its credit note) of summaries: what would be given back twice.
CREDITED_SQL = """
SELECT DISTINCT m.name, c.name
  FROM voip_usage_summary s JOIN account_move m ON m.id = s.move_id
  JOIN account_move c ON c.reversed_entry_id = m.id AND c.state = 'posted'
 WHERE s.id = ANY(%s) ORDER BY 1, 2 LIMIT 5
"""
# (account, who was charged) of summaries that another account pays by now.
MOVED_SQL = """
SELECT DISTINCT a.code, p.code
  FROM voip_usage_summary s JOIN voip_account a ON a.id = s.account_id
  JOIN voip_account p ON p.id = s.payer_id
 WHERE s.id = ANY(%s) AND a.payer_id <> s.payer_id ORDER BY 1, 2 LIMIT 5
"""


def charge_of(groups, **sums):
    """A :class:`~.writer.Charge` to the summaries of ``groups``.

    :param groups: rows that begin as :data:`KEY_SQL` says, at least one
    :param sums: {name of a sum: int array}; sums that are not named are 0
    """
    columns = list(zip(*groups, strict=True))
    nothing = np.zeros(len(groups), np.int64)
    names = ("attempts", "calls", "units", "seconds")
    names += ("amount", "amount_company", "cost")
    return Charge(
        account_id=np.array(columns[1], np.int64),
        payer_id=np.array(columns[2], np.int64),
        service_id=np.array(columns[3], np.int64),
        local_day=np.array([day_number(day) for day in columns[4]], np.int64),
        unit_price=np.array(columns[5], np.int64),
        currency_id=np.array(columns[6], np.int64),
        late=np.array(columns[7], np.int64),
        label=np.arange(len(groups)),
        labels=list(columns[8]),
        destination_id=np.array(columns[9], np.int64),
        deck_currency_id=np.array(columns[10], np.int64),
        facet=np.arange(len(groups)),
        facets=list(columns[11]),
        **{name: sums.get(name, nothing) for name in names},
    )


def wide(values):
    """A column of integers that may be larger than 64 bits, from texts or numbers."""
    return narrow(np.array([int(value) for value in values], object))
