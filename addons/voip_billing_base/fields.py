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

    An existing column that is plain, or has another formula, is replaced when its
    module is upgraded.

    :param str expression: SQL over plain columns of the same table
    """

    expression = ""

    @property
    def _column_type(self):
        name, definition = super()._column_type
        return name, f"{definition} GENERATED ALWAYS AS ({self.expression}) STORED"

    def update_db_column(self, model, column):
        if column and not self._is_kept(model):
            table, name = SQL.identifier(model._table), SQL.identifier(self.name)
            model.env.cr.execute(SQL("ALTER TABLE %s DROP COLUMN %s", table, name))
            column = None
        return super().update_db_column(model, column)

    def _is_kept(self, model):
        """Whether the column has this formula, however it is written.

        PostgreSQL keeps what it understood of it; so the formula is given to it once
        more, on an empty table of the same columns.
        """
        kept = self._kept_formula(model, model._table, self.name)
        if kept is None:
            return False
        execute, table = model.env.cr.execute, SQL.identifier(model._table)
        execute(SQL("CREATE TEMP TABLE voip_formula (LIKE %s)", table))
        execute(f"ALTER TABLE voip_formula ADD COLUMN voip_new {self.column_type[1]}")
        wanted = self._kept_formula(model, "voip_formula", "voip_new")
        execute("DROP TABLE voip_formula")
        return kept == wanted

    def _kept_formula(self, model, table, name):
        rows = model.env.execute_query(
            SQL(
                "SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a"
                "  JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
                " WHERE a.attrelid = %s::regclass AND a.attname = %s"
                "   AND a.attgenerated = 's'",
                table,
                name,
            )
        )
        return rows[0][0] if rows else None


class Link(fields.Many2one):
    """A many2one without foreign key: its check costs more than the row's COPY.

    Whoever deletes the other record looks for such rows first, and ``voip.check``
    looks for links that lead nowhere.
    """

    def update_db_foreign_key(self, model, column):
        """Make none."""
