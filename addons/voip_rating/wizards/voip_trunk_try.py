"""What becomes of a number on a trunk, for all who may look at trunks."""

from odoo import api, fields, models


class VoipTrunkTry(models.TransientModel):
    """Reads a called number as the intake would; nothing is changed."""

    _name = "voip.trunk.try"
    _inherit = ["voip.guard"]
    _description = "Try a Number"
    _rec_name = "trunk_id"

    trunk_id = fields.Many2one("voip.trunk", required=True, ondelete="cascade")
    number = fields.Char(help="A called number as the switch writes it.")
    result = fields.Char(string="Is Read as", compute="_compute_result")

    @api.depends("trunk_id", "number")
    def _compute_result(self):
        for tried in self:
            known = tried.trunk_id and tried.number
            tried.result = known and tried.trunk_id._try(tried.number)

    def action_try(self):
        """Show what becomes of the number."""
        self._voip_use()
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try a Number"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
