"""From a call record to the AI sessions that belong to it."""

from odoo import fields, models


class VoipCdr(models.Model):
    _inherit = "voip.cdr"

    has_ai_session = fields.Boolean(
        string="AI Sessions",
        compute="_compute_has_ai_session",
        groups="voip_billing_base.group_voip_viewer",
    )

    def _compute_has_ai_session(self):
        own = [("cdr_id", "in", self.ids)]
        groups = self.env["voip.ai.session"]._read_group(own, ["cdr_id"])
        found = {number for (number,) in groups}
        for call in self:
            call.has_ai_session = call.id in found

    def action_view_ai_sessions(self):
        """Its AI sessions, each with its parts and the margin of both."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_ai_usage.voip_ai_session_action"
        )
        return action | {"domain": [("cdr_id", "=", self.id)], "context": {}}
