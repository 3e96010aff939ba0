"""Words of what kept files leave in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)
WORDS = {
    "document": _lt("Document"),
    "made": _lt("Made"),
    "sent": _lt("Sent"),
    "sha256": _lt("SHA-256"),
    "version": _lt("Version"),
}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("document_made_again", self.env._("File made again")),
            ("document_removed", self.env._("File removed")),
            ("template_moved", self.env._("Template moved")),
            ("template_published", self.env._("Template published")),
        ]

    @api.model
    def _words(self):
        return super()._words() | WORDS
