"""What was charged for AI voice: a row for each part, slice, fee and reversal."""

from odoo import fields, models

from odoo.addons.voip_billing_base.charge.append_only import install_append_only
from odoo.addons.voip_billing_base.const import MONEY, PRICE
from odoo.addons.voip_billing_base.fields import Amount, BigInteger, ExactFloat, Link

from ..catalogue.voip_ai_price import PRICED
from ..engine.rate import WORDS
from .kept import make_table

VIEWER = "voip_billing_base.group_voip_viewer"
FEES = [("fee", "Monthly fee"), ("slots", "Further lines")]
CHARGED = [*PRICED, ("minute", "Minutes"), *FEES, ("minimum", "Minimum")]
PARTICULARS = {
    "included": "Included",
    "minimum": "Minimum of the session",
    "not_charged": "Not charged",
}


class VoipAiCharge(models.Model):
    """Rows are written together with the usage they are and never change; a reversal
    has the other sign and names what it takes back."""

    _name = "voip.ai.charge"
    _inherit = ["voip.append.only"]
    _description = "AI Charge"
    _order = "id"
    _rec_name = "kind"

    company_id = Link("res.company", required=True, readonly=True)
    account_id = Link("voip.account", required=True, readonly=True)
    session_id = Link("voip.ai.session", readonly=True)
    plan_id = Link("voip.ai.plan", readonly=True)
    subscription_id = Link("voip.ai.subscription", readonly=True)
    local_day = fields.Date(string="Day", required=True, readonly=True)
    month = fields.Date(
        required=True, readonly=True, help="The first day of what a fee is for."
    )
    started_at = fields.Datetime(string="Started", required=True, readonly=True)
    provider_id = Link("voip.ai.provider", readonly=True)
    model_id = Link("voip.ai.model", readonly=True)
    kind = fields.Selection(CHARGED, required=True, readonly=True)
    word = fields.Selection(
        [(word, PARTICULARS[word]) for word in WORDS if word],
        string="Particular",
        readonly=True,
    )
    start = BigInteger(
        string="Units Before",
        required=True,
        readonly=True,
        aggregator=None,
        help="Units of the month that were counted against the included ones before.",
    )
    units = BigInteger(required=True, readonly=True)
    unit_price = ExactFloat(required=True, readonly=True, aggregator=None, **PRICE)
    per = fields.Integer(
        string="For Units", required=True, readonly=True, aggregator=None
    )
    currency_id = Link("res.currency", required=True, readonly=True)
    price_id = Link("voip.ai.price", readonly=True)
    amount = Amount(required=True, readonly=True, **MONEY)
    cost = Amount(
        string="Cost (company currency)",
        required=True,
        readonly=True,
        groups=VIEWER,
        **MONEY,
    )
    cost_price_id = Link("voip.ai.price", readonly=True, groups=VIEWER)
    summary_id = Link("voip.usage.summary", required=True, readonly=True)
    usage_id = BigInteger(required=True, readonly=True, aggregator=None)
    reversal_of = BigInteger(readonly=True, aggregator=None)

    _of_session = models.Index("(session_id) WHERE session_id IS NOT NULL")
    _of_subscription = models.Index(
        "(subscription_id, month) WHERE subscription_id IS NOT NULL"
    )
    _of_account = models.Index("(account_id, local_day)")
    _of_summary = models.Index("(summary_id)")
    _of_plan = models.Index("(plan_id) WHERE plan_id IS NOT NULL")
    _of_price = models.Index("(price_id, local_day) WHERE price_id IS NOT NULL")
    _of_cost_price = models.Index(
        "(cost_price_id, local_day) WHERE cost_price_id IS NOT NULL"
    )
    _back_once = models.UniqueIndex(
        "(reversal_of) WHERE reversal_of IS NOT NULL",
        "This charge is taken back already.",
    )
    _bounds = models.Constraint(
        "CHECK (amount BETWEEN -1000000000000000 AND 1000000000000000"
        " AND cost BETWEEN -1000000000000000 AND 1000000000000000"
        " AND unit_price BETWEEN 0 AND 1000000000"
        " AND units BETWEEN -1000000000000 AND 1000000000000)",
        "An amount is out of bounds.",
    )
    _whose = models.Constraint(
        "CHECK ((session_id IS NULL) <> (subscription_id IS NULL))",
        "A charge is of a session, or of a subscription.",
    )

    def init(self):
        install_append_only(self.env.cr, self._table)
        make_table(self.env.cr)


class VoipAiVolume(models.Model):
    """Units of a month that were counted against what a plan includes.

    Written by SQL in the transaction that charges the sessions.
    """

    _name = "voip.ai.volume"
    _inherit = ["voip.account.rows"]
    _description = "Included AI Units of a Month"
    _log_access = False
    _order = "month desc, id desc"
    _rec_name = "plan_id"

    plan_id = fields.Many2one(
        "voip.ai.plan",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    month = fields.Date(
        required=True, readonly=True, help="Its first day, in the account's time zone."
    )
    unit = fields.Selection(
        [("tokens", "Tokens"), ("minutes", "Seconds")], required=True, readonly=True
    )
    units = BigInteger(required=True, readonly=True, aggregator=None)

    _once = models.UniqueIndex("(account_id, plan_id, month, unit)")
    _bounds = models.Constraint(
        "CHECK (units BETWEEN 0 AND 1000000000000000000)",
        "A volume is out of bounds.",
    )
