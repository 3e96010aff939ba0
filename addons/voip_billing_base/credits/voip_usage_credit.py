"""Chosen calls are credited from their list."""

from odoo import models
from odoo.exceptions import UserError


class VoipUsage(models.Model):
    _inherit = "voip.usage"

    # === ACTION METHODS === #

    def action_credit(self):
        """The wizard for these calls, of one invoice."""
        self.check_access("read")
        moves = self.sudo().summary_id.move_id
        if len(moves) != 1:
            raise UserError(
                self.env._(
                    "Choose calls of one usage invoice: these are of %s.",
                    ", ".join(moves.mapped("name")) or self.env._("none"),
                )
            )
        action = moves.with_env(self.env).action_voip_credit()
        kept = [f"default_{name}" for name in ("reason", "outcome", "settlement")]
        context = {
            **{key: self.env.context[key] for key in kept if key in self.env.context},
            "default_move_id": moves.id,
            "default_scope": "calls",
            "default_usage_ids": self.ids,
        }
        return action | {"context": context}
