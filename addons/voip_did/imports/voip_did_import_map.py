"""How the columns of a supplier's list were mapped: the next one maps itself."""

from odoo import fields, models


class VoipDidImportMap(models.Model):
    _name = "voip.did.import.map"
    _inherit = ["voip.sheet.import.map"]
    _description = "Map of a List of Numbers"
    _check_company_auto = True

    _map_column = "voip.did.import.column"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    supplier_id = fields.Many2one(
        "res.partner",
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
        help="Whose list it was. Empty: a list of nobody's.",
    )

    _mark_uniq = models.UniqueIndex(
        "(company_id, COALESCE(supplier_id, 0), header_mark)",
        "The supplier has a map of this header already.",
    )
