"""Register Payment names the account that it pays for, and pays once."""

from odoo import api, fields, models


class AccountPaymentRegister(models.TransientModel):
    _name = "account.payment.register"
    _inherit = ["account.payment.register", "voip.once", "voip.named"]

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
    voip_payment_ids = fields.Many2many(
        "account.payment",
        "voip_payment_register_made",
        copy=False,
        groups=fields.NO_ACCESS,
        help="What the wizard has paid already.",
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
        if len(accounts) == 1 and accounts.has_access("read"):
            values["voip_account_id"] = accounts.id
        return values

    def _init_payments(self, to_process, edit_mode=False):
        """The account of what is paid is named before the payment moves a wallet, also
        by who may not see accounts and so chooses none."""
        payments = super()._init_payments(to_process, edit_mode)
        for payment, vals in zip(payments, to_process, strict=True):
            found = vals["to_reconcile"].voip_account_id
            if not payment.voip_account_id and len(found) == 1:
                if not found.has_access("read"):
                    payment.sudo().voip_account_id = found
        return payments

    def _made(self):
        return self._made_payments(self.voip_payment_ids)

    def _create_payments(self):
        """A second click, as after an answer that was lost, finds the first one's."""
        self.ensure_one()
        self.check_access("read")
        self.flush_recordset()
        self.env.cr.execute(LOCK_SQL, [self.id])
        wizard = self.sudo()
        if wizard.voip_payment_ids:
            return wizard.voip_payment_ids.with_env(self.env)
        with self.env["account.move"]._voip_books():
            payments = super()._create_payments()
        wizard.voip_payment_ids = payments
        return payments


# The row is written, not only locked: a transaction that began before the first one's
# end would not see its payments, and fails instead.
LOCK_SQL = """
UPDATE account_payment_register SET write_date = now() AT TIME ZONE 'UTC' WHERE id = %s
"""
