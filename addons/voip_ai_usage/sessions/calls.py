"""Which call a session belongs to, found by call ids and their keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo.addons.voip_rating.calls.check import LAST_HALF, first_key

# So far from its session a call may begin.
NEAR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Call:
    id: int
    start: datetime
    answered: bool
    seconds: int


def find_calls(cr, company_id, asked):
    """{session id: :class:`Call`} of the calls that are there.

    Of several legs an answered one counts, then the first.

    :param list asked: (session id, call id, switch id or None, moment)
    """
    if not asked:
        return {}
    moments = [moment for *_rest, moment in asked]
    cr.execute(
        CALLS_SQL,
        {
            "company": company_id,
            "ids": [number for number, *_rest in asked],
            "lows": [first_key(ref) for _number, ref, *_rest in asked],
            "refs": [ref for _number, ref, *_rest in asked],
            "switches": [switch for *_rest, switch, _moment in asked],
            "half": LAST_HALF,
            "first": min(moments) - NEAR,
            "last": max(moments) + NEAR,
        },
    )
    return {row[0]: Call(*row[1:]) for row in cr.fetchall()}


CALLS_SQL = """
SELECT DISTINCT ON (a.id) a.id, c.id, c.start, c.answered,
       ceil(c.duration_ms / 1000.0)::int
  FROM unnest(%(ids)s::int[], %(lows)s::bigint[], %(refs)s::text[], %(switches)s::int[])
       AS a (id, low, ref, switch)
  JOIN voip_cdr_key k ON k.key BETWEEN a.low AND a.low + %(half)s
   AND k.switch_id = COALESCE(a.switch, k.switch_id)
   AND k.month >= date_trunc('month', %(first)s::timestamp)
   AND k.month <= %(last)s::timestamp
  JOIN voip_cdr_row c ON c.id = k.cdr_id AND c.call_id = a.ref
   AND c.company_id = %(company)s
   AND c.start BETWEEN %(first)s::timestamp AND %(last)s::timestamp
 ORDER BY a.id, c.answered DESC, c.start, c.id
"""
