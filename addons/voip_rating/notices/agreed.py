"""SQL of a supplier's changes that he announced too late.

What he states from a moment on is valid from then on or, where it is dearer than what
the deck has and was announced too late, from the agreed moment on.
"""

# Rows that are dearer and begin too early: they begin when they may.
MOVE = """
UPDATE voip_stage s
   SET stated = COALESCE(s.stated, s.starts), starts = e.at, agreed = TRUE
  FROM voip_timeline t
  JOIN voip_sheet h ON h.idx = t.idx AND NOT h.closing
  JOIN unnest(%(kinds)s::text[], %(earliest)s::timestamp[]) AS e(kind, at)
    ON e.kind = t.kind
 WHERE t.idx = s.idx AND s.starts < e.at
"""
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
