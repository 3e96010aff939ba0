"""Low-balance alerts: what a customer was told, and when he was above it again."""

from odoo import fields, models

from ..const import MONEY
from ..fields import Amount


class VoipBalanceAlert(models.Model):
    """A level that the balance of an account fell below.

    An account is told of a level once; it is told again after it was above the level.
    The level is a percent of the last top-up (postpaid: of the credit limit), or the
    fixed amount that the account's terms name.
    """

    _name = "voip.balance.alert"
    _inherit = ["voip.append.only"]
    _description = "Low-Balance Alert"
    _log_access = False
    _order = "id desc"
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "voip.account", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    level = fields.Integer(
        string="Level (%)",
        required=True,
        readonly=True,
        aggregator=None,
        help="Percent of the last top-up; 0: the fixed amount of the terms.",
    )
    threshold = Amount(**MONEY, readonly=True, required=True, aggregator=None)
    left_amount = Amount(
        string="Left", **MONEY, readonly=True, required=True, aggregator=None
    )
    at = fields.Datetime(string="Below Since", required=True, readonly=True)
    over_at = fields.Datetime(
        string="Above Again", readonly=True, help="Empty: the balance is still below."
    )

    _once = models.UniqueIndex("(account_id, level) WHERE over_at IS NULL")
    _bounds = models.Constraint(
        "CHECK (level BETWEEN 0 AND 100"
        " AND threshold BETWEEN 0 AND 1000000000000000"
        " AND left_amount BETWEEN -1000000000000000 AND 1000000000000000)",
        "An alert is out of bounds.",
    )

    def _refusal(self):
        return self.env._("Alerts follow the balance; nobody edits them.")
