"""Words of what nettings leave in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)
WORDS = {
    "address": _lt("From address"),
    "how": _lt("How"),
    "items": _lt("Items"),
    "mark": _lt("Mark of what is netted"),
    "note": _lt("Note"),
    "ours": _lt("Netted of what we owed"),
    "theirs": _lt("Netted of what they owed"),
    "until": _lt("Until"),
}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("netting_agreed", self.env._("Netting agreed on")),
            ("netting_cancelled", self.env._("Netting cancelled")),
            ("netting_changed", self.env._("Netting opened to changes")),
            ("netting_countered", self.env._("Netting countered")),
            ("netting_posted", self.env._("Netting posted")),
            ("netting_requested", self.env._("Netting asked for")),
        ]

    @api.model
    def _words(self):
        return super()._words() | WORDS
