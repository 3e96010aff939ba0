"""What a client used and paid in a month."""

from odoo import api, fields, models

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount, BigInteger

VIEWER = "voip_billing_base.group_voip_viewer"


class VoipAiMonth(models.Model):
    """One row for each account and calendar month of its time zone.

    Written by SQL in the transaction that charges sessions and fees.
    """

    _name = "voip.ai.month"
    _inherit = ["voip.account.rows"]
    _description = "AI Usage of a Month"
    _log_access = False
    _order = "month desc, account_id"
    _rec_name = "month"

    month = fields.Date(required=True, readonly=True, help="Its first day.")
    currency_id = fields.Many2one(related="account_id.currency_id")
    sessions = BigInteger(required=True, readonly=True)
    connected = BigInteger(
        string="Successful", required=True, readonly=True, help="Calls that connected."
    )
    tools = BigInteger(string="Tools Used", required=True, readonly=True)
    seconds = BigInteger(string="Duration (s)", required=True, readonly=True)
    minutes = fields.Float(
        compute="_compute_minutes", digits=(16, 2), help="Of sessions."
    )
    billed_seconds = BigInteger(string="Billed (s)", required=True, readonly=True)
    input_tokens = BigInteger(required=True, readonly=True)
    input_audio_tokens = BigInteger(
        string="Audio Input Tokens", required=True, readonly=True
    )
    input_cached_tokens = BigInteger(
        string="Cached Input Tokens", required=True, readonly=True
    )
    input_cached_audio_tokens = BigInteger(
        string="Cached Audio Input Tokens", required=True, readonly=True
    )
    input_cache_write_tokens = BigInteger(
        string="Cache Write Tokens", required=True, readonly=True, default=0
    )
    input_cache_write_1h_tokens = BigInteger(
        string="Cache Write Tokens (1 h)", required=True, readonly=True, default=0
    )
    output_tokens = BigInteger(required=True, readonly=True)
    output_audio_tokens = BigInteger(
        string="Audio Output Tokens", required=True, readonly=True
    )
    output_reasoning_tokens = BigInteger(
        string="Reasoning Tokens", required=True, readonly=True
    )
    token_amount = Amount(
        string="Tokens and Parts", required=True, readonly=True, **MONEY
    )
    minute_amount = Amount(
        string="Minutes Amount", required=True, readonly=True, **MONEY
    )
    fee_amount = Amount(string="Fees", required=True, readonly=True, **MONEY)
    amount = Amount(string="Total", compute="_compute_amount", **MONEY)
    cost = Amount(
        string="Cost (company currency)",
        required=True,
        readonly=True,
        groups=VIEWER,
        **MONEY,
    )

    _once = models.UniqueIndex("(account_id, month)", "This month is there already.")
    _of_month = models.Index("(company_id, month)")

    # === COMPUTE METHODS === #

    @api.depends("seconds")
    def _compute_minutes(self):
        for month in self:
            month.minutes = month.seconds / 60

    @api.depends("token_amount", "minute_amount", "fee_amount")
    def _compute_amount(self):
        for month in self:
            month.amount = month.token_amount + month.minute_amount + month.fee_amount

    @api.depends("account_id", "month")
    def _compute_display_name(self):
        for month in self:
            month.display_name = f"{month.account_id.display_name} {month.month:%Y-%m}"

    # === ACTION METHODS === #

    def action_view_charges(self):
        """What its amounts are made of: fees and parts, what was taken back too."""
        return self._view("voip_ai_usage.voip_ai_charge_action")

    def action_view_sessions(self):
        """Its sessions."""
        return self._view("voip_ai_usage.voip_ai_session_action")

    def _view(self, action):
        """An action on what is of the account and the month's days."""
        self.check_access("read")
        self.ensure_one()
        last = fields.Date.end_of(self.month, "month")
        domain = [
            ("account_id", "=", self.account_id.id),
            ("local_day", ">=", self.month),
            ("local_day", "<=", last),
        ]
        found = self.env["ir.actions.act_window"]._for_xml_id(action)
        return found | {"domain": domain, "context": {}}
