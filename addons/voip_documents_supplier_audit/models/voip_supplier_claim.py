"""The letter of a claim is that of its invoice."""

from odoo import fields, models


class VoipSupplierClaim(models.Model):
    _inherit = "voip.supplier.claim"

    delivery_state = fields.Char(related="invoice_id.delivery_state")

    # === ACTION METHODS === #

    def action_make_dispute_letter(self):
        """Make PDF, XLSX and CSV of what is claimed, keep them, and show them."""
        self.check_access("read")
        self.ensure_one()
        return self.invoice_id.action_make_dispute_letter()

    def action_send_dispute_letter(self):
        """Make the letter and put it into the outbox, for the supplier."""
        self.check_access("read")
        self.ensure_one()
        return self.invoice_id.action_send_dispute_letter()
