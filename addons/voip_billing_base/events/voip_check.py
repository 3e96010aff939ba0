"""Invariants of usage events."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("event_days", "Usage by day = its counted events", DAYS_SQL),
            ("event_names", "A counted event is of its account and type", NAMES_SQL),
        ]


DAYS_SQL = """
SELECT count(*) FROM (
    SELECT account_id, type_id, source, local_day, count(*) AS events,
           sum(units) AS units
      FROM voip_usage_event WHERE state = 'counted' GROUP BY 1, 2, 3, 4) e
  FULL JOIN voip_usage_event_day d USING (account_id, type_id, source, local_day)
 WHERE d.events IS DISTINCT FROM e.events OR d.units IS DISTINCT FROM e.units
"""
NAMES_SQL = """
SELECT count(*) FROM voip_usage_event_day d
  JOIN voip_account a ON a.id = d.account_id
  JOIN voip_usage_event_type t ON t.id = d.type_id
 WHERE a.company_id <> d.company_id
    OR COALESCE(t.company_id, d.company_id) <> d.company_id
    OR d.category IS DISTINCT FROM t.category
"""
