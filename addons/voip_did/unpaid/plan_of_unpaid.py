"""What a plan does when a wallet cannot pay."""

from odoo import fields, models


class VoipDidPlan(models.Model):
    _inherit = "voip.did.plan"

    grace_days = fields.Integer(
        string="Grace (days)",
        default=3,
        required=True,
        tracking=True,
        aggregator=None,
        help="How long a number works on whose rental a prepaid wallet cannot pay. Then"
        " it is suspended.",
    )
    release_days = fields.Integer(
        string="Release After (days)",
        default=0,
        required=True,
        tracking=True,
        aggregator=None,
        help="A number that is suspended so long for unpaid rental is taken back. 0:"
        " never by itself.",
    )
    charges_suspended = fields.Boolean(
        string="Charge Suspended Days",
        tracking=True,
        help="Days of suspension cost as much as others. Otherwise nothing.",
    )

    _unpaid_bounds = models.Constraint(
        "CHECK (grace_days BETWEEN 0 AND 365 AND release_days BETWEEN 0 AND 3650)",
        "Grace is 0 to 365 days, release 0 to 3,650.",
    )
