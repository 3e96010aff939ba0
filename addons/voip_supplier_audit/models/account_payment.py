"""A payment of its own names nothing that is held, also where it has no entry."""

from odoo import api, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    @api.constrains("invoice_ids")
    def _check_voip_held(self):
        """:raises UserError: a bill that it pays is disputed"""
        self.invoice_ids._voip_refuse_held()
