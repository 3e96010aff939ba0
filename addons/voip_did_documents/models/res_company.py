"""Up to how many numbers an invoice lists."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    voip_numbers_listed = fields.Integer(
        string="Numbers Listed",
        default=50,
        required=True,
        help="An invoice names so many numbers at most; more are in its annex, a file.",
    )

    _voip_numbers_listed = models.Constraint(
        "CHECK (voip_numbers_listed BETWEEN 0 AND 1000)",
        "An invoice lists 0 to 1,000 numbers.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    voip_numbers_listed = fields.Integer(
        related="company_id.voip_numbers_listed", readonly=False
    )
