"""Numbers by which an account's calls are recognised."""

from odoo import fields, models


class VoipAccountNumber(models.Model):
    _name = "voip.account.number"
    _description = "Account Number"
    _order = "number"
    _rec_name = "number"

    account_id = fields.Many2one(
        "voip.account", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    number = fields.Char(required=True, help="E.164 digits without +.")

    _number_uniq = models.Constraint(
        "UNIQUE(company_id, number)", "This number belongs to an account already."
    )
    _number_digits = models.Constraint(
        "CHECK (number ~ '^[1-9][0-9]{1,14}$')",
        "A number is 2 to 15 digits, without + and leading zero.",
    )
