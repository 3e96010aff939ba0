"""Field classes of the suite."""

from odoo import fields
from odoo.tools import SQL


class BigInteger(fields.Integer):
    """An integer of 64 bits, for what is summed: seconds, calls, units.

    An existing column is converted when its module is upgraded.
    """

    _column_type = ("int8", "int8")


class Generated(fields.Float):
    """An amount that PostgreSQL keeps from other columns of its row; never written.

    An existing plain column is replaced when its module is upgraded.

    :param str expression: SQL over plain columns of the same table
    """

    expression = ""

    @property
    def _column_type(self):
        name, definition = super()._column_type
        return name, f"{definition} GENERATED ALWAYS AS ({self.expression}) STORED"

    def update_db_column(self, model, column):
        if column and not self._is_generated(model):
            table, name = SQL.identifier(model._table), SQL.identifier(self.name)
            model.env.cr.execute(SQL("ALTER TABLE %s DROP COLUMN %s", table, name))
            column = None
        super().update_db_column(model, column)

    def _is_generated(self, model):
        query = SQL(
            "SELECT FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s"
            " AND attgenerated = 's'",
            model._table,
            self.name,
        )
        return bool(model.env.execute_query(query))


class Link(fields.Many2one):
    """A many2one without foreign key: its check costs more than the row's COPY.

    Whoever deletes the other record looks for such rows first, and ``voip.check``
    looks for links that lead nowhere.
    """

    def update_db_foreign_key(self, model, column):
        """Make none."""
