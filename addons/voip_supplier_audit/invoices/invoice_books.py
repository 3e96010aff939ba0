"""What the books have of an invoice already keeps it from being billed again."""

from odoo import models
from odoo.fields import Domain

from .figures import exact, text


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _obstacle_of_books(self):
        """What in the books is against a decision, as a sentence; False: nothing."""
        bill = self.sudo().bill_id
        if not bill:
            return self._obstacle_of_number()
        if bill.state != "posted":
            return self.env._(
                "%(bill)s is not posted: post it, then decide invoice %(number)s.",
                bill=bill.display_name,
                number=self.number,
            )
        if (bill.currency_id, exact(bill.amount_total)) == (
            self.currency_id,
            exact(self.total),
        ):
            return False
        return self.env._(
            "%(bill)s is of %(now)s %(currency)s, its audit of %(then)s: delete invoice"
            " %(number)s and press Audit on the bill again.",
            bill=bill.display_name,
            now=text(exact(bill.amount_total)),
            currency=bill.currency_id.name,
            then=text(exact(self.total)),
            number=self.number,
        )

    def _obstacle_of_number(self):
        """A bill of that number, of the same year, that is not of this invoice."""
        year = self.date.replace(month=1, day=1), self.date.replace(month=12, day=31)
        domain = Domain(
            [
                ("move_type", "in", ("in_invoice", "in_refund")),
                ("state", "!=", "cancel"),
                ("company_id", "=", self.company_id.id),
                ("commercial_partner_id", "=", self.partner_id.id),
                ("ref", "=", self.number),
                ("voip_supplier_invoice_id", "!=", self.id),
                ("invoice_date", ">=", year[0]),
                ("invoice_date", "<=", year[1]),
            ]
        )
        bill = self.env["account.move"].sudo().search(domain, limit=1)
        return bill and self.env._(
            "%(bill)s in the books has number %(number)s of %(supplier)s already: press"
            " Audit on it and delete this invoice, or give this one its own number.",
            bill=bill.display_name,
            number=self.number,
            supplier=self.partner_id.display_name,
        )
