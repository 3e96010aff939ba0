"""What a sale has to earn, per company."""

from odoo import fields, models

from odoo.addons.voip_billing_base.const import PRICE
from odoo.addons.voip_billing_base.fields import ExactFloat

PERCENT = (7, 4)
MOST_DAYS = 31


class ResCompany(models.Model):
    _inherit = "res.company"

    voip_margin_percent = ExactFloat(
        string="Least Margin (%)",
        digits=PERCENT,
        default=15.0,
        help="Of the sale, after cost and overhead. Less is an alert.",
    )
    voip_overhead_minute = ExactFloat(
        string="Overhead per Minute",
        default=0.0,
        help="What a billed minute costs beside the supplier, in the company's"
        " currency.",
        **PRICE,
    )
    voip_overhead_percent = ExactFloat(
        string="Overhead (% of the Sale)",
        digits=PERCENT,
        default=0.0,
        help="What of the sale goes to commissions, payment fees and the like.",
    )
    voip_margin_days = fields.Integer(
        string="Days Looked At",
        default=7,
        help="An alert is judged by the last of these days on which there were calls."
        " 1 to 31.",
    )

    _voip_margin_bounds = models.Constraint(
        "CHECK (voip_margin_percent BETWEEN 0 AND 99"
        " AND voip_overhead_percent BETWEEN 0 AND 99"
        " AND voip_margin_percent + voip_overhead_percent < 100"
        " AND voip_overhead_minute BETWEEN 0 AND 1000000"
        f" AND voip_margin_days BETWEEN 1 AND {MOST_DAYS})",
        "Least margin and overhead are 0 to 99 % and come to less than 100 % of the"
        f" sale; overhead per minute is not negative; days are 1 to {MOST_DAYS}.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    voip_margin_percent = ExactFloat(
        related="company_id.voip_margin_percent", readonly=False, digits=PERCENT
    )
    voip_overhead_minute = ExactFloat(
        related="company_id.voip_overhead_minute", readonly=False, **PRICE
    )
    voip_overhead_percent = ExactFloat(
        related="company_id.voip_overhead_percent", readonly=False, digits=PERCENT
    )
    voip_margin_days = fields.Integer(
        related="company_id.voip_margin_days", readonly=False
    )
