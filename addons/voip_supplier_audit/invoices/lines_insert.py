"""Many lines of an invoice at once: as the supplier printed them, and what is found."""

import io

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.voip_billing_base.charge.transaction import copy_stream
from odoo.addons.voip_billing_base.engine.copy_lines import NULL, escaped

# Fewer lines are made one by one.
FEW = 200
PRINTED = ("sequence", "kind", "prefix", "name", "destination_id", "day", "rate")
PRINTED += ("calls", "minutes", "amount")
_STAGE = "voip_supplier_line_stage"


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    @api.model
    def _create_printed(self, invoice, rows):
        """Make the lines of an invoice that is not reconciled.

        Of many the first is made by Odoo; the others are its copies with figures of
        their own, in one statement: nothing else tells printed lines apart.

        :param rows: as :func:`~.rows.line` gives them, in the order that was printed
        """
        known = self.env["voip.supplier.name"].sudo()._known(
            invoice.partner_id,
            invoice.company_id,
            {row["name"] for row in rows},
        )
        made = [
            {"sequence": place, **line_values(row)} for place, row in enumerate(rows, 1)
        ]
        for values in made:
            if destination := known.get(values.get("name")):
                values["destination_id"] = destination.id
        alone = 1 if len(made) > FEW else len(made)
        lines = self.create([{"invoice_id": invoice.id, **one} for one in made[:alone]])
        if len(made) > alone:
            lines._copy_printed(made[alone:])

    def _copy_printed(self, made):
        """Copies of a line with other figures.

        :param made: list of values by name
        """
        self.env.flush_all()
        cr, names = self.env.cr, SQL(", ").join(map(SQL.identifier, PRINTED))
        table = SQL.identifier(self._table)
        cr.execute(
            SQL(
                "CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM %s WITH NO DATA",
                SQL.identifier(_STAGE),
                names,
                table,
            )
        )
        stream = io.BytesIO("".join(map(self._printed_text, made)).encode())
        copy_stream(cr, _STAGE, PRINTED, stream)
        alike = [
            name
            for name, field in self._fields.items()
            if field.store and field.column_type and name not in ("id", *PRINTED)
        ]
        alike = SQL(", ").join(map(SQL.identifier, alike))
        cr.execute(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT %s, %s FROM %s AS made"
                " CROSS JOIN (SELECT %s FROM %s WHERE id = %s) AS first"
                " ORDER BY sequence",
                *(table, names, alike, names, alike, SQL.identifier(_STAGE)),
                *(alike, table, self.id),
            )
        )
        cr.execute(SQL("DROP TABLE %s", SQL.identifier(_STAGE)))
        self.env.invalidate_all()

    def _write_found(self, found):
        """Write what reconciling found of each line.

        An invoice may have 99,000 lines, and a write of each takes minutes. Nothing
        else than the figures and what is computed of them hangs on it.

        :param found: {id: {name: value}}, the same names of each
        """
        lines = self.browse(found)
        if not lines:
            return
        names = list(next(iter(found.values())))
        self.env.flush_all()
        lines._write_multi([self._as_columns(values) for values in found.values()])
        lines.invalidate_recordset(names, flush=False)
        lines.modified(names)

    def _as_columns(self, values):
        return {
            name: self._fields[name].convert_to_column(value, self)
            for name, value in values.items()
        }

    def _printed_text(self, values):
        """A line of COPY."""
        texts = []
        for name in PRINTED:
            value = values.get(name)
            if value is not None:
                value = self._fields[name].convert_to_column(value, self)
            texts.append(NULL if value is None else escaped(str(value)))
        return "\t".join(texts) + "\n"


def line_values(row):
    """Values of a line.

    :param row: as :func:`~.rows.line` gives it
    """
    values = {name: value for name, value in row.items() if value is not None}
    for name in ("rate", "minutes", "amount"):
        if name in values:
            values[name] = float(values[name])
    return values
