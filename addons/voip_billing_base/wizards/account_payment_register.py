"""Register Payment names the account that it pays for."""

from odoo import api, fields, models


class AccountPaymentRegister(models.TransientModel):
    _name = "account.payment.register"
    _inherit = ["account.payment.register", "voip.named"]

    voip_account_id = fields.Many2one(
        "voip.account",
        string="VoIP Account",
        compute="_compute_voip_account_id",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('partner_id.commercial_partner_id', '=', partner_id)]",
        help="The account whose balance the payment raises: the one of what is paid. "
        "Where several are paid at once, the reconciliation says how much is whose.",
    )

    @api.depends("line_ids")
    def _compute_voip_account_id(self):
        for wizard in self:
            accounts = wizard.line_ids._origin.voip_account_id
            wizard.voip_account_id = accounts if len(accounts) == 1 else False

    def _create_payment_vals_from_wizard(self, batch_result):
        values = super()._create_payment_vals_from_wizard(batch_result)
        return self._voip_name(values, self.voip_account_id)

    def _create_payment_vals_from_batch(self, batch_result):
        values = super()._create_payment_vals_from_batch(batch_result)
        return self._voip_name(values, batch_result["lines"].voip_account_id)

    def _voip_name(self, values, accounts):
        """Who may not see accounts names none: it is found by what is paid."""
        if len(accounts) == 1 and accounts.has_access("read"):
            values["voip_account_id"] = accounts.id
        return values

    def _create_payments(self):
        with self.env["account.move"]._voip_books():
            return super()._create_payments()
