"""Keeps sums of what suppliers cost us."""

from odoo import api, models

from . import kept


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def init(self):
        self.env.cr.execute(kept.TABLE)

    @api.model
    def _cron_costs(self):
        """Add the usage that is complete to the sums by supplier."""
        more = kept.advance(self.env.cr)
        self.env["ir.cron"]._commit_progress(1, remaining=int(more))


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        """Sums of suppliers are those of usage; the open months, or all with full."""
        sql = COSTS_SQL.format(since="1900-01-01" if full else since)
        title = "Cost by supplier is the sum of its usage"
        return [*super()._checks(since, full), ("supplier_costs", title, sql)]

    @api.model
    def _scripts(self):
        return [*super()._scripts(), kept.TABLE]


COSTS_SQL = (
    "WITH ours AS ("
    + kept.SUMS.format(
        where="u.started_at >= '{since}'::date AND u.id <= ("
        " SELECT COALESCE(max(upto), 0) FROM voip_supplier_cost_progress)"
    )
    + """)
SELECT count(*) FROM ours o
  FULL JOIN (SELECT * FROM voip_supplier_cost_row WHERE slot >= '{since}'::date) k
    ON k.company_id = o.company_id AND k.supplier_id = o.supplier_id
   AND k.slot = o.slot AND k.rate_id = o.rate_id
 WHERE (o.calls, o.duration_ms, o.billed_seconds, o.amount, o.attempts)
       IS DISTINCT FROM (k.calls, k.duration_ms, k.billed_seconds, k.amount, k.attempts)
"""
)
