"""Odoo's own reversal leaves usage to the wizard that knows its calls."""

from odoo import api, models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    @api.model
    def default_get(self, fields):
        self.check_access("create")
        if self.env.context.get("active_model") == "account.move":
            moves = self.env["account.move"].browse(self.env.context["active_ids"])
            self._voip_refuse_usage(moves)
        return super().default_get(fields)

    def reverse_moves(self, is_modify=False):
        self.check_access("write")
        self._voip_refuse_usage(self.move_ids)
        return super().reverse_moves(is_modify)

    @api.model
    def _voip_refuse_usage(self, moves):
        moves._voip_refuse_reversal()
        moves._voip_refuse_by_hand()
