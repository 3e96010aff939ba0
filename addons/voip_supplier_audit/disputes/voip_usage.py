"""Disputes of a rated call."""

from odoo import fields, models
from odoo.exceptions import UserError


class VoipUsage(models.Model):
    _inherit = "voip.usage"

    dispute_id = fields.Many2one(
        "voip.dispute",
        compute="_compute_dispute_id",
        groups="voip_billing_base.group_voip_viewer",
        help="The last dispute of the call, or of its invoice line.",
    )

    # === COMPUTE METHODS === #

    def _compute_dispute_id(self):
        by_call = self._disputes_by_call()
        by_line = self._disputes_by_line()
        for usage in self:
            line = usage.summary_id.sudo().move_line_id.id
            usage.dispute_id = by_call.get(usage.id) or by_line.get(line, False)

    def _disputes_by_call(self):
        calls = self.env["voip.dispute.call"].sudo()
        found = calls.search([("usage_id", "in", self.ids)], order="id")
        return {call.usage_id: call.dispute_id.id for call in found}

    def _disputes_by_line(self):
        """{line id: dispute} of those that are not about chosen calls."""
        moves = self.summary_id.sudo().move_id
        disputes = self.env["voip.dispute"].sudo().search(
            [("move_id", "in", moves.ids), ("scope", "!=", "calls")], order="id"
        )
        return {line: x.id for x in disputes for line in x._held_by_line()}

    # === ACTION METHODS === #

    def action_dispute(self):
        """Ask why the customer disputes these calls, of one invoice."""
        self.check_access("read")
        moves = self.sudo().summary_id.move_id
        if len(moves) != 1:
            raise UserError(
                self.env._(
                    "Choose calls of one usage invoice: these are of %s.",
                    ", ".join(moves.mapped("name")) or self.env._("none"),
                )
            )
        action = moves.with_env(self.env).action_voip_dispute()
        context = {
            "default_move_id": moves.id,
            "default_scope": "calls",
            "default_usage_ids": self.ids,
        }
        return action | {"context": context}

    def action_view_dispute(self):
        """The dispute that the call is part of."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.dispute",
            "res_id": self.dispute_id.id,
            "views": [(False, "form")],
        }
