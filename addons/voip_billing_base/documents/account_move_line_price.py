"""What a line of usage charges less than its usage says."""

from odoo import fields, models

from ..const import MONEY
from ..fields import Amount


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    voip_tax_off = Amount(
        string="Included Tax Taken Off",
        **MONEY,
        copy=False,
        groups=fields.NO_ACCESS,
        help="Prices hold a tax that the fiscal position does not charge; this much of "
        "the usage's amount is not on the line.",
    )
