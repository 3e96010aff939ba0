"""What the margin watch leaves in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)
WORDS = {"margin_until": _lt("Accepted until"), "margin_percent": _lt("Margin (%)")}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("margin_accepted", self.env._("Low margin accepted")),
        ]

    @api.model
    def _words(self):
        return super()._words() | WORDS
