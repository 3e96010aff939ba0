"""How sessions of an account and its calls wait for each other."""

from odoo import fields, models
from odoo.exceptions import UserError


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

    # === BUSINESS METHODS === #

    def _refuse_dependants(self):
        """Adds a plan of AI voice that goes on, or whose fees are not as its days are:
        nobody would pay them, and what they give back nobody would get."""
        today = fields.Date.context_today(self.with_context(tz=self.tz))
        for one in self.sudo().ai_subscription_ids:
            if not one.date_end or one.date_end >= today:
                raise UserError(
                    self.env._(
                        "%(account)s has the AI plan %(plan)s: give it an end under AI"
                        " Voice, Plans of Accounts, that is over, then close it.",
                        account=self.display_name,
                        plan=one.plan_id.display_name,
                    )
                )
            if one._is_owed():
                raise UserError(
                    self.env._(
                        "%(account)s has fees of the AI plan %(plan)s that are not"
                        " charged or given back yet: invoice its usage, then close it.",
                        account=self.display_name,
                        plan=one.plan_id.display_name,
                    )
                )
        return super()._refuse_dependants()

    # === ACTION METHODS === #

    def action_view_ai_sessions(self):
        """Its AI sessions."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_ai_usage.voip_ai_session_action"
        )
        return action | {"domain": [("account_id", "=", self.id)], "context": {}}
