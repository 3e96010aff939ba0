"""What numbers cost, month by month of their supplier."""

from odoo import fields, models

from odoo.addons.voip_billing_base.charge.append_only import install_append_only
from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount, Link

FEES = [("setup", "Setup"), ("monthly", "Monthly rental")]


class VoipDidCost(models.Model):
    """The rows of a fee and month add up to what it costs as far as is known.

    The first one (``turn`` 1) is what was known when the month began, each further one
    what has changed since; the cost of the first one counts for the whole month.
    """

    _name = "voip.did.cost"
    _inherit = ["voip.append.only"]
    _description = "Number Cost"
    _order = "month_first desc, id desc"
    _rec_name = "did_id"

    company_id = Link("res.company", required=True, readonly=True)
    did_id = Link("voip.did", string="Number", required=True, readonly=True)
    supplier_id = Link("res.partner", string="Supplier", required=True, readonly=True)
    fee = fields.Selection(FEES, required=True, readonly=True)
    month_first = fields.Date(string="Month From", required=True, readonly=True)
    month_last = fields.Date(string="Month To", required=True, readonly=True)
    turn = fields.Integer(required=True, readonly=True, aggregator=None)
    days = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="Days of the month on which the number is held, after this row.",
    )
    unit_cost = Amount(required=True, readonly=True, **{**MONEY, "aggregator": None})
    currency_id = Link("res.currency", required=True, readonly=True)
    amount = Amount(required=True, readonly=True, **{**MONEY, "aggregator": None})
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_company = Amount(
        string="In Company Currency", required=True, readonly=True, **MONEY
    )

    _once = models.UniqueIndex(
        "(did_id, supplier_id, fee, month_first, turn)",
        "This month is counted already.",
    )
    _of_month = models.Index("(company_id, month_first)")
    _of_supplier = models.Index("(supplier_id)")

    def init(self):
        install_append_only(self.env.cr, self._table)
