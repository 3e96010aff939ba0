"""Amounts are finite: NaN and Infinity pass comparisons that a limit relies on."""

import math

from odoo import api, models
from odoo.exceptions import UserError


class VoipFinite(models.AbstractModel):
    """Refuses values of float and monetary fields that are no finite number."""

    _name = "voip.finite"
    _inherit = ["voip.guard"]
    _description = "Finite Amounts"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_infinite(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_infinite(vals)
        return super().write(vals)

    def _refuse_infinite(self, vals):
        """:raises UserError: naming the field"""
        self._voip_refuse_garbage([vals])
        for name, value in vals.items():
            field = self._fields.get(name)
            if field is None or field.type not in ("float", "monetary"):
                continue
            if not _is_finite(value):
                label = field._description_string(self.env)
                raise UserError(self.env._("%s: enter a finite amount.", label))


def _is_finite(value):
    try:
        return math.isfinite(float(value or 0.0))
    except (TypeError, ValueError, OverflowError):
        return False
