from odoo import fields, models


class VoipAccount(models.Model):
    _inherit = "voip.account"

    portal_addresses = fields.Selection(
        [
            ("shown", "Sees them"),
            ("asked", "Asks for a change"),
            ("changed", "Changes them at once"),
        ],
        string="Trunk Addresses",
        required=True,
        default="asked",
        tracking=True,
        help="What the customer does with the addresses of his trunks in the portal. At"
        " once: a few public addresses that no other trunk has; others are asked for.",
    )
