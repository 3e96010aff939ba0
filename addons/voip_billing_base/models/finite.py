"""Amounts are finite: NaN and Infinity pass comparisons that a limit relies on."""

import math

from odoo.exceptions import UserError


def refuse_infinite(model, vals):
    """Refuse values of float and monetary fields that are no finite number.

    :param model: the recordset that is about to be created or written
    :raises UserError: naming the field
    """
    for name, value in vals.items():
        field = model._fields.get(name)
        if field is None or field.type not in ("float", "monetary"):
            continue
        if not math.isfinite(float(value or 0.0)):
            label = field._description_string(model.env)
            raise UserError(model.env._("%s: enter a finite amount.", label))
