"""A new API key of a switch: shown once, never stored."""

from odoo import api, fields, models


class VoipSwitchKey(models.TransientModel):
    """Shows a key that the dialog alone has.

    Odoo's own dialog is a model without a table: when it is left by the browser's back
    or by a reload the client saves it, and the statement that fails has the key in the
    server's log. This one has a table without a column for the key.
    """

    _name = "voip.switch.key"
    _inherit = ["voip.guard"]
    _description = "API Key of a Switch"
    _rec_name = "switch_id"

    switch_id = fields.Many2one("voip.switch", ondelete="cascade")
    key = fields.Char(
        string="API Key",
        store=False,
        help="Odoo keeps a hash of it. Who loses it creates another one.",
    )
    address = fields.Char(
        compute="_compute_address",
        help="For posts of this switch in the format of its files; docs/api.md lists"
        " the others.",
    )

    @api.depends("switch_id")
    def _compute_address(self):
        for shown in self:
            switch = shown.switch_id
            code = switch.format_id.code or "generic"
            shown.address = switch and f"{switch.get_base_url()}/voip/cdr/" + (
                f"{switch.code}/{code}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        # It is not written down on any way, not even that of an error's arguments.
        return super().create(
            [{n: v for n, v in vals.items() if n != "key"} for vals in vals_list]
        )

    def write(self, vals):
        return super().write({n: v for n, v in vals.items() if n != "key"})
