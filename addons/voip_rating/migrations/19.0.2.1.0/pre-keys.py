"""Keys of call records name their switch."""

from odoo.tools.sql import column_exists

SWITCH_SQL = """
ALTER TABLE voip_cdr_key ADD switch_id integer;
UPDATE voip_cdr_key k SET switch_id = b.switch_id
  FROM voip_cdr_row r JOIN voip_cdr_batch b ON b.id = r.batch_id
 WHERE r.id = k.cdr_id AND date_trunc('month', r.start) = k.month;
ALTER TABLE voip_cdr_key ALTER switch_id SET NOT NULL
"""


def migrate(cr, version):
    cr.execute("SELECT to_regclass('voip_cdr_key')")
    if not cr.fetchone()[0] or column_exists(cr, "voip_cdr_key", "switch_id"):
        return
    cr.execute(SWITCH_SQL)
    cr.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits"
        " WHERE inhparent = 'voip_cdr_key'::regclass"
    )
    for (month,) in cr.fetchall():
        cr.execute(f"DROP INDEX IF EXISTS {month}_key")
        cr.execute(f"CREATE UNIQUE INDEX {month}_key ON {month} (key, switch_id)")
