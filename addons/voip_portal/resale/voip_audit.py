"""Words of mark-ups in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)
WORDS = {"percent": _lt("Mark-up %"), "name": _lt("Name")}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [*super()._select_event(), ("resale_markup", self.env._("Mark-up"))]

    @api.model
    def _words(self):
        return {**super()._words(), **WORDS}
