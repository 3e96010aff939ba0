"""Rows that repeat the open version of their code: a preview looks no closer at them.

Most rows of a full sheet are such. What they say is known by one comparison: their code
has one row, its last version has no end and began no later, and all terms are equal.
"""

from odoo.addons.voip_billing_base.charge.planner import (
    NO_LOOPS,
    USUAL_LOOPS,
    no_nested_loops,
)

from ..sheets.stage import TERMS, of_rate, of_stage
from .result import ROW_COLUMNS

_SAME = "({}) IS NOT DISTINCT FROM ({})".format(
    *(", ".join(map(of, TERMS)) for of in (of_stage, of_rate))
)
# Of each code the last version, where it has no end and nothing goes on behind it.
OPEN = f"""
{NO_LOOPS};
CREATE TEMP TABLE voip_open ON COMMIT DROP AS
SELECT r.prefix, COALESCE(r.origin_prefix, '') AS origin, r.effective_from,
       {", ".join(map(of_rate, TERMS))}
  FROM (SELECT prefix, COALESCE(origin_prefix, '') AS origin,
               max(effective_from) AS starts
          FROM voip_rate WHERE deck_id = %(deck)s
         GROUP BY 1, 2 HAVING bool_and(continues_from IS NULL)) last
  JOIN voip_rate r ON r.deck_id = %(deck)s AND r.prefix = last.prefix
   AND COALESCE(r.origin_prefix, '') = last.origin AND r.effective_from = last.starts
 WHERE r.effective_to IS NULL;
ANALYZE voip_open (prefix, origin);
{USUAL_LOOPS}
"""
# The plain rows leave the stage, are told as unchanged, and keep their codes open.
SET_ASIDE = f"""
WITH single AS (
    SELECT min(idx) AS idx FROM voip_stage GROUP BY prefix, origin HAVING count(*) = 1),
plain AS (
    SELECT s.idx, h.number, r.price_per_minute AS had
      FROM single JOIN voip_stage s USING (idx)
      JOIN voip_sheet h ON h.idx = s.idx AND NOT h.closing
      JOIN voip_open r ON r.prefix = s.prefix AND r.origin = s.origin
       AND r.effective_from <= s.starts
     WHERE s.ends IS NULL AND {_SAME}),
gone AS (
    DELETE FROM voip_stage s USING plain p WHERE s.idx = p.idx
    RETURNING s.*, p.number, p.had),
named AS (
    INSERT INTO voip_named SELECT prefix, origin FROM gone ON CONFLICT DO NOTHING),
told AS (
    INSERT INTO voip_result ({", ".join(ROW_COLUMNS)})
    SELECT number, prefix, NULLIF(origin, ''), label,
           CASE WHEN blocked THEN NULLIF(price, 0) ELSE price END, had, 'unchanged',
           CASE WHEN blocked THEN %(blocked)s END, starts, NULL::timestamp, NULL,
           NULL::numeric, NULL::timestamp
      FROM gone)
SELECT min(starts) FROM gone
"""


def is_wanted(work):
    """Whether rows of the sheet may be plain: nobody is told before of changes."""
    agreements = work.env["voip.rate.agreement"].sudo().with_context(active_test=False)
    return not agreements.search_count([("deck_ids", "in", work.deck.ids)], limit=1)


def set_aside(work):
    """Take the plain rows out of the stage, which the deck's open versions repeat.

    :param work: the run of an import whose :data:`OPEN` is done, before its comparison
    :return: the first moment from which one of them is valid; None where there is none
    """
    cr = work.env.cr
    with no_nested_loops(cr):
        cr.execute(SET_ASIDE, work.params() | work.words())
        return cr.fetchone()[0]
