"""What was charged for numbers: one row for each fee, month and change of it."""

from odoo import fields, models

from odoo.addons.voip_billing_base.charge.append_only import install_append_only
from odoo.addons.voip_billing_base.const import MONEY, PRICE
from odoo.addons.voip_billing_base.fields import Amount, BigInteger, ExactFloat, Link

from ..plans.voip_did_price import FEES
from .kept import make_table


class VoipDidCharge(models.Model):
    """The rows of a fee and month add up to what that month costs as far as is known.

    The first one (``turn`` 1) is what the month cost when it was charged; each further
    one what has changed since: a number given back, another price. Rows are written
    together with the usage they are and never changed; two runs cannot write the same
    turn.
    """

    _name = "voip.did.charge"
    _inherit = ["voip.append.only"]
    _description = "Number Charge"
    _order = "month_first desc, id desc"
    _rec_name = "did_id"

    company_id = Link("res.company", required=True, readonly=True)
    account_id = Link("voip.account", required=True, readonly=True)
    plan_id = Link("voip.did.plan", required=True, readonly=True)
    assignment_id = Link(
        "voip.did.assignment", required=True, readonly=True, index=True
    )
    did_id = Link("voip.did", string="Number", required=True, readonly=True)
    fee = fields.Selection(FEES, required=True, readonly=True)
    month_first = fields.Date(string="Month From", required=True, readonly=True)
    month_last = fields.Date(string="Month To", required=True, readonly=True)
    turn = fields.Integer(required=True, readonly=True, aggregator=None)
    days = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="Days of the month that are paid for, after this row.",
    )
    through = fields.Date(
        string="Paid Until",
        required=True,
        readonly=True,
        help="The last day that is paid for, after this row.",
    )
    tier = fields.Integer(
        string="Numbers",
        required=True,
        readonly=True,
        aggregator=None,
        help="How many numbers the account had by this plan: the tier of its price.",
    )
    unit_price = ExactFloat(required=True, readonly=True, aggregator=None, **PRICE)
    currency_id = Link("res.currency", required=True, readonly=True)
    amount = Amount(required=True, readonly=True, **MONEY)
    month_price = Amount(
        readonly=True,
        help="What the fee of this month comes to as of this row, whatever credit notes"
        " have given back.",
        **MONEY,
    )
    summary_id = Link("voip.usage.summary", required=True, readonly=True)
    usage_id = BigInteger(required=True, readonly=True, aggregator=None)

    _once = models.UniqueIndex(
        "(assignment_id, fee, month_first, turn)",
        "This month is charged already.",
    )
    _of_summary = models.Index("(summary_id)")
    _of_month = models.Index("(company_id, month_last)")
    _given_back = models.Index("(company_id, summary_id) WHERE amount < 0")
    _of_plan = models.Index("(plan_id, fee, through)")
    _bounds = models.Constraint(
        "CHECK (amount BETWEEN -1000000000000000 AND 1000000000000000"
        " AND unit_price BETWEEN 0 AND 1000000000"
        " AND month_price BETWEEN 0 AND 1000000000000000)",
        "An amount is out of bounds.",
    )

    def init(self):
        install_append_only(self.env.cr, self._table)
        make_table(self.env.cr)
