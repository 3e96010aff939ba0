"""A line of a supplier's invoice may be rental of numbers."""

from odoo import api, fields, models


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    kind = fields.Selection(
        selection_add=[("rental", "Rental of numbers")],
        ondelete={"rental": "set default"},
        help="Of rental the code is a number, the beginning of numbers or empty: all of"
        " them; the day lies in the month that it is for.",
    )

    @api.model
    def _compared_kinds(self):
        return {*super()._compared_kinds(), "rental"}
