"""A vendor bill that is in the books already becomes an invoice to audit."""

from odoo import api, models
from odoo.exceptions import UserError


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    @api.model
    def _from_bill(self, bill):
        """An invoice of a vendor bill's lines and taxes.

        :raises UserError: the entry is no vendor bill with lines
        """
        if bill.move_type != "in_invoice" or not bill.invoice_line_ids:
            raise UserError(
                self.env._("%s is no vendor bill with lines.", bill.display_name)
            )
        if bill.voip_supplier_invoice_id:
            raise UserError(
                self.env._("%s comes from an audit already.", bill.display_name)
            )
        day = bill.invoice_date or bill.date
        invoice = self.create(
            {
                "company_id": bill.company_id.id,
                "partner_id": bill.commercial_partner_id.id,
                "number": bill.ref or bill.name or self.env._("Draft %s", bill.id),
                "date": day,
                "period_start": day.replace(day=1),
                "period_end": day,
                "currency_id": bill.currency_id.id,
                "total": bill.amount_total,
                "line_ids": [(0, 0, values) for values in self._bill_values(bill)],
            }
        )
        invoice.sudo().bill_id = bill
        return invoice

    def _bill_values(self, bill):
        products = bill.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        for place, line in enumerate(products, 1):
            yield {
                "sequence": place,
                "kind": "usage",
                "name": line.name or line.product_id.name,
                "amount": line.price_subtotal,
            }
        if bill.amount_tax:
            yield {
                "sequence": len(products) + 1,
                "kind": "tax",
                "name": self.env._("Taxes"),
                "amount": bill.amount_tax,
            }
