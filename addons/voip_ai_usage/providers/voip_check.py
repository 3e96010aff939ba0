"""Invariants of calls that providers told."""

from odoo import api, models

from .voip_ai_provider_import import SECRET_TABLE


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("ai_provider", "A provider's call is of its import", RECORDS_SQL),
            ("ai_provider_day", "A provider's day is of its import", DAYS_SQL),
        ]

    @api.model
    def _scripts(self):
        return [*super()._scripts(), SECRET_TABLE]


RECORDS_SQL = """
SELECT count(*) FROM voip_ai_provider_record r
  JOIN voip_ai_provider_import i ON i.id = r.import_id
  LEFT JOIN voip_account a ON a.id = r.account_id
 WHERE r.company_id <> i.company_id OR a.company_id <> r.company_id
    OR r.difference IS DISTINCT FROM r.charged - r.added
    OR (r.state = 'taken' AND (r.account_id IS NULL OR NOT r.is_taken))
"""
DAYS_SQL = """
SELECT count(*) FROM voip_ai_provider_day d
  JOIN voip_ai_provider_import i ON i.id = d.import_id
 WHERE d.company_id <> i.company_id OR d.difference <> d.charged - d.found
    OR d.charged <> (SELECT round(COALESCE(sum((l ->> 1)::numeric), 0), 8)
                       FROM jsonb_array_elements(d.lines) l)
"""
