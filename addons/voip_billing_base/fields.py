"""Field classes of the suite."""

from odoo import fields


class BigInteger(fields.Integer):
    """An integer of 64 bits, for what is summed: seconds, calls, units.

    An existing column is converted when its module is upgraded.
    """

    _column_type = ("int8", "int8")


class Link(fields.Many2one):
    """A many2one without foreign key: its check costs more than the row's COPY.

    Whoever deletes the other record looks for such rows first, and ``voip.check``
    looks for links that lead nowhere.
    """

    def update_db_foreign_key(self, model, column):
        """Make none."""
