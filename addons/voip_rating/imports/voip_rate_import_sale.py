from odoo import fields, models

from odoo.addons.voip_billing_base.fields import ExactFloat


class VoipRateImportSale(models.Model):
    """A code that a customer deck sells below its new cost; written in SQL."""

    _name = "voip.rate.import.sale"
    _inherit = ["voip.rate.import.part"]
    _description = "Sold Below the New Cost"
    _log_access = False
    _order = "margin, prefix, id"
    _rec_name = "prefix"

    deck_id = fields.Many2one(
        "voip.rate.deck",
        string="Customer Deck",
        readonly=True,
        ondelete="cascade",
        check_company=True,
    )
    currency_id = fields.Many2one(related="import_id.currency_id")
    prefix = fields.Char(string="Code", readonly=True)
    label = fields.Char(string="Destination", readonly=True)
    sold_prefix = fields.Char(string="Sold As", readonly=True)
    cost = ExactFloat(string="New Cost", digits=(18, 8), readonly=True, aggregator=None)
    price = ExactFloat(
        string="Sold At",
        digits=(18, 8),
        readonly=True,
        aggregator=None,
        help="In the currency of the supplier's deck.",
    )
    margin = ExactFloat(
        string="Margin per Minute", digits=(18, 8), readonly=True, aggregator=None
    )
    calls = fields.Integer(
        string="Calls in 30 Days",
        readonly=True,
        help="That this deck sold and the supplier's old rate of the code carried.",
    )
