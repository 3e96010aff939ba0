"""Billing terms: the same fields on a profile and on an account."""

from odoo import fields, models

from odoo.addons.base.models.res_partner import _tz_get

from ..engine.periods import CYCLES
from ..fields import ExactFloat

LABELS = {
    "daily": "Daily",
    "weekly": "Weekly",
    "biweekly": "Every two weeks",
    "twice_month": "Twice a month",
    "monthly": "Monthly",
    "n_days": "Every N days",
    "anniversary": "Monthly, from the start date",
}
TERMS = (
    "tz",
    "cycle",
    "cycle_days",
    "invoice_day",
    "closing_delay_hours",
    "payment_term_id",
    "fiscal_position_id",
    "low_balance_percent_1",
    "low_balance_percent_2",
    "low_balance_percent_3",
    "low_balance_amount",
    "auto_recharge",
    "auto_recharge_threshold",
    "auto_recharge_amount",
    "auto_recharge_daily_cap",
    "auto_recharge_monthly_cap",
    "suspend_notice_hours",
)
MONEY = (18, 2)


class VoipBillingTerms(models.AbstractModel):
    """When and how an account is billed, warned and recharged."""

    _name = "voip.billing.terms"
    _inherit = ["voip.finite"]
    _description = "Billing Terms"

    tz = fields.Selection(
        _tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="Days and billing periods begin and end at midnight of this zone.",
    )
    cycle = fields.Selection(
        [(cycle, LABELS[cycle]) for cycle in CYCLES],
        string="Billing Cycle",
        required=True,
        default="monthly",
    )
    cycle_days = fields.Integer(
        string="Days per Cycle", default=30, help="Length of an 'every N days' cycle."
    )
    invoice_day = fields.Integer(
        default=1, help="First day of a monthly period, 1 to 28."
    )
    closing_delay_hours = fields.Integer(
        string="Closing Delay (hours)",
        default=6,
        help="How long the end of a period waits for late records.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term", string="Payment Terms", check_company=True
    )
    fiscal_position_id = fields.Many2one(
        "account.fiscal.position",
        check_company=True,
        help="Empty: the one that fits the partner's country.",
    )
    low_balance_percent_1 = fields.Integer(string="First Alert (%)", default=20)
    low_balance_percent_2 = fields.Integer(string="Second Alert (%)", default=10)
    low_balance_percent_3 = fields.Integer(string="Last Alert (%)", default=5)
    low_balance_amount = ExactFloat(
        string="Alert Below",
        digits=MONEY,
        help="A fixed amount instead of percents of the last top-up; 0: percents.",
    )
    auto_recharge = fields.Boolean()
    auto_recharge_threshold = ExactFloat(
        digits=MONEY,
        help="Recharge when what is left of the customer's own money falls below it.",
    )
    auto_recharge_amount = ExactFloat(digits=MONEY)
    auto_recharge_daily_cap = ExactFloat(
        digits=MONEY, help="At most this much is recharged a day; 0: no recharge."
    )
    auto_recharge_monthly_cap = ExactFloat(
        digits=MONEY,
        help="At most this much is recharged in a calendar month; 0: no such limit.",
    )
    suspend_notice_hours = fields.Integer(
        string="Suspension Notice (hours)", default=24
    )


BOUNDS = (
    "CHECK (invoice_day BETWEEN 1 AND 28 AND cycle_days BETWEEN 1 AND 366"
    " AND closing_delay_hours BETWEEN 0 AND 720"
    " AND suspend_notice_hours BETWEEN 0 AND 720"
    " AND low_balance_percent_1 BETWEEN 0 AND 100"
    " AND low_balance_percent_2 BETWEEN 0 AND 100"
    " AND low_balance_percent_3 BETWEEN 0 AND 100"
    " AND low_balance_amount BETWEEN 0 AND 1000000000000000"
    " AND auto_recharge_threshold BETWEEN 0 AND 1000000000000000"
    " AND auto_recharge_amount BETWEEN 0 AND 1000000000000000"
    " AND auto_recharge_daily_cap BETWEEN 0 AND 1000000000000000"
    " AND auto_recharge_monthly_cap BETWEEN 0 AND 1000000000000000)"
)
BOUNDS_MESSAGE = (
    "Billing terms are out of bounds: invoice day 1 to 28, cycle 1 to 366 days,"
    " delays up to 720 hours, alerts 0 to 100 %, amounts not negative."
)
