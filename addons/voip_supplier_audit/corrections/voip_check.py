"""Invariants of corrected cost."""

from odoo import api, models

from odoo.addons.voip_billing_base.charge.append_only import install_append_only
from odoo.addons.voip_billing_base.checks.voip_check import refusing_sql
from odoo.addons.voip_billing_base.checks.voip_check_definitions import script_of

from .book import TABLE


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("corrections", "Corrections of cost are what was accepted", WHOLE_SQL),
            ("correction_links", "Corrected cost is of its calls' day", LINK_SQL),
            ("correction_append_only", "Corrections refuse changes", TRIGGER_SQL),
        ]

    @api.model
    def _prepare(self, since, full):
        """What was corrected is cost of the summaries beside that of usage."""
        result = super()._prepare(since, full)
        self.env.cr.execute(PREPARE_SQL)
        return result

    @api.model
    def _scripts(self):
        ours = script_of("voip_supplier_audit/sql/corrections.sql")
        return [*super()._scripts(), ours]

    def _guard(self, cr):
        result = super()._guard(cr)
        install_append_only(cr, TABLE)
        return result


PREPARE_SQL = f"""
INSERT INTO voip_open_usage (
       summary_id, attempts, calls, units, seconds, amount, sale, cost, account_id,
       last_account_id, company_id, first, last)
SELECT s.id, 0, 0, 0, 0, 0, 0, sum(c.cost), min(c.account_id), max(c.account_id),
       min(c.company_id), min(c.local_day), max(c.local_day)
  FROM voip_open_summary s JOIN {TABLE} c ON c.summary_id = s.id
 GROUP BY s.id
"""
# Of a line all is on calls or nothing. What was taken back has each row twice, with
# either sign.
WHOLE_SQL = f"""
WITH part AS (
    SELECT correction_id, line_id, sum(cost_amount) FILTER (WHERE reversal_of IS NULL)
               AS placed,
           sum(cost) FILTER (WHERE reversal_of IS NULL) AS cost,
           sum(cost_amount) AS left_amount, sum(cost) AS left_cost,
           count(*) FILTER (WHERE reversal_of IS NOT NULL) AS reversals
      FROM {TABLE} GROUP BY 1, 2),
whole AS (
    SELECT correction_id, sum(placed) AS placed, sum(cost) AS cost,
           bool_or(left_amount <> 0 OR left_cost <> 0) AS is_left,
           sum(reversals) AS reversals
      FROM part GROUP BY 1)
SELECT (SELECT count(*) FROM voip_supplier_correction k
          LEFT JOIN whole w ON w.correction_id = k.id
         CROSS JOIN LATERAL (
                SELECT sum(value::numeric) AS gap FROM jsonb_each_text(k.gaps)) g
         WHERE k.amount IS DISTINCT FROM g.gap
            OR k.state IN ('waiting', 'failed') AND w.correction_id IS NOT NULL
            OR k.state IN ('booked', 'withdrawn')
               AND (k.on_calls <> COALESCE(w.placed, 0)
                    OR k.cost <> COALESCE(w.cost, 0))
            OR k.state = 'booked' AND COALESCE(w.reversals, 0) <> 0
            OR k.state = 'withdrawn' AND COALESCE(w.is_left, false))
     + (SELECT count(*) FROM part p
          JOIN voip_supplier_correction k ON k.id = p.correction_id
         WHERE p.placed IS DISTINCT FROM (k.gaps ->> p.line_id::text)::numeric)
"""
LINK_SQL = f"""
SELECT count(*) FROM {TABLE} c
  LEFT JOIN voip_usage_summary s ON s.id = c.summary_id
  JOIN voip_supplier_correction k ON k.id = c.correction_id
 WHERE s.id IS NULL OR s.account_id <> c.account_id OR s.local_day <> c.local_day
    OR s.company_id <> c.company_id OR k.company_id <> c.company_id
"""
TRIGGER_SQL = refusing_sql(TABLE)
