"""Invoice lines of rental name their month, and when it is not the whole of it."""

from decimal import Decimal

from odoo import api, models
from odoo.tools import format_date

from .labels import KEYS, label_of


class VoipBillingDocument(models.AbstractModel):
    _inherit = "voip.billing.document"

    def _line_name(self, group, service):
        name = super()._line_name(group, service)
        if "month" not in group["facets"]:
            return name
        whole = group["units"] * Decimal(repr(group["unit_price"]))
        if not group["units"] and group["amount"] < 0:
            return self.env._("%s (days given back)", name)
        if group["amount"] != whole:
            return self.env._("%s (by the day)", name)
        return name

    @api.model
    def _label_keys(self):
        return (*super()._label_keys(), *KEYS)

    @api.model
    def _label(self, label, facets):
        if "fee" in facets:
            return label_of(self.env, facets)
        return super()._label(label, facets)

    def _facet_words(self, facets):
        if "month" in facets:
            days = facets["month"].split(" – ")
            month = " – ".join(format_date(self.env, day) for day in days)
            rest = {name: word for name, word in facets.items() if name not in KEYS}
            facets = {**rest, "month": month}
        return super()._facet_words(facets)
