"""Plans of AI voice: fee, minutes, lines, what is included, minimum and rounding."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from odoo.addons.voip_billing_base.const import MONEY, PRICE
from odoo.addons.voip_billing_base.fields import Amount, BigInteger, ExactFloat
from odoo.addons.voip_rating.engine.money import ROUNDINGS

_lt = LazyTranslate(__name__)
ROUNDING_WORDS = list(
    zip(ROUNDINGS, ("Half up", "Up", "Down", "Half to even"), strict=True)
)
TERMS = (
    "currency_id",
    "monthly_fee",
    "prorate",
    "minute_price",
    "initial_increment",
    "next_increment",
    "included_minutes",
    "included_tokens",
    "included_slots",
    "slot_price",
    "minimum",
    "decimals",
    "rounding",
    "charges_unconnected",
)


class VoipAiPlan(models.Model):
    """Terms of AI voice in one currency.

    A plan that has charged keeps its terms: another one begins with a subscription from
    a day on, so that whoever asks why sees what was charged by.
    """

    _name = "voip.ai.plan"
    _inherit = ["mail.thread", "voip.coded", "voip.finite"]
    _description = "AI Plan"
    _order = "name, id"
    _code_noun = _lt("plan")

    code = fields.Char(help="Unique per company.")
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Accounts in another currency cannot have this plan.",
    )
    monthly_fee = Amount(
        help="Of a calendar month, charged on its first day.", **MONEY
    )
    prorate = fields.Selection(
        [("day", "By the day"), ("whole", "Whole months only")],
        string="Parts of Months",
        required=True,
        default="day",
    )
    minute_price = ExactFloat(
        string="Price per Minute",
        help="Of a session's time, beside the call's destination minutes.",
        **PRICE,
    )
    initial_increment = fields.Integer(
        string="First Increment (s)", required=True, default=1, aggregator=None
    )
    next_increment = fields.Integer(
        string="Next Increments (s)", required=True, default=1, aggregator=None
    )
    included_minutes = fields.Integer(
        aggregator=None, help="Of each calendar month; they are used up first."
    )
    included_tokens = BigInteger(
        aggregator=None,
        help="Tokens of each calendar month, of whatever kind and model, in the order"
        " in which sessions arrive.",
    )
    included_slots = fields.Integer(
        string="Included Lines",
        aggregator=None,
        help="Concurrent calls that the fee covers.",
    )
    slot_price = Amount(
        string="Price of a Further Line",
        help="Of a calendar month, for each line beyond the included ones.",
        **MONEY,
    )
    minimum = Amount(
        string="Minimum per Session",
        help="Where the parts of a session come to less, what lacks is charged.",
        **MONEY,
    )
    decimals = fields.Integer(
        required=True, default=6, aggregator=None, help="Of each amount, 0 to 8."
    )
    rounding = fields.Selection(
        ROUNDING_WORDS, required=True, default="half_up"
    )
    charges_unconnected = fields.Boolean(
        string="Charge Calls That Never Connected",
        default=True,
        help="Their tokens cost us either way.",
    )
    token_service_id = fields.Many2one(
        "voip.service",
        required=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self._service("voip_billing_base.service_ai_tokens"),
        help="What invoices book tokens by.",
    )
    minute_service_id = fields.Many2one(
        "voip.service",
        required=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self._service("voip_ai_usage.service_ai_minutes"),
        help="What invoices book minutes of sessions by.",
    )
    fee_service_id = fields.Many2one(
        "voip.service",
        required=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self._service("voip_ai_usage.service_ai_fee"),
        help="What invoices book fees and lines by.",
    )
    subscription_ids = fields.One2many("voip.ai.subscription", "plan_id")

    _bounds = models.Constraint(
        "CHECK (COALESCE(monthly_fee, 0) BETWEEN 0 AND 1000000"
        " AND COALESCE(minute_price, 0) BETWEEN 0 AND 1000000"
        " AND COALESCE(slot_price, 0) BETWEEN 0 AND 1000000"
        " AND COALESCE(minimum, 0) BETWEEN 0 AND 1000000)",
        "A fee, price or minimum is 0 to 1,000,000.",
    )
    _increments = models.Constraint(
        "CHECK (initial_increment BETWEEN 1 AND 86400"
        " AND next_increment BETWEEN 1 AND 86400)",
        "An increment is 1 to 86,400 seconds.",
    )
    _included = models.Constraint(
        "CHECK (COALESCE(included_minutes, 0) BETWEEN 0 AND 10000000"
        " AND COALESCE(included_tokens, 0) BETWEEN 0 AND 1000000000000"
        " AND COALESCE(included_slots, 0) BETWEEN 0 AND 100000)",
        "Included are 0 to 10,000,000 minutes, 1,000,000,000,000 tokens and 100,000"
        " lines.",
    )
    _decimals = models.Constraint(
        "CHECK (decimals BETWEEN 0 AND 8)", "Amounts have 0 to 8 decimals."
    )

    # === CRUD METHODS === #

    def write(self, vals):
        asked = [name for name in TERMS if name in vals]
        before = {plan: plan._terms(asked) for plan in self.sudo()}
        result = super().write(vals)
        for plan, said in before.items():
            now = plan._terms(asked)
            if changes := {n: [said[n], now[n]] for n in asked if said[n] != now[n]}:
                plan._refuse_charged()
                self.env["voip.audit"]._log("ai_plan", plan, changes)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        self._refuse_charged()

    # === BUSINESS METHODS === #

    def _service(self, name):
        return self.env.ref(name, raise_if_not_found=False)

    def _terms(self, names):
        """{field: value} of what the audit trail keeps."""
        return {
            name: value.id if isinstance(value := self[name], models.Model) else value
            for name in names
        }

    def _refuse_charged(self):
        charges = self.env["voip.ai.charge"].sudo()
        for plan in self:
            if charges.search_count([("plan_id", "=", plan.id)], limit=1):
                raise UserError(
                    self.env._(
                        "%s has charged already and keeps its terms: copy it, and let"
                        " subscriptions to the copy begin.",
                        plan.name,
                    )
                )
