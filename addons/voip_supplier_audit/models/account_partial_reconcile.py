"""What is held is set off against credit notes, never against money."""

from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        for partial in partials.sudo():
            moves = partial.debit_move_id.move_id | partial.credit_move_id.move_id
            others = moves.filtered(lambda move: not move.voip_payment_hold)
            if set(others.mapped("move_type")) != {"in_refund"}:
                moves._voip_refuse_held()
        return partials
