"""Which column of a supplier's sheet is what; the next of its header maps itself."""

from odoo import api, fields, models


class VoipSupplierMap(models.Model):
    """What was chosen for a header of a supplier."""

    _name = "voip.supplier.map"
    _inherit = ["voip.guard"]
    _description = "Supplier Sheet Map"
    _order = "write_date desc, id desc"
    _rec_name = "header"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    header = fields.Char(readonly=True, help="The names of the columns.")
    header_mark = fields.Char(required=True, readonly=True)
    columns = fields.Json(readonly=True, help="Letter of the column by field.")
    mark = fields.Char(string="Decimal mark", readonly=True)
    shape = fields.Char(string="Order of dates", readonly=True)

    _mark_uniq = models.UniqueIndex(
        "(company_id, partner_id, header_mark)",
        "The supplier has a map of this header already.",
    )

    @api.model
    def _find(self, invoice, header_mark):
        """The map of a header of an invoice's supplier, or none."""
        return self.sudo().search(
            [
                ("company_id", "=", invoice.company_id.id),
                ("partner_id", "=", invoice.partner_id.id),
                ("header_mark", "=", header_mark),
            ]
        )

    @api.model
    def _remember(self, invoice, values):
        """Keep what was chosen; ``values`` hold ``header_mark``."""
        if known := self._find(invoice, values["header_mark"]):
            known.write(values)
            return
        self.sudo().create(
            {
                **values,
                "company_id": invoice.company_id.id,
                "partner_id": invoice.partner_id.id,
            }
        )
