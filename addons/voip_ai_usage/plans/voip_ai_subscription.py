"""Which account has which plan, from a day to a day."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

TERMS = ("account_id", "plan_id", "date_start", "date_end", "slots")


class VoipAiSubscription(models.Model):
    """An account's plan of AI voice; one at a time.

    Days that were charged stay: an end in the past gives back what was charged of the
    fee after it.
    """

    _name = "voip.ai.subscription"
    _inherit = ["voip.guard"]
    _description = "AI Subscription"
    _order = "date_start desc, id desc"
    _rec_name = "plan_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    account_id = fields.Many2one(
        "voip.account",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    plan_id = fields.Many2one(
        "voip.ai.plan",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    date_start = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_end = fields.Date(string="To", help="The last day. Empty: no end.")
    slots = fields.Integer(
        string="Lines",
        aggregator=None,
        help="Concurrent calls that the account may have; those beyond the plan's"
        " included ones are charged.",
    )

    lacks_rate = fields.Boolean(
        string="No Exchange Rate",
        readonly=True,
        copy=False,
        help="Its fee has no exchange rate of its day or before. Enter one: it is"
        " charged within the hour.",
    )

    _one_a_day = models.Constraint(
        "EXCLUDE USING gist (int4range(account_id, account_id, '[]') WITH =,"
        " daterange(date_start, date_end, '[]') WITH &&)",
        "The account has a plan on these days already: end that one first.",
    )
    _days = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A subscription ends on the day it begins, or later.",
    )
    _slots = models.Constraint(
        "CHECK (COALESCE(slots, 0) BETWEEN 0 AND 100000)", "Lines are 0 to 100,000."
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("account_id", "plan_id", "date_end", "slots")
    def _check_account(self):
        for one in self:
            if one.account_id.state == "closed":
                raise ValidationError(
                    self.env._("Account %s is closed.", one.account_id.code)
                )
            if one.account_id.currency_id != one.plan_id.currency_id:
                raise ValidationError(
                    self.env._(
                        "%(account)s is in %(own)s: choose a plan in that currency.",
                        account=one.account_id.display_name,
                        own=one.account_id.currency_id.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # An end that was set just now makes room for what begins after it.
        self.flush_model()
        subscriptions = super().create(vals_list)
        for one in subscriptions:
            self.env["voip.audit"]._log("ai_subscribed", one, one._terms())
        return subscriptions

    def write(self, vals):
        before = {one: one._terms() for one in self.sudo()}
        fixed = ("account_id", "plan_id", "date_start")
        if any(name in vals for name in fixed):
            self._refuse_charged()
        result = super().write(vals)
        for one, said in before.items():
            now = one._terms()
            if changes := {n: [said[n], now[n]] for n in now if said[n] != now[n]}:
                self.env["voip.audit"]._log("ai_subscribed", one, changes)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        self._refuse_charged()

    # === BUSINESS METHODS === #

    def _terms(self):
        """{field: value} of what the audit trail keeps."""
        return {
            "account_id": self.account_id.id,
            "plan_id": self.plan_id.id,
            "date_start": str(self.date_start),
            "date_end": str(self.date_end or ""),
            "slots": self.slots,
        }

    def _refuse_charged(self):
        charges = self.env["voip.ai.charge"].sudo()
        for one in self:
            if charges.search_count([("subscription_id", "=", one.id)], limit=1):
                raise UserError(
                    self.env._(
                        "The plan of %s has been charged: give it an end, and let"
                        " another one begin.",
                        one.account_id.display_name,
                    )
                )
