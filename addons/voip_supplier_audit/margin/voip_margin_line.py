from odoo import fields, models

from odoo.addons.voip_billing_base.const import MONEY, PRICE
from odoo.addons.voip_billing_base.fields import Amount, BigInteger, ExactFloat


class VoipMarginLine(models.Model):
    """What one rate sold on one day, of an alert; written by the watch."""

    _name = "voip.margin.line"
    _inherit = ["voip.guard"]
    _description = "Margin of a Day"
    _order = "day desc, prefix, id"
    _rec_name = "prefix"
    _check_company_auto = True

    alert_id = fields.Many2one(
        "voip.margin.alert",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="alert_id.company_id", store=True, precompute=True, index=True
    )
    account_id = fields.Many2one(related="alert_id.account_id", store=True, index=True)
    deck_id = fields.Many2one(related="alert_id.deck_id", store=True)
    label = fields.Char(related="alert_id.label", store=True)
    day = fields.Date(
        required=True, readonly=True, help="Day in the account's time zone."
    )
    rate_id = fields.Many2one(
        "voip.rate", string="Rate", readonly=True, index=True, ondelete="cascade"
    )
    prefix = fields.Char(string="Code", readonly=True)
    price = ExactFloat(
        string="Sold At",
        readonly=True,
        aggregator=None,
        help="Price per minute, in the deck's currency.",
        **PRICE,
    )
    restoring_price = ExactFloat(
        string="Restoring Price",
        readonly=True,
        aggregator=None,
        help="The least price per minute, with the deck's decimals, at which the same"
        " calls would have had the least margin. Empty: the margin is enough, or no"
        " price per minute restores it.",
        **PRICE,
    )
    deck_currency_id = fields.Many2one(
        related="deck_id.currency_id", string="Rate Currency"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    calls = BigInteger(readonly=True, help="Answered calls.")
    seconds = BigInteger(string="Billed (s)", readonly=True)
    minutes = fields.Float(
        string="Billed (min)", digits=(16, 1), readonly=True, aggregator="sum"
    )
    sale = Amount(readonly=True, **MONEY)
    cost = Amount(readonly=True, **MONEY)
    overhead = Amount(readonly=True, **MONEY)
    margin = Amount(readonly=True, **MONEY)
    margin_percent = ExactFloat(
        string="Margin (%)",
        digits=(16, 4),
        min_display_digits=1,
        readonly=True,
        aggregator=None,
        help="Empty where nothing was sold.",
    )
    is_below = fields.Boolean(string="Below the Threshold", readonly=True)
