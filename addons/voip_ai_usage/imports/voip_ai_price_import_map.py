"""How the columns of a price list were mapped: the next one maps itself."""

from odoo import fields, models


class VoipAiPriceImportMap(models.Model):
    _name = "voip.ai.price.import.map"
    _inherit = ["voip.sheet.import.map"]
    _description = "Map of a Price List of AI"
    _check_company_auto = True

    _map_column = "voip.ai.price.import.column"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )

    _mark_uniq = models.UniqueIndex(
        "(company_id, header_mark)", "There is a map of this header already."
    )
