"""Invariants of AI voice."""

from odoo import api, models

from odoo.addons.voip_billing_base.checks.voip_check import refusing_sql

from ..sessions.months import COLUMNS


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("ai_usage", "A charge of AI voice is its usage", USAGE_SQL),
            ("ai_covered", "Usage of AI voice is its charges", COVERED_SQL),
            ("ai_charged", "Only charged sessions have charges", CHARGED_SQL),
            ("ai_parts", "A session's units are those of its charges", PARTS_SQL),
            ("ai_dismissed", "Dismissed sessions were audited", DISMISSED_SQL),
            ("ai_volume", "Included AI units = their charges", VOLUME_SQL),
            ("ai_month", "A month of AI voice = sessions and charges", MONTH_SQL),
            ("ai_fees", "No fee is charged above its month", FEES_SQL),
            ("ai_refuses", "Charges of AI voice refuse changes", TRIGGER_SQL),
        ]


# Of this installation and of those before.
EVERY = """(
       SELECT account_id, started_at, currency_id, local_day, amount, cost, summary_id,
              usage_id, reversal_of IS NOT NULL AS is_back
         FROM voip_ai_charge
        UNION ALL
       SELECT account_id, started_at, currency_id, local_day, amount, cost, summary_id,
              usage_id, is_back
         FROM voip_ai_charge_kept)"""
USAGE_SQL = f"""
SELECT count(*) FROM {EVERY} c
  JOIN voip_usage_summary s ON s.id = c.summary_id
  LEFT JOIN voip_usage_row u ON u.id = c.usage_id AND u.account_id = c.account_id
       AND u.started_at = c.started_at
 WHERE u.id IS NULL OR u.amount <> c.amount OR u.cost <> c.cost
    OR u.summary_id <> c.summary_id OR s.account_id <> c.account_id
    OR s.currency_id <> c.currency_id OR s.local_day <> c.local_day
    OR (u.reversal_of IS NULL) = c.is_back
"""
COVERED_SQL = f"""
SELECT count(*) FROM voip_open_summary s
  LEFT JOIN (SELECT summary_id, sum(amount) AS amount, sum(cost) AS cost,
                    sum(CASE WHEN is_back THEN -1 ELSE 1 END) AS rows
               FROM {EVERY} x GROUP BY 1) c ON c.summary_id = s.id
 WHERE s.facets ? 'ai'
   AND (c.summary_id IS NULL OR c.amount <> s.amount OR c.cost <> s.cost
        OR c.rows <> s.attempts)
"""
CHARGED_SQL = """
SELECT count(*) FROM (
    SELECT session_id AS id, account_id, local_day FROM voip_ai_charge
     WHERE session_id IS NOT NULL GROUP BY 1, 2, 3
    HAVING sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END) <> 0) c
  LEFT JOIN voip_ai_session s ON s.id = c.id AND s.state = 'charged'
       AND s.account_id = c.account_id AND s.local_day = c.local_day
 WHERE s.id IS NULL
"""
# Tools and platforms without a price are not charged.
PARTS_SQL = """
SELECT count(*) FROM (
    SELECT s.id, p ->> 'kind' AS kind, sum((p ->> 'units')::bigint) AS units
      FROM voip_ai_session s
     CROSS JOIN LATERAL jsonb_array_elements(
           CASE jsonb_typeof(s.parts) WHEN 'array' THEN s.parts ELSE '[]' END) p
     WHERE s.state = 'charged' AND p ->> 'kind' <> 'minute' GROUP BY 1, 2) s
  FULL JOIN (SELECT session_id AS id, kind, sum(units) AS units FROM voip_ai_charge
              WHERE session_id IS NOT NULL AND kind NOT IN ('minute', 'minimum')
              GROUP BY 1, 2
             HAVING sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END) <> 0) c
    USING (id, kind)
 WHERE s.units IS DISTINCT FROM c.units
   AND (c.units IS NOT NULL OR kind NOT IN ('tool', 'platform'))
"""
DISMISSED_SQL = """
SELECT count(*) FROM voip_ai_session s
 WHERE s.state = 'dismissed' AND NOT EXISTS (
       SELECT FROM voip_audit a
        WHERE a.event = 'ai_dismissed' AND a.res_model = 'voip.ai.session'
          AND a.res_id = s.id)
"""
# What was not charged was never counted against what is included.
VOLUME_SQL = """
SELECT count(*) FROM voip_ai_volume v
  FULL JOIN (
       SELECT c.account_id, c.plan_id, date_trunc('month', c.local_day)::date AS month,
              CASE c.kind WHEN 'minute' THEN 'minutes' ELSE 'tokens' END AS unit,
              sum(c.units) AS units
         FROM voip_ai_charge c JOIN voip_ai_plan p ON p.id = c.plan_id
        WHERE COALESCE(c.word, '') <> 'not_charged'
          AND CASE WHEN c.kind = 'minute' THEN p.included_minutes > 0
                   ELSE p.included_tokens > 0
                    AND (c.kind LIKE 'input%' OR c.kind LIKE 'output%') END
        GROUP BY 1, 2, 3, 4) c USING (account_id, plan_id, month, unit)
 WHERE COALESCE(c.units, 0) <> COALESCE(v.units, 0)
"""
_SUMS = {
    "billed_seconds": ("units", "kind = 'minute'"),
    **{column: ("units", f"kind = '{kind}'") for kind, column in COLUMNS.items()},
    "token_amount": ("amount", "kind NOT IN ('minute', 'fee', 'slots')"),
    "minute_amount": ("amount", "kind = 'minute'"),
    "fee_amount": ("amount", "kind IN ('fee', 'slots')"),
    "cost": ("cost", "true"),
}
_COUNTS = {
    "sessions": "count(*)",
    "connected": "count(*) FILTER (WHERE is_connected)",
    "tools": "sum(tools)",
    "seconds": "COALESCE(sum(seconds), 0)",
}
MONTH_SQL = f"""
SELECT count(*)
  FROM (SELECT account_id, date_trunc('month', local_day)::date AS month,
               {", ".join(
                   f"COALESCE(sum({what}) FILTER (WHERE {where}), 0) AS {name}"
                   for name, (what, where) in _SUMS.items()
               )}
          FROM voip_ai_charge GROUP BY 1, 2) c
  FULL JOIN (SELECT account_id, date_trunc('month', local_day)::date AS month,
                    {", ".join(f"{sql} AS {name}" for name, sql in _COUNTS.items())}
               FROM voip_ai_session WHERE state = 'charged' GROUP BY 1, 2) s
      USING (account_id, month)
  FULL JOIN voip_ai_month m USING (account_id, month)
 WHERE {" OR ".join(f"COALESCE(m.{n}, 0) <> COALESCE(c.{n}, 0)" for n in _SUMS)}
    OR {" OR ".join(f"COALESCE(m.{n}, 0) <> COALESCE(s.{n}, 0)" for n in _COUNTS)}
"""
FEES_SQL = """
SELECT count(*) FROM (
    SELECT c.subscription_id, c.kind, c.month, sum(c.amount) AS amount,
           max(c.unit_price * CASE c.kind WHEN 'slots' THEN 100000 ELSE 1 END) AS most
      FROM voip_ai_charge c WHERE c.subscription_id IS NOT NULL
     GROUP BY 1, 2, 3) f
 WHERE amount < 0 OR amount > most
"""
TRIGGER_SQL = refusing_sql("voip_ai_charge", "voip_ai_charge_kept")
