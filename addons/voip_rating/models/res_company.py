"""Bounds of call records, per company."""

from odoo import fields, models

MOST_HOURS = 100  # of the longest call that a company may allow


class ResCompany(models.Model):
    _inherit = "res.company"

    voip_cdr_max_age_days = fields.Integer(
        string="Oldest Call Record (days)",
        default=400,
        help="Records that started longer ago go to the error queue.",
    )
    voip_cdr_max_hours = fields.Integer(
        string="Longest Call (hours)",
        default=24,
        help="Longer calls go to the error queue.",
    )

    _voip_cdr_bounds = models.Constraint(
        "CHECK (voip_cdr_max_age_days BETWEEN 1 AND 3650"
        f" AND voip_cdr_max_hours BETWEEN 1 AND {MOST_HOURS})",
        f"Call records are at most 3,650 days old and {MOST_HOURS} hours long.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    voip_cdr_max_age_days = fields.Integer(
        related="company_id.voip_cdr_max_age_days", readonly=False
    )
    voip_cdr_max_hours = fields.Integer(
        related="company_id.voip_cdr_max_hours", readonly=False
    )
