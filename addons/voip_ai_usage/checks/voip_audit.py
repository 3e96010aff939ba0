"""Words of what happens to AI voice in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

WORDS = {
    "changed_count": _lt("Changed"),
    "faulty_count": _lt("Faulty"),
    "new_count": _lt("New"),
    "row_count": _lt("Rows"),
    "sha256": _lt("SHA-256"),
    "unchanged_count": _lt("Unchanged"),
    "first": _lt("First"),
    "last": _lt("Last"),
    "sessions": _lt("Sessions"),
}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("ai_again", self.env._("AI sessions priced again")),
            ("ai_dismissed", self.env._("AI session dismissed")),
            ("ai_plan", self.env._("AI plan changed")),
            ("ai_price", self.env._("AI price changed")),
            ("ai_price_end", self.env._("AI price deleted")),
            ("ai_price_import", self.env._("List of AI prices imported")),
            ("ai_price_new", self.env._("AI price made")),
            ("ai_subscribed", self.env._("AI plan of an account")),
        ]

    @api.model
    def _words(self):
        return super()._words() | WORDS
