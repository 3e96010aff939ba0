"""Invariants of call records."""

from odoo import api, models

from odoo.addons.voip_billing_base.checks.voip_check import refusing_sql

from ..rates.meanwhile import RINGING


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        once = ONCE_SQL.format(since=since, full=full)
        keys = KEY_SQL.format(since=since)
        if full:
            keys = f"SELECT ({keys}) + ({EXACT_KEY_SQL})"
        dates = RATE_DATES_SQL.format(since=since, ringing=RINGING.total_seconds())
        stray = [("stray_keys", "Every key is of a call", STRAY_KEY_SQL)]
        return [
            ("batch_whole", "Every record of a batch is in one place", BATCH_SQL),
            ("rated_once", "Every record is rated once", once),
            ("key_index", "No month holds a key twice", KEY_INDEX_SQL),
            ("trunk_keys", "A trunk is found by its own code", TRUNK_SQL),
            ("keys", "Every stored record holds its key", keys),
            ("rate_dates", "Each call is within the dates of its rate", dates),
            *super()._checks(since, full),
            ("cdr_append_only", "Call records refuse changes", TRIGGER_SQL),
            *(stray if full else ()),
        ]

    @api.model
    def _prepare(self, since, full):
        result = super()._prepare(since, full)
        self.env.cr.execute(PREPARE_SQL, {"since": since, "full": full})
        return result


# Sets of records are equal when they have the same sum of these: 64 bits of a record.
MARK = "hashint8extended({}, 0)"
USED = f"""
       count(*) FILTER (WHERE reversal_of IS NULL)
           - count(*) FILTER (WHERE reversal_of IS NOT NULL) AS used,
       COALESCE(sum({MARK.format("source_id")}) FILTER (WHERE reversal_of IS NULL), 0)
           - COALESCE(sum({MARK.format("source_id")})
                      FILTER (WHERE reversal_of IS NOT NULL), 0) AS mark
"""
# Batches that may still change: with calls since the first open day, at work, or
# touched of late. Their rows before that day are few and found by batch and time.
PREPARE_SQL = f"""
DROP TABLE IF EXISTS pg_temp.voip_open_batch, pg_temp.voip_open_count;
CREATE TEMP TABLE voip_open_batch ON COMMIT DROP AS
SELECT * FROM voip_cdr_batch
 WHERE %(full)s OR COALESCE(last_start >= %(since)s, true)
    OR state IN ('waiting', 'failed')
    OR write_date > now() AT TIME ZONE 'UTC' - interval '3 days';
CREATE UNIQUE INDEX ON voip_open_batch (id);
ANALYZE voip_open_batch;
CREATE TEMP TABLE voip_open_count ON COMMIT DROP AS
SELECT batch_id, date_trunc('month', min(start))::date AS month, count(*) AS stored,
       sum({MARK.format("id")}) AS stored_mark, 0::bigint AS used, 0 AS used_mark
  FROM voip_cdr_row WHERE start >= %(since)s GROUP BY batch_id, tableoid
UNION ALL
SELECT batch_id, NULL, 0, 0, {USED}
  FROM voip_usage_row WHERE started_at >= %(since)s AND source_id IS NOT NULL GROUP BY 1
UNION ALL
SELECT b.id, NULL, r.stored, r.mark, u.used, u.mark
  FROM voip_open_batch b
 CROSS JOIN LATERAL (
      SELECT count(*) AS stored, COALESCE(sum({MARK.format("id")}), 0) AS mark
        FROM voip_cdr_row
       WHERE batch_id = b.id AND start >= b.first_start
         AND start < LEAST(b.last_start, %(since)s)) r
 CROSS JOIN LATERAL (
      SELECT {USED}
        FROM voip_usage_row
       WHERE batch_id = b.id AND source_id IS NOT NULL AND started_at >= b.first_start
         AND started_at < LEAST(b.last_start, %(since)s)) u
 WHERE b.first_start < %(since)s;
ANALYZE voip_open_count
"""
KEY_INDEX_SQL = """
SELECT count(*) FROM pg_inherits h
 WHERE h.inhparent = 'voip_cdr_key'::regclass AND NOT EXISTS (
       SELECT FROM pg_index i
        WHERE i.indrelid = h.inhrelid AND i.indisunique AND i.indisvalid
          AND i.indpred IS NULL
          AND (SELECT array_agg(a.attname ORDER BY k.place)
                 FROM unnest(i.indkey) WITH ORDINALITY k(attnum, place)
                 JOIN pg_attribute a
                   ON a.attrelid = i.indrelid AND a.attnum = k.attnum)
              = ARRAY['key', 'switch_id']::name[])
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
    OR (lines > 0 AND lines <> received + skipped)
    OR (state = 'done' AND (accepted <> used + unrated OR rated + zero_rated <> used))
    OR (state <> 'done' AND used <> 0)
"""
EXACT_ONCE_SQL = """
SELECT count(*) FROM (
    SELECT source_id FROM voip_usage_row
     WHERE source_id IS NOT NULL AND started_at >= '{since}'::date
     GROUP BY source_id
    HAVING sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END) NOT IN (0, 1)) x
"""
# Usage of a batch is of its records without those in the error queue, each once, or the
# sums differ. Where usage is of no batch, and with every month, records are counted.
ONCE_SQL = f"""
WITH counted AS (
    SELECT batch_id, sum(stored_mark) AS stored, sum(used_mark) AS used
      FROM voip_open_count GROUP BY 1
), queue AS (
    SELECT batch_id, sum({MARK.format("cdr_id")}) AS mark
      FROM voip_cdr_error WHERE cdr_id IS NOT NULL AND state <> 'fixed' GROUP BY 1
)
SELECT (SELECT count(*) FROM counted c
          LEFT JOIN voip_open_batch b ON b.id = c.batch_id
          LEFT JOIN queue q ON q.batch_id = c.batch_id
         WHERE c.batch_id IS NOT NULL
           AND (b.id IS NULL
                OR c.used <> CASE WHEN b.state = 'done'
                                  THEN c.stored - COALESCE(q.mark, 0) ELSE 0 END))
     + CASE WHEN {{full}} OR EXISTS (SELECT FROM counted WHERE batch_id IS NULL)
            THEN ({EXACT_ONCE_SQL}) ELSE 0 END
"""
# A month has a key of each record and no other. Whether it is that of the call is
# recomputed with every month.
KEY_SQL = f"""
SELECT count(*) FROM (
    SELECT month, sum(stored) AS rows, sum(stored_mark) AS mark
      FROM voip_open_count WHERE month IS NOT NULL GROUP BY 1) r
  FULL JOIN (
    SELECT month, count(*) AS rows, sum({MARK.format("cdr_id")}) AS mark
      FROM voip_cdr_key WHERE month >= '{{since}}'::date GROUP BY 1) k USING (month)
 WHERE r.rows IS DISTINCT FROM k.rows OR r.mark IS DISTINCT FROM k.mark
"""
EXACT_KEY_SQL = """
SELECT count(*) FROM voip_cdr_row r
  JOIN voip_cdr_batch b ON b.id = r.batch_id
  LEFT JOIN voip_cdr_key k
    ON k.key = voip_cdr_key_of(r.call_id, b.switch_id, COALESCE(r.leg, 'a'))
   AND k.month = date_trunc('month', r.start) AND k.cdr_id = r.id
   AND k.switch_id = b.switch_id
 WHERE (k.key IS NULL) <> (b.state = 'undone' OR EXISTS (
           SELECT FROM voip_cdr_error e WHERE e.cdr_id = r.id AND e.replaced))
"""
# The answer decides about a version; it comes some time after the start. One pass, and
# few pairs of versions.
RATE_DATES_SQL = """
WITH pair AS (
    SELECT rate_id, cost_rate_id, min(started_at) AS first, max(started_at) AS last
      FROM voip_usage_row
     WHERE started_at >= '{since}'::date AND reversal_of IS NULL GROUP BY 1, 2
), used AS (
    SELECT u.id, min(first) AS first, max(last) AS last
      FROM pair CROSS JOIN LATERAL unnest(ARRAY[rate_id, cost_rate_id]) u (id)
     WHERE u.id IS NOT NULL GROUP BY 1
)
SELECT count(*) FROM used u LEFT JOIN voip_rate r ON r.id = u.id
 WHERE r.id IS NULL OR u.last >= COALESCE(r.effective_to, 'infinity')
    OR u.first < r.effective_from - make_interval(secs => {ringing})
"""
TRIGGER_SQL = refusing_sql("voip_cdr_row")
# A key without its call would refuse a call that was never here.
STRAY_KEY_SQL = """
SELECT count(*) FROM voip_cdr_key k
  LEFT JOIN voip_cdr_row r ON r.id = k.cdr_id AND r.start >= k.month
        AND r.start < k.month + interval '1 month'
 WHERE r.id IS NULL
"""
