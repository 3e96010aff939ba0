"""The invariant of quality proposals."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        """A confirmed proposal is a posted entry of its money."""
        title = "A confirmed quality proposal is posted"
        return [*super()._checks(since, full), ("supplier_quality", title, QUALITY_SQL)]


QUALITY_SQL = """
SELECT count(*) FROM voip_supplier_proposal q
  LEFT JOIN account_move m ON m.id = q.move_id
 WHERE (q.state = 'confirmed') <> (m.id IS NOT NULL)
    OR (q.state = 'confirmed'
        AND (m.state <> 'posted' OR m.currency_id <> q.currency_id
             OR m.amount_untaxed <> q.amount OR m.move_type <> CASE q.kind
                WHEN 'penalty' THEN 'in_refund' ELSE 'in_invoice' END
             OR NOT EXISTS (
                SELECT FROM voip_audit a
                 WHERE a.res_model = 'voip.supplier.proposal' AND a.res_id = q.id
                   AND a.event = 'supplier_quality_confirm')))
"""
