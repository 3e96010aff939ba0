from odoo import fields, models

from ..models.voip_account import STATES


class VoipAccountStateWizard(models.TransientModel):
    """Asks for the reason of a state change."""

    _name = "voip.account.state.wizard"
    _inherit = ["voip.guard"]
    _description = "Change Account State"

    account_ids = fields.Many2many(
        "voip.account",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    state = fields.Selection(STATES, required=True, string="New State")
    reason = fields.Char(required=True, help="The customer reads it in the mail.")

    def action_apply(self):
        self.check_access("read")
        self.account_ids.check_access("write")
        self.account_ids._set_state(self.state, self.reason)
