"""Tables whose rows are added and never changed: the database itself refuses."""

from odoo.tools import SQL

FUNCTION = """
CREATE OR REPLACE FUNCTION voip_refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
          USING ERRCODE = 'restrict_violation';
END $$
"""


def install_append_only(cr, table):
    """Refuse UPDATE, DELETE and TRUNCATE on ``table`` from now on; idempotent.

    On a partitioned parent the row trigger reaches every partition, present and future;
    partitions get their own TRUNCATE trigger where they are made.
    """
    cr.execute(FUNCTION)
    for name, event, level in (
        ("voip_no_change", "UPDATE OR DELETE", "ROW"),
        ("voip_no_truncate", "TRUNCATE", "STATEMENT"),
    ):
        cr.execute(
            SQL(
                "CREATE OR REPLACE TRIGGER %s BEFORE %s ON %s"
                " FOR EACH %s EXECUTE FUNCTION voip_refuse_change()",
                SQL.identifier(name),
                SQL(event),
                SQL.identifier(table),
                SQL(level),
            )
        )
