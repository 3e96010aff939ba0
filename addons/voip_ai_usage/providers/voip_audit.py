"""What the audit trail says of imports from providers."""

from odoo import api, models


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("ai_provider_key", self.env._("Key of an AI provider set")),
        ]
