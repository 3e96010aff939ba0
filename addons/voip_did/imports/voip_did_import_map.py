"""How the columns of a supplier's list were mapped: the next one maps itself."""

from odoo import api, fields, models


class VoipDidImportMap(models.Model):
    _name = "voip.did.import.map"
    _inherit = ["voip.guard"]
    _description = "Map of a List of Numbers"
    _order = "write_date desc, id desc"
    _rec_name = "header"
    _check_company_auto = True

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
    header = fields.Char(readonly=True, help="The names of the columns.")
    header_mark = fields.Char(required=True, readonly=True)
    columns = fields.Json(readonly=True)
    mark = fields.Char(string="Decimal mark", readonly=True)

    _mark_uniq = models.UniqueIndex(
        "(company_id, COALESCE(supplier_id, 0), header_mark)",
        "The supplier has a map of this header already.",
    )

    # === BUSINESS METHODS === #

    @api.model
    def _find(self, company, supplier, header_mark):
        """The map of a header of a supplier's lists, or an empty recordset."""
        return self.search(
            [
                ("company_id", "=", company.id),
                ("supplier_id", "=", supplier.id),
                ("header_mark", "=", header_mark),
            ],
            limit=1,
        )

    @api.model
    def _remember(self, company, supplier, values):
        known = self._find(company, supplier, values["header_mark"]).sudo()
        if known:
            known.write(values)
        else:
            own = {"company_id": company.id, "supplier_id": supplier.id}
            known.create({**values, **own})
