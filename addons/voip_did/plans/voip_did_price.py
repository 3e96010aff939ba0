"""Prices of a plan: per fee, kind, country and quantity, from a day on."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.voip_billing_base.const import PRICE
from odoo.addons.voip_billing_base.fields import ExactFloat

from ..numbers.voip_did import KINDS

FEES = [
    ("setup", "Setup"),
    ("monthly", "Monthly rental"),
    ("channel", "Monthly, per channel"),
    ("e911", "Emergency service (E911)"),
    ("cnam", "CNAM"),
    ("surcharge", "Other surcharge"),
]
MONTHLY = "monthly"
ONCE = ("setup",)
TERMS = {
    "account_id",
    "country_id",
    "effective_from",
    "fee",
    "kind",
    "min_numbers",
    "plan_id",
    "price",
}


class VoipDidPrice(models.Model):
    """A price of a fee; the most specific one counts, of those the latest.

    An account's own price goes before those of country and kind, these before those of
    a country, then of a kind, then the general ones.
    """

    _name = "voip.did.price"
    _inherit = ["voip.finite"]
    _description = "Number Price"
    _order = "plan_id, fee, country_id, kind, min_numbers, effective_from"
    _rec_name = "fee"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "voip.did.plan",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    fee = fields.Selection(FEES, required=True, default="monthly")
    country_id = fields.Many2one("res.country", help="Empty: all countries.")
    kind = fields.Selection(KINDS, help="Empty: all kinds.")
    account_id = fields.Many2one(
        "voip.account",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="A price of its own. Empty: for all accounts.",
    )
    min_numbers = fields.Integer(
        string="From Numbers",
        default=1,
        required=True,
        aggregator=None,
        help="So many numbers by this plan an account has at least, on the first day"
        " that is charged.",
    )
    price = ExactFloat(required=True, aggregator=None, **PRICE)
    effective_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    specific = fields.Integer(compute="_compute_specific")

    _price_once = models.UniqueIndex(
        "(plan_id, fee, COALESCE(country_id, 0), COALESCE(kind, ''),"
        " COALESCE(account_id, 0), min_numbers, effective_from)",
        "The plan has such a price from this day already.",
    )
    _price_bounds = models.Constraint(
        "CHECK (price BETWEEN 0 AND 1000000000)", "A price is 0 to 1,000,000,000."
    )
    _numbers_bounds = models.Constraint(
        "CHECK (min_numbers BETWEEN 1 AND 1000000000)", "Tiers begin at 1 number."
    )

    @api.depends("country_id", "kind", "account_id")
    def _compute_specific(self):
        for price in self:
            price.specific = (
                8 * bool(price.account_id)
                + 2 * bool(price.country_id)
                + bool(price.kind)
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        prices = super().create(vals_list)
        prices._refuse_past()
        prices._log("did_price_new")
        return prices

    def write(self, vals):
        if TERMS & vals.keys():
            self._refuse_past()
        before = {price: price._terms() for price in self}
        result = super().write(vals)
        if TERMS & vals.keys():
            self._refuse_past()
            for price, said in before.items():
                if said != price._terms():
                    data = {"before": said, "after": price._terms()}
                    self.env["voip.audit"]._log("did_price", price.plan_id, data)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_past(self):
        self._refuse_past()
        self._log("did_price_end")

    def _log(self, event):
        for price in self:
            self.env["voip.audit"]._log(event, price.plan_id, price._terms())

    def _terms(self):
        return {
            "fee": self.fee,
            "country": self.country_id.code or "",
            "kind": self.kind or "",
            "account": self.account_id.code or "",
            "numbers": self.min_numbers,
            "price": f"{self.price:.8f}",
            "from": str(self.effective_from),
        }

    def _refuse_past(self):
        """Prices of days that are over and charged stay as they were.

        Of a month that is charged in advance the days to come may change; the
        difference is charged or given back.

        :raises ValidationError: naming the day from which the price may be
        """
        yesterday = fields.Date.context_today(self) - timedelta(days=1)
        fees = dict(self._fields["fee"]._description_selection(self.env))
        for price in self:
            until = price.plan_id._charged_until(price.fee)
            if until and price.effective_from <= min(until, yesterday):
                raise ValidationError(
                    self.env._(
                        "%(fee)s of %(plan)s is charged already for %(day)s: let a new"
                        " price begin today or later.",
                        fee=fees[price.fee],
                        plan=price.plan_id.name,
                        day=format_date(self.env, price.effective_from),
                    )
                )
