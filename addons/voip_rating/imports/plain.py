"""Rows that repeat the open version of their code: a preview looks no closer at them.

Most rows of a full sheet are such. What they say is known by one comparison: their code
has one row, its last version has no end and began no later, and all terms are equal.
"""

from odoo.addons.voip_billing_base.charge.planner import no_nested_loops

from ..sheets.stage import TERMS, of_rate, of_stage
from .result import ROW_COLUMNS

_SAME = "({}) IS NOT DISTINCT FROM ({})".format(
    *(", ".join(map(of, TERMS)) for of in (of_stage, of_rate))
)
# The plain rows leave the stage, are told as unchanged, and keep their codes open.
SET_ASIDE = f"""
WITH last AS (
    SELECT prefix, COALESCE(origin_prefix, '') AS origin, max(effective_from) AS starts
      FROM voip_rate WHERE deck_id = %(deck)s
     GROUP BY 1, 2 HAVING bool_and(continues_from IS NULL)),
single AS (
    SELECT min(idx) AS idx FROM voip_stage GROUP BY prefix, origin HAVING count(*) = 1),
plain AS (
    SELECT s.idx, h.number, r.price_per_minute AS had
      FROM single JOIN voip_stage s USING (idx)
      JOIN voip_sheet h ON h.idx = s.idx AND NOT h.closing
      JOIN last l ON l.prefix = s.prefix AND l.origin = s.origin
       AND l.starts <= s.starts
      JOIN voip_rate r ON r.deck_id = %(deck)s AND r.prefix = l.prefix
       AND COALESCE(r.origin_prefix, '') = l.origin AND r.effective_from = l.starts
     WHERE s.ends IS NULL AND r.effective_to IS NULL AND {_SAME}),
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


def set_aside(work):
    """Take the plain rows out of the stage, where nobody is told before of changes.

    :param work: the run of an import, before its comparison
    :return: the first moment from which one of them is valid; None where there is none
    """
    agreements = work.env["voip.rate.agreement"].sudo().with_context(active_test=False)
    if not work.had_rates or agreements.search_count(
        [("deck_ids", "in", work.deck.ids)], limit=1
    ):
        return None
    cr = work.env.cr
    with no_nested_loops(cr):
        cr.execute(SET_ASIDE, work.params() | work.words())
        return cr.fetchone()[0]
