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

    # Each month from then on costs: a year of two digits would be 24,000 months.
    _held_bounds = models.Constraint(
        "CHECK (held_from BETWEEN '1970-01-01' AND '2199-12-31')",
        "Numbers are held from a day of the years 1970 to 2199.",
    )
