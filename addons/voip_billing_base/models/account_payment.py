"""Payments of VoIP accounts."""

from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    voip_account_id = fields.Many2one(
        "voip.account",
        string="VoIP Account",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The account whose balance this payment raises.",
    )

    def action_cancel(self):
        """Cancel an entry that moved a wallet; Odoo would delete a draft one."""
        self.check_access("write")
        kept = self.filtered(
            lambda payment: payment.move_id.state == "draft"
            and payment.move_id._voip_moved_wallet()
        )
        kept.move_id.button_cancel()
        kept.state = "canceled"
        return super(AccountPayment, self - kept).action_cancel()
