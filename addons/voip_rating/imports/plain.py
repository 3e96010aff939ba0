"""Rows that repeat the open version of their code: a preview looks no closer at them.

Most rows of a full sheet are such. What they say is known by one comparison: their code
has one row, its last version has no end and began no later, and all terms are equal.
"""

from odoo.addons.voip_billing_base.charge.planner import (
    NO_LOOPS,
    USUAL_LOOPS,
    no_nested_loops,
)

from ..sheets.stage import STAGE_COLUMNS, TERMS, of_rate, of_stage
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
TAKEN = "CREATE TEMP TABLE voip_taken (LIKE voip_stage) ON COMMIT DROP"
_COLUMNS = ", ".join(STAGE_COLUMNS)
# Of the rows from %(first)s on the plain ones are told as unchanged, and keep their
# codes open; the others go on into the stage. What may begin in the past begins at
# %(begin)s.
SPLIT = f"""
{NO_LOOPS};
WITH part AS MATERIALIZED (
    SELECT s.*, r.prefix IS NOT NULL AS same, r.price_per_minute AS had
      FROM voip_taken s
      LEFT JOIN voip_open r ON r.prefix = s.prefix AND r.origin = s.origin
       AND r.effective_from <= GREATEST(s.starts, %(begin)s::timestamp)
       AND s.ends IS NULL AND {_SAME}
     WHERE s.idx >= %(first)s),
named AS (INSERT INTO voip_named SELECT prefix, origin FROM part WHERE same),
told AS (
    INSERT INTO voip_result ({", ".join(ROW_COLUMNS)})
    SELECT h.number, p.prefix, NULLIF(p.origin, ''), p.label,
           CASE WHEN p.blocked THEN NULLIF(p.price, 0) ELSE p.price END, p.had,
           'unchanged', CASE WHEN p.blocked THEN %(blocked)s END,
           GREATEST(p.starts, %(begin)s::timestamp), NULL::timestamp, NULL,
           NULL::numeric, NULL::timestamp
      FROM part p JOIN voip_sheet h USING (idx) WHERE p.same)
INSERT INTO voip_stage ({_COLUMNS}) SELECT {_COLUMNS} FROM part WHERE NOT same;
{USUAL_LOOPS}
"""
# A code with several rows, or one that a row closes, has no plain ones.
PUT_BACK = f"""
WITH several AS (
    SELECT prefix, origin FROM voip_taken
     GROUP BY prefix, origin HAVING count(*) > 1
     UNION
    SELECT * FROM unnest(%(closed)s::text[], %(origins)s::text[])),
told AS (
    DELETE FROM voip_result o USING several n
     WHERE o.prefix = n.prefix AND COALESCE(o.origin_prefix, '') = n.origin),
named AS (
    DELETE FROM voip_named o USING several n
     WHERE o.prefix = n.prefix AND o.origin = n.origin)
INSERT INTO voip_stage ({_COLUMNS})
SELECT {_COLUMNS} FROM voip_taken JOIN several USING (prefix, origin)
ON CONFLICT (idx) DO NOTHING
"""
SINCE = "SELECT min(starts) FROM voip_result"


def is_wanted(work):
    """Whether rows of the sheet may be plain: nobody is told before of changes."""
    agreements = work.env["voip.rate.agreement"].sudo().with_context(active_test=False)
    return not agreements.search_count([("deck_ids", "in", work.deck.ids)], limit=1)


def settle(work, closes):
    """Take back what is not plain for what other rows of the sheet say.

    :param closes: list of :class:`lines.Close`
    :return: the first moment from which a plain row is valid; None where there is none
    """
    cr = work.env.cr
    closed = [(code, close.origin) for close in closes for code in close.codes]
    codes, origins = zip(*closed, strict=True) if closed else ((), ())
    with no_nested_loops(cr):
        cr.execute(PUT_BACK, {"closed": list(codes), "origins": list(origins)})
    cr.execute(SINCE)
    return cr.fetchone()[0]
