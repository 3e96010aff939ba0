"""Invoices that are not decided go with the agreement as it is by now."""

from odoo import api, models

from .voip_supplier_invoice import OPEN_STATES

# Of these follow the agreement of a day, the window and the tolerances.
TERMS = {
    "active",
    "amount_decimals",
    "company_id",
    "date_from",
    "date_to",
    "dispute_days",
    "dispute_from",
    "line_absolute",
    "line_percent",
    "partner_id",
    "tz",
}


class VoipSupplierAgreement(models.Model):
    _inherit = "voip.supplier.agreement"

    @api.model_create_multi
    def create(self, vals_list):
        agreements = super().create(vals_list)
        agreements._take_to_invoices(agreements.partner_id)
        return agreements

    def write(self, vals):
        partners = self.partner_id
        result = super().write(vals)
        if TERMS & vals.keys():
            self._take_to_invoices(partners | self.partner_id)
        return result

    def _take_to_invoices(self, partners):
        """Have open invoices of suppliers look for their agreement again."""
        invoices = self.env["voip.supplier.invoice"].sudo()
        found = invoices.search(
            [("partner_id", "in", partners.ids), ("state", "in", OPEN_STATES)]
        )
        found.modified(["period_start"])
