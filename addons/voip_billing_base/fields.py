"""Field classes of the suite."""

from odoo import fields


class BigInteger(fields.Integer):
    """An integer of 64 bits, for what is summed: seconds, calls, units.

    An existing column is converted when its module is upgraded.
    """

    _column_type = ("int8", "int8")
