"""How sessions of an account and its calls wait for each other."""

from odoo import fields, models


class VoipAccount(models.Model):
    _inherit = "voip.account"

    ai_wait_hours = fields.Integer(
        string="AI Sessions Wait (hours)",
        default=24,
        aggregator=None,
        tracking=True,
        help="So long a session that names a call waits for it; then it is charged"
        " alone. 0: at once.",
    )
    has_ai_calls = fields.Boolean(
        string="Calls Have AI Sessions",
        tracking=True,
        help="Calls of the account that have no session are listed.",
    )
    ai_subscription_ids = fields.One2many("voip.ai.subscription", "account_id")

    _ai_wait_bounds = models.Constraint(
        "CHECK (COALESCE(ai_wait_hours, 0) BETWEEN 0 AND 720)",
        "Sessions wait 0 to 720 hours for their call.",
    )

    # === ACTION METHODS === #

    def action_view_ai_sessions(self):
        """Its AI sessions."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_ai_usage.voip_ai_session_action"
        )
        return action | {"domain": [("account_id", "=", self.id)], "context": {}}
