"""AI voice on invoices: a section of its own, its lines in words."""

from odoo import api, models

from .labels import PARTICULARS, label_of


class VoipBillingDocument(models.AbstractModel):
    _inherit = "voip.billing.document"

    def _section_of(self, group):
        if "ai" in group["facets"]:
            return self.env._("AI voice")
        return super()._section_of(group)

    @api.model
    def _label_keys(self):
        return (*super()._label_keys(), "ai", "ai_of", "ai_month")

    @api.model
    def _label(self, label, facets):
        if "ai_of" in facets:
            return label_of(self.env, facets)
        return super()._label(label, facets)

    def _facet_words(self, facets):
        if "ai" in facets:
            word = PARTICULARS.get(facets.get("ai_word"))
            facets = {k: v for k, v in facets.items() if not k.startswith("ai")}
            words = super()._facet_words(facets)
            return [*words, self.env._(word)] if word else words
        return super()._facet_words(facets)
