"""Sums of accounts, which the program keeps by SQL."""

from odoo import fields, models


class VoipAccountRows(models.AbstractModel):
    """Of one account, and written in the transaction that charges it."""

    _name = "voip.account.rows"
    _inherit = ["voip.guard"]
    _description = "Rows of Accounts"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    account_id = fields.Many2one(
        "voip.account",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
    )
