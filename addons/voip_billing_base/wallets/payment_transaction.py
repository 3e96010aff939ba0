"""Online payments name the account of what they pay."""

from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _create_payment(self, **extra_create_values):
        accounts = self.invoice_ids.sudo().line_ids.voip_account_id
        if len(accounts) == 1:
            extra_create_values.setdefault("voip_account_id", accounts.id)
        return super()._create_payment(**extra_create_values)
