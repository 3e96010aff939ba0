"""Agreements that came by mail or on paper."""

from odoo import fields, models
from odoo.exceptions import UserError


class VoipNettingAgreement(models.TransientModel):
    _name = "voip.netting.agreement"
    _inherit = ["voip.guard"]
    _description = "Record Agreement"
    _rec_name = "name"

    netting_id = fields.Many2one(
        "voip.netting",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    how = fields.Selection(
        [("mail", "Mail"), ("paper", "Paper")], required=True, default="mail"
    )
    name = fields.Char(string="Who Agreed", required=True)
    note = fields.Char(help="For example the date and subject of the mail.")

    def action_record(self):
        """The netting is agreed on; another user approves it."""
        self._voip_use()
        self.ensure_one()
        self.netting_id.check_access("write")
        if not self.name.strip():
            raise UserError(self.env._("Enter who agreed."))
        self.netting_id._agree_by_hand(self.how, self.name.strip(), self.note)
        return {"type": "ir.actions.act_window_close"}
