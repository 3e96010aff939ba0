"""Since when a number is held, and so costs something."""

from odoo import fields, models


class VoipDid(models.Model):
    _inherit = "voip.did"

    held_from = fields.Date(
        tracking=True,
        default=fields.Date.context_today,
        groups="voip_billing_base.group_voip_viewer",
        help="The first day for which the supplier charges the number. Empty: the day"
        " it came into the inventory.",
    )
