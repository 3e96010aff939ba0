"""Words of what credits of usage leave in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

WORDS = {
    "asked_by": _lt("Asked by"),
    "credit_money": _lt("Money"),
    "credit_note": _lt("Credit note"),
    "credit_of": _lt("Credit"),
    "credit_usage": _lt("Usage"),
    "decided_by": _lt("Approved or refused by"),
    "invoice": _lt("Invoice"),
    "new_invoice": _lt("New invoice"),
}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("credit_asked", self.env._("Credit note asked for")),
            ("credit_note", self.env._("Credit note made")),
            ("credit_refused", self.env._("Credit note refused")),
        ]

    @api.model
    def _words(self):
        return super()._words() | WORDS
