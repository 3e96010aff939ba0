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
