"""What a file holds and of which invoice it is are columns, not read from its name."""

from odoo.addons.voip_supplier_audit.daily.names import named


def migrate(cr, version):
    cr.execute("SELECT id, name FROM voip_supplier_file WHERE kind IS NULL")
    for file, name in cr.fetchall():
        if what := named(name):
            cr.execute(
                "UPDATE voip_supplier_file SET kind = %s, number = %s,"
                " period_start = %s, period_end = %s WHERE id = %s",
                [what.kind, what.number, what.first, what.last, file],
            )
