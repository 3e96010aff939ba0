"""Invariants of resale: mark-ups are those that the audit trail says."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("resale_markups", "Mark-ups are as the audit trail says", MARKUPS_SQL),
        ]


# What is said is said since the table was made: ids come again after an uninstallation.
MARKUPS_SQL = """
WITH told AS (
    SELECT DISTINCT ON (res_id) res_id AS id, at, data::jsonb AS said
      FROM voip_audit
     WHERE event = 'resale_markup' AND res_model = 'voip.resale.markup'
     ORDER BY res_id, seq DESC
)
SELECT (SELECT count(*)
          FROM voip_resale_markup m LEFT JOIN told t ON t.id = m.id
         WHERE t.said ->> 'what' IS DISTINCT FROM 'made'
            OR (t.said ->> 'account_id')::int IS DISTINCT FROM m.account_id
            OR COALESCE(NULLIF(t.said ->> 'service_id', 'false')::int, 0)
               <> COALESCE(m.service_id, 0)
            OR (t.said ->> 'percent')::numeric IS DISTINCT FROM m.percent
            OR (t.said ->> 'date_from')::date IS DISTINCT FROM m.date_from)
     + (SELECT count(*) FROM told t
         WHERE t.said ->> 'what' = 'made'
           AND t.at >= (SELECT date_trunc('second', min(create_date))
                          FROM voip_resale_markup)
           AND NOT EXISTS (SELECT FROM voip_resale_markup m WHERE m.id = t.id))
"""
