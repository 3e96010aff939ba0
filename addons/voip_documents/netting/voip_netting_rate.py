"""Exchange rates that a netting was agreed at."""

import re
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

FORM = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


class VoipNettingRate(models.Model):
    """One unit of a currency in another one, exactly as it was agreed."""

    _name = "voip.netting.rate"
    _description = "Agreed Rate of a Netting"
    _inherit = ["voip.guard"]
    _order = "netting_id, sequence, id"
    _check_company_auto = True

    netting_id = fields.Many2one(
        "voip.netting", required=True, index=True, check_company=True,
        ondelete="cascade",
    )  # fmt: skip
    company_id = fields.Many2one(
        related="netting_id.company_id", store=True, precompute=True, index=True
    )
    sequence = fields.Integer(default=10, help="Rates are used from the first on.")
    currency_id = fields.Many2one("res.currency", string="1 Unit of", required=True)
    rate = fields.Char(
        string="Is", required=True, help="A number with a point, e.g. 1.0837."
    )
    other_currency_id = fields.Many2one(
        "res.currency", string="Units of", required=True
    )

    _pair_uniq = models.UniqueIndex(
        "(netting_id, LEAST(currency_id, other_currency_id),"
        " GREATEST(currency_id, other_currency_id))",
        "Two currencies have one rate.",
    )
    _two = models.Constraint(
        "CHECK (currency_id <> other_currency_id)", "A rate is between two currencies."
    )
    _form = models.Constraint(
        r"CHECK (rate ~ '^[0-9]{1,12}(\.[0-9]{1,12})?$' AND rate ~ '[1-9]')",
        "A rate is a number above zero with a point, e.g. 1.0837.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create([_trimmed(vals) for vals in vals_list])
        if not self.env.su:
            rates.netting_id._refuse_closed()
        return rates

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            self.netting_id._refuse_closed()
            if "netting_id" in vals:
                raise UserError(self.env._("A rate stays in its netting."))
        return super().write(_trimmed(vals))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self.netting_id._refuse_closed()

    def _exact(self):
        """The rate, 0 of a text that is no rate (yet)."""
        return Decimal(self.rate if FORM.fullmatch(self.rate or "") else "0")


def _trimmed(vals):
    if isinstance(vals, dict) and isinstance(vals.get("rate"), str):
        return {**vals, "rate": vals["rate"].strip()}
    return vals
