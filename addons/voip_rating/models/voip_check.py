"""Invariants of call records."""

from odoo import api, models

from odoo.addons.voip_billing_base.models.voip_check import refusing_sql


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        since_sql = f"'{since}'::date"
        keys = EXACT_KEY_SQL if full else KEY_SQL.format(since=since_sql)
        stray = [("stray_keys", "Every key is of a call", STRAY_KEY_SQL)]
        once = ONCE_SQL.format(since=since_sql)
        return [
            ("batch_whole", "Every record of a batch is in one place", BATCH_SQL),
            ("rated_once", "Every record is rated once", once),
            ("trunk_keys", "A trunk is found by its own code", TRUNK_SQL),
            ("keys", "Every stored record holds its key", keys),
            *super()._checks(since, full),
            ("cdr_append_only", "Call records refuse changes", TRIGGER_SQL),
            *(stray if full else ()),
        ]

    @api.model
    def _prepare(self, since, full):
        result = super()._prepare(since, full)
        self.env.cr.execute(PREPARE_SQL, {"since": since, "full": full})
        return result


# Batches that may still change: with calls since the first open day, at work, or
# touched of late. Their rows before that day are few and found by batch and time.
PREPARE_SQL = """
DROP TABLE IF EXISTS pg_temp.voip_open_batch, pg_temp.voip_open_count;
CREATE TEMP TABLE voip_open_batch ON COMMIT DROP AS
SELECT * FROM voip_cdr_batch
 WHERE %(full)s OR COALESCE(last_start >= %(since)s, true)
    OR state IN ('waiting', 'failed')
    OR write_date > now() AT TIME ZONE 'UTC' - interval '3 days';
CREATE UNIQUE INDEX ON voip_open_batch (id);
ANALYZE voip_open_batch;
CREATE TEMP TABLE voip_open_count ON COMMIT DROP AS
SELECT batch_id, count(*) AS stored, 0::bigint AS used
  FROM voip_cdr_row WHERE start >= %(since)s GROUP BY 1
UNION ALL
SELECT batch_id, 0, sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END)
  FROM voip_usage_row WHERE started_at >= %(since)s AND source_id IS NOT NULL GROUP BY 1
UNION ALL
SELECT b.id, (SELECT count(*) FROM voip_cdr_row r
               WHERE r.batch_id = b.id AND r.start >= b.first_start
                 AND r.start < LEAST(b.last_start, %(since)s)),
       (SELECT sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END)
          FROM voip_usage_row u
         WHERE u.batch_id = b.id AND u.source_id IS NOT NULL
           AND u.started_at >= b.first_start
           AND u.started_at < LEAST(b.last_start, %(since)s))
  FROM voip_open_batch b WHERE b.first_start < %(since)s;
ANALYZE voip_open_count
"""
# Codes are ASCII, by their constraint.
TRUNK_SQL = """
SELECT count(*) FROM voip_trunk
 WHERE code_key IS DISTINCT FROM lower(code)
    OR (auth_key IS NULL) <> (COALESCE(auth_user, '') = '')
"""
BATCH_SQL = """
WITH counted AS (
    SELECT batch_id, sum(stored) AS stored, COALESCE(sum(used), 0) AS used
      FROM voip_open_count GROUP BY 1
), queue AS (
    SELECT batch_id, count(*) FILTER (WHERE cdr_id IS NULL AND state <> 'fixed')
               AS refused,
           count(*) FILTER (WHERE cdr_id IS NOT NULL AND state <> 'fixed') AS unrated
      FROM voip_cdr_error GROUP BY 1
)
SELECT count(*) FROM (
    SELECT b.*, COALESCE(c.stored, 0) AS stored, COALESCE(c.used, 0) AS used,
           COALESCE(q.refused, 0) AS turned_down, COALESCE(q.unrated, 0) AS unrated
      FROM voip_open_batch b
      LEFT JOIN counted c ON c.batch_id = b.id
      LEFT JOIN queue q ON q.batch_id = b.id) b
 WHERE received <> stored + turned_down + duplicates OR accepted <> stored
    OR (state = 'done' AND (accepted <> used + unrated OR rated + zero_rated <> used))
    OR (state <> 'done' AND used <> 0)
"""
ONCE_SQL = """
SELECT count(*) FROM (
    SELECT source_id FROM voip_usage_row
     WHERE source_id IS NOT NULL AND started_at >= {since}
     GROUP BY source_id
    HAVING sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END) NOT IN (0, 1)) x
"""
# Whether the key is that of the call is recomputed with every month.
KEY_SQL = """
SELECT count(*) FROM voip_cdr_row r
  LEFT JOIN voip_cdr_key k
    ON k.cdr_id = r.id AND k.month = date_trunc('month', r.start)
   AND k.month >= date_trunc('month', {since})
 WHERE r.start >= {since} AND k.cdr_id IS NULL
"""
EXACT_KEY_SQL = """
SELECT count(*) FROM voip_cdr_row r
  JOIN voip_cdr_batch b ON b.id = r.batch_id
  LEFT JOIN voip_cdr_key k
    ON k.key = voip_cdr_key_of(r.call_id, b.switch_id, COALESCE(r.leg, 'a'))
   AND k.month = date_trunc('month', r.start) AND k.cdr_id = r.id
   AND k.switch_id = b.switch_id
 WHERE (k.key IS NULL) <> (b.state = 'undone')
"""
TRIGGER_SQL = refusing_sql("voip_cdr_row")
# A key without its call would refuse a call that was never here.
STRAY_KEY_SQL = """
SELECT count(*) FROM voip_cdr_key k
  LEFT JOIN voip_cdr_row r ON r.id = k.cdr_id AND r.start >= k.month
        AND r.start < k.month + interval '1 month'
 WHERE r.id IS NULL
"""
