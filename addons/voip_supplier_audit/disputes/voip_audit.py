"""What disputes of customers leave in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)
WORDS = {
    "dispute_answer": _lt("Answer"),
    "dispute_calls": _lt("Calls"),
    "dispute_credited": _lt("Credited"),
    "disputed": _lt("Disputed"),
    "raised_by": _lt("Raised by"),
}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("dispute_opened", self.env._("Dispute opened")),
            ("dispute_credited", self.env._("Dispute credited")),
            ("dispute_refused", self.env._("Dispute refused")),
            ("dispute_withdrawn", self.env._("Dispute withdrawn")),
        ]

    @api.model
    def _words(self):
        return super()._words() | WORDS
