"""AI voice on invoices: a section of its own, its lines in words."""

from odoo import models

from .voip_ai_charge import PARTICULARS


class VoipBillingDocument(models.AbstractModel):
    _inherit = "voip.billing.document"

    def _section_of(self, group):
        if "ai" in group["facets"]:
            return self.env._("AI voice")
        return super()._section_of(group)

    def _facet_words(self, facets):
        if "ai" in facets:
            word = PARTICULARS.get(facets.get("ai_word"), "").lower()
            facets = {k: v for k, v in facets.items() if not k.startswith("ai")}
            return [*super()._facet_words(facets), *filter(None, [word])]
        return super()._facet_words(facets)
