"""SQL of a supplier's changes that he announced too late.

What he states from a moment on is valid from then on or, where it is dearer than what
the deck has and was announced too late, from the agreed moment on.
"""

from ..engine.money import PRICE_LIMIT
from ..sheets.stage import of_rate, of_stage


def _dear(column):
    """An array of numbers: the greater one is, the dearer are the terms.

    :param column: function from a name of :data:`TERMS` to its SQL
    """
    price = column("price")
    intra = f"COALESCE(NULLIF({column('price_intra')}, -1), {price})"
    prices = [price, intra]
    prices += [
        f"COALESCE(NULLIF({column(name)}, -1), {price})"
        for name in ("price_local", "first_price")
    ]
    either = f"GREATEST({price}, {intra})"
    prices.append(f"COALESCE(NULLIF({column('price_indeterminate')}, -1), {either})")
    sign = f"CASE WHEN {column('payback')} THEN -1 ELSE 1 END"
    parts = [f"{sign} * {part}" for part in prices]
    parts += [
        column(name)
        for name in ("attempt_fee", "connect_fee", "min_charge", "initial", "next")
    ]
    parts.append(f"COALESCE(NULLIF({column('max_charge')}, 0), {PRICE_LIMIT})")
    parts.append(f"-{column('grace')}")
    return f"ARRAY[{', '.join(parts)}]::numeric[]"


# What is cheaper by its price may be dearer by its other terms; a code that is not
# blocked any more is new, as one that is blocked is closed.
_DEARER = f"""
WITH doubtful AS (
    SELECT t.idx, t.id_before, t.idx_before, s.blocked, {_dear(of_stage)} AS dear
      FROM voip_timeline t JOIN voip_stage s USING (idx)
     WHERE t.kind IN ('decreased', 'changed')),
before AS (
    SELECT d.idx, r.blocked, {_dear(of_rate)} AS dear
      FROM doubtful d JOIN voip_rate r ON r.id = d.id_before
    UNION ALL
    SELECT d.idx, s.blocked, {_dear(of_stage)}
      FROM doubtful d JOIN voip_stage s ON s.idx = d.idx_before)
SELECT d.idx, CASE WHEN b.blocked THEN 'new' ELSE 'increased' END AS kind
  FROM doubtful d JOIN before b USING (idx)
 WHERE d.blocked IS NOT TRUE
   AND (b.blocked OR EXISTS (
        SELECT FROM unnest(b.dear, d.dear) AS p(was, be) WHERE p.be > p.was))
UNION ALL
SELECT idx, kind FROM voip_timeline
 WHERE idx IS NOT NULL AND kind IN ('new', 'increased')
"""
# Rows that are dearer and begin too early: they begin when they may.
MOVE = f"""
UPDATE voip_stage s
   SET stated = COALESCE(s.stated, s.starts), starts = e.at, agreed = TRUE
  FROM ({_DEARER}) t
  JOIN unnest(%(kinds)s::text[], %(earliest)s::timestamp[]) AS e(kind, at)
    ON e.kind = t.kind
 WHERE t.idx = s.idx AND s.starts < e.at
   AND NOT EXISTS (SELECT FROM voip_sheet h WHERE h.idx = t.idx AND h.closing)
"""
# Their codes are named by the sheet, even where nothing is left of these rows.
NAME = """
INSERT INTO voip_named SELECT DISTINCT prefix, origin FROM voip_stage WHERE agreed
ON CONFLICT DO NOTHING
"""
# Rows of a load that change nothing any more, as they were announced too late.
DROP = "DELETE FROM voip_stage WHERE idx IN (SELECT idx FROM ({found}) f)"
STAGED = "SELECT count(*) FROM voip_stage WHERE agreed"
# Until it may begin something else is valid: a later row, or a version of the deck.
# Two semi-joins: with OR each row would look through all of the stage.
OVERTAKEN = """
SELECT s.idx, %(reason)s AS reason FROM voip_stage s
 WHERE s.agreed AND EXISTS (
       SELECT FROM voip_stage o
        WHERE o.prefix = s.prefix AND o.origin = s.origin AND o.idx <> s.idx
          AND (COALESCE(o.stated, o.starts), o.idx) > (s.stated, s.idx)
          AND o.starts <= s.starts)
UNION
SELECT s.idx, %(reason)s FROM voip_stage s
 WHERE s.agreed AND EXISTS (
       SELECT FROM voip_rate r
        WHERE r.deck_id = %(deck)s AND r.prefix = s.prefix
          AND COALESCE(r.origin_prefix, '') = s.origin
          AND r.effective_from > s.stated AND r.effective_from <= s.starts)
"""
OVER = """
SELECT idx, %(reason)s AS reason FROM voip_stage WHERE agreed AND ends <= starts
"""
COUNT = "SELECT count(*) FROM voip_result WHERE stated_from IS NOT NULL"
ANY = "SELECT EXISTS (SELECT FROM voip_stage WHERE agreed)"
KEEP = """
UPDATE voip_rate r SET stated_from = s.stated
  FROM voip_stage s
 WHERE s.agreed AND r.deck_id = %(deck)s AND r.prefix = s.prefix
   AND COALESCE(r.origin_prefix, '') = s.origin AND r.effective_from = s.starts
"""
