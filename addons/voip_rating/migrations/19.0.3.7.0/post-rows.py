"""Rows of a rate sheet have no foreign key: its check cost as much as the rows."""


def migrate(cr, version):
    cr.execute(
        "ALTER TABLE voip_rate_import_row"
        " DROP CONSTRAINT IF EXISTS voip_rate_import_row_import_id_fkey"
    )
