"""Field classes of the suite."""

import math
from decimal import ROUND_HALF_UP, Context, Decimal

from odoo import fields
from odoo.tools import SQL

EXACT = Context(prec=60)


class ExactFloat(fields.Float):
    """A number with decimals that is kept as it reads.

    Odoo's rounding adds a share of 2**-50 first; where a number has more than 2**48
    units of its last decimal (2.8 million with 8 decimals) that changes it.
    """

    def _rounded(self, value, env):
        """``value`` (finite float) half-up to the field's decimals, as Decimal."""
        unit = Decimal(1).scaleb(-self.get_digits(env)[1])
        return Decimal(repr(value)).quantize(unit, ROUND_HALF_UP, context=EXACT)

    def convert_to_column(self, value, record, values=None, validate=True):
        value = float(value or 0.0)
        if not math.isfinite(value):
            return super().convert_to_column(value, record, values, validate)
        return f"{self._rounded(value, record.env):f}"

    def convert_to_cache(self, value, record, validate=True):
        value = float(value or 0.0)
        if not math.isfinite(value):
            return super().convert_to_cache(value, record, validate)
        return float(self._rounded(value, record.env))


class Amount(ExactFloat):
    """Money with 8 decimals, shown with as many as a float holds, at most 6.

    Told of 8 decimals, the browser would round as Odoo does and show the difference.
    """

    def _description_digits(self, env):
        return None


class BigInteger(fields.Integer):
    """An integer of 64 bits, for what is summed: seconds, calls, units.

    An existing column is converted when its module is upgraded.
    """

    _column_type = ("int8", "int8")


class Generated(Amount):
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
        return super().update_db_column(model, column)

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
