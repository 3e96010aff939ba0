"""Our calls of a supplier in a span, from the sums by quarter of an hour."""

from decimal import Decimal

from ..costs import kept

MONTH = f"""
WITH cell AS (
    SELECT {kept.NAMES} FROM voip_supplier_cost_row
     WHERE company_id = %(company)s AND supplier_id = ANY(%(suppliers)s)
       AND slot >= %(since)s AND slot < %(until)s
    UNION ALL
    {kept.TAIL}
)
SELECT COALESCE(sum(c.attempts), 0)::bigint, COALESCE(sum(c.calls), 0)::bigint,
       COALESCE(sum(c.duration_ms), 0)::bigint, COALESCE(sum(c.amount), 0)::text
  FROM cell c JOIN voip_rate r ON r.id = c.rate_id
  JOIN voip_rate_deck d ON d.id = r.deck_id
 WHERE d.currency_id = %(currency)s
"""


def month(cr, company, suppliers, span, currency):
    """``(attempts, answered, milliseconds, cost)`` of a supplier's calls.

    :param suppliers: ids of a partner and his contacts
    :param span: (since, until) naive UTC
    :param currency: id, of the decks; cost is a Decimal in it
    """
    cr.execute(
        MONTH,
        {
            "company": company,
            "suppliers": suppliers,
            "since": span[0],
            "until": span[1],
            "currency": currency,
            "upto": kept.reached(cr),
        },
    )
    *counts, cost = cr.fetchone()
    return *counts, Decimal(cost)
