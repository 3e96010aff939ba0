"""Invariants of usage events."""

from odoo import api, models

from ..charge.append_only import install_append_only
from ..checks.voip_check import refusing_sql
from ..checks.voip_check_definitions import script_of
from .voip_event_webhook import SECRET_TABLE


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("event_days", "Usage by day = its counted events", DAYS_SQL),
            ("event_charged", "A charged event has its charges", CHARGED_SQL),
            ("event_usage", "A charge of an event is its usage", USAGE_SQL),
            ("event_covered", "Usage of events is their charges", COVERED_SQL),
            ("event_volume", "A month's volume is its charges", VOLUME_SQL),
            ("event_keys", "Every event holds its key", KEYS_SQL),
            ("event_refuses", "Charges of events refuse changes", TRIGGER_SQL),
            ("event_dismissed", "Dismissed events were audited", DISMISSED_SQL),
            ("event_names", "A counted event is of its account and type", NAMES_SQL),
        ]

    @api.model
    def _scripts(self):
        events = script_of("voip_billing_base/sql/events.sql")
        return [*super()._scripts(), events, SECRET_TABLE]

    def _guard(self, cr):  # pylint: disable=missing-return
        super()._guard(cr)
        install_append_only(cr, "voip_usage_event_charge_row")


DAYS_SQL = """
SELECT count(*) FROM (
    SELECT account_id, type_id, source, local_day, count(*) AS events,
           sum(units) AS units
      FROM voip_usage_event WHERE state = 'counted' GROUP BY 1, 2, 3, 4) e
  FULL JOIN voip_usage_event_day d USING (account_id, type_id, source, local_day)
 WHERE d.events IS DISTINCT FROM e.events OR d.units IS DISTINCT FROM e.units
"""
KEYS_SQL = """
SELECT count(*) FROM voip_usage_event_row e
  FULL JOIN voip_usage_event_key k
    ON k.event_id = e.id AND k.occurred_at = e.occurred_at
 WHERE k.key IS DISTINCT FROM
       voip_usage_event_key_of(e.company_id, e.source, e.event_ref)
"""
NAMES_SQL = """
SELECT count(*) FROM voip_usage_event_day d
  JOIN voip_account a ON a.id = d.account_id
  JOIN voip_usage_event_type t ON t.id = d.type_id
 WHERE a.company_id <> d.company_id
    OR COALESCE(t.company_id, d.company_id) <> d.company_id
    OR d.category IS DISTINCT FROM t.category
"""
# The units of its usage are the event's own, whatever was taken back before.
CHARGED_SQL = """
SELECT count(*) FROM (
    SELECT id, units, account_id, local_day FROM voip_usage_event
     WHERE is_priced AND state = 'counted') e
  FULL JOIN (SELECT event_id AS id, sum(units) FILTER (WHERE part = 'usage') AS units,
                    sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END) AS rows
               FROM voip_usage_event_charge GROUP BY 1
             HAVING sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END) <> 0) c
    USING (id)
 WHERE e.units IS DISTINCT FROM c.units
"""
USAGE_SQL = """
SELECT count(*) FROM voip_usage_event_charge c
  JOIN voip_usage_summary s ON s.id = c.summary_id
  LEFT JOIN voip_usage_row u ON u.id = c.usage_id AND u.account_id = c.account_id
       AND u.started_at = c.started_at
 WHERE u.id IS NULL OR u.amount <> c.amount OR u.cost <> c.cost
    OR u.summary_id <> c.summary_id OR s.account_id <> c.account_id
    OR s.currency_id <> c.currency_id OR s.local_day <> c.local_day
    OR (u.reversal_of IS NULL) <> (c.reversal_of IS NULL)
"""
COVERED_SQL = """
SELECT count(*) FROM voip_open_summary s
  LEFT JOIN (SELECT summary_id, sum(amount) AS amount, sum(cost) AS cost,
                    sum(CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END) AS rows
               FROM voip_usage_event_charge GROUP BY 1) c ON c.summary_id = s.id
 WHERE s.facets ? 'part'
   AND (c.summary_id IS NULL OR c.amount <> s.amount OR c.cost <> s.cost
        OR c.rows <> s.attempts)
"""
# Units are counted by month where a price has free ones or tiers.
VOLUME_SQL = """
SELECT count(*) FROM voip_usage_event_volume v
  FULL JOIN (
       SELECT c.price_id, c.account_id, sum(c.units) AS units,
              date_trunc('month', c.local_day)::date AS month
         FROM voip_usage_event_charge c JOIN voip_event_price p ON p.id = c.price_id
        WHERE p.free_units > 0
           OR EXISTS (SELECT FROM voip_event_price_tier t WHERE t.price_id = p.id)
        GROUP BY 1, 2, 4) c USING (price_id, account_id, month)
 WHERE COALESCE(c.units, 0) <> COALESCE(v.units, 0)
"""
DISMISSED_SQL = """
SELECT count(*) FROM (
    SELECT 'voip.usage.event' AS model, id FROM voip_usage_event_row
     WHERE state = 'dismissed'
     UNION ALL
    SELECT 'voip.usage.event.refused', id FROM voip_usage_event_refused
     WHERE state = 'dismissed') d
 WHERE NOT EXISTS (SELECT FROM voip_audit a
                    WHERE a.event = 'event_dismissed' AND a.res_model = d.model
                      AND a.res_id = d.id)
"""
TRIGGER_SQL = refusing_sql("voip_usage_event_charge_row")
