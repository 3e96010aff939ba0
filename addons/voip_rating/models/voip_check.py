"""Invariants of call records."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self):
        return [
            ("batch_whole", "Every record of a batch is in one place", BATCH_SQL),
            ("rated_once", "Every record is rated once", ONCE_SQL),
            ("keys", "Every stored record holds its key", KEY_SQL),
            *super()._checks(),
            ("cdr_append_only", "Call records refuse changes", TRIGGER_SQL),
        ]


BATCH_SQL = """
WITH stored AS (
    SELECT batch_id, count(*) AS n FROM voip_cdr_row GROUP BY 1
), usage AS (
    SELECT batch_id, sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END) AS n
      FROM voip_usage_row WHERE source_id IS NOT NULL GROUP BY 1
), queue AS (
    SELECT batch_id, count(*) FILTER (WHERE cdr_id IS NULL AND state <> 'fixed')
               AS refused,
           count(*) FILTER (WHERE cdr_id IS NOT NULL AND state <> 'fixed') AS unrated
      FROM voip_cdr_error GROUP BY 1
)
SELECT count(*) FROM voip_cdr_batch b
  LEFT JOIN stored s ON s.batch_id = b.id
  LEFT JOIN usage u ON u.batch_id = b.id
  LEFT JOIN queue q ON q.batch_id = b.id
 WHERE b.received <> COALESCE(s.n, 0) + COALESCE(q.refused, 0) + b.duplicates
    OR b.accepted <> COALESCE(s.n, 0)
    OR (b.state = 'done'
        AND b.accepted <> COALESCE(u.n, 0) + COALESCE(q.unrated, 0))
    OR (b.state = 'done' AND b.rated + b.zero_rated <> COALESCE(u.n, 0))
    OR (b.state <> 'done' AND COALESCE(u.n, 0) <> 0)
"""
ONCE_SQL = """
SELECT count(*) FROM (
    SELECT source_id FROM voip_usage_row WHERE source_id IS NOT NULL
     GROUP BY source_id
    HAVING sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END) NOT IN (0, 1)) x
"""
KEY_SQL = """
SELECT count(*) FROM voip_cdr_row r
  JOIN voip_cdr_batch b ON b.id = r.batch_id
  LEFT JOIN voip_cdr_key k
    ON k.key = voip_cdr_key_of(r.call_id, b.switch_id, COALESCE(r.leg, 'a'))
   AND k.month = date_trunc('month', r.start) AND k.cdr_id = r.id
 WHERE (k.key IS NULL) <> (b.state = 'undone')
"""
TRIGGER_SQL = """
SELECT count(*) FROM (SELECT) x
 WHERE NOT EXISTS (
    SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE t.tgrelid = to_regclass('voip_cdr_row')
       AND p.proname = 'voip_refuse_change' AND t.tgenabled <> 'D')
"""
