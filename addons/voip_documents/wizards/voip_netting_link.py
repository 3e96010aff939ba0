"""The link of a netting, which is shown once."""

from odoo import api, fields, models


class VoipNettingLink(models.TransientModel):
    """Shows a link that the dialog alone has: no column, no log holds it."""

    _name = "voip.netting.link"
    _inherit = ["voip.guard"]
    _description = "Link of a Netting"
    _rec_name = "netting_id"
    _check_company_auto = True

    netting_id = fields.Many2one("voip.netting", ondelete="cascade")
    link = fields.Char(
        store=False, help="The server keeps a hash of it. Who loses it makes a new one."
    )
    until = fields.Datetime(related="netting_id.token_until", string="Works until")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_without_link(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_without_link(vals))


def _without_link(vals):
    if not isinstance(vals, dict):
        return vals
    return {name: value for name, value in vals.items() if name != "link"}
