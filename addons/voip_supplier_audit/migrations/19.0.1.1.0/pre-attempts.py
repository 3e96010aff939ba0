"""Attempts are kept beside answered calls: the sums are made anew, from the beginning.

Until they are there, figures are summed from usage itself, which takes longer.
"""


def migrate(cr, version):
    cr.execute(
        "ALTER TABLE voip_supplier_cost_row"
        " ADD COLUMN IF NOT EXISTS attempts bigint NOT NULL DEFAULT 0"
    )
    cr.execute("TRUNCATE voip_supplier_cost_row, voip_supplier_cost_progress")
