"""Words of what resellers do, in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)
WORDS = {"what": _lt("What"), "limit": _lt("Limit of a month")}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("sub_account", self.env._("Sub-account changed by its reseller")),
        ]

    @api.model
    def _words(self):
        return {**super()._words(), **WORDS}
