"""Numbers by which an account's calls are recognised."""

import re

from odoo import api, fields, models

SEPARATORS = re.compile(r"[\s+().-]")


class VoipAccountNumber(models.Model):
    _name = "voip.account.number"
    _inherit = ["voip.guard"]
    _description = "Account Number"
    _order = "number"
    _rec_name = "number"
    _check_company_auto = True

    account_id = fields.Many2one(
        "voip.account",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    number = fields.Char(
        required=True,
        help="E.164: country code and number; + and separators are dropped.",
    )

    _number_uniq = models.Constraint(
        "UNIQUE(company_id, number)", "This number belongs to an account already."
    )
    _number_digits = models.Constraint(
        "CHECK (number ~ '^[1-9][0-9]{1,14}$')",
        "A number is 2 to 15 digits, without + and leading zero.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean(vals))

    @api.model
    def _clean(self, vals):
        """``vals`` with the number as plain digits: +44 (20) 7183-8750."""
        self._voip_refuse_garbage([vals])
        if not vals.get("number"):
            return vals
        return {**vals, "number": SEPARATORS.sub("", str(vals["number"]))}
