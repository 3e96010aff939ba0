"""What is kept for wallets may say by its cause what moved, and whose work it was;
summaries say whether they are late, without a row written."""

PENDING_SQL = """
ALTER TABLE voip_wallet_pending
    ALTER COLUMN kind DROP NOT NULL,
    ADD COLUMN IF NOT EXISTS line_id integer,
    ADD COLUMN IF NOT EXISTS cause text,
    ADD COLUMN IF NOT EXISTS xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ADD CHECK ((kind IS NULL) <> (cause IS NULL))
"""
LATE_SQL = """
ALTER TABLE voip_usage_summary
    ADD COLUMN IF NOT EXISTS late boolean NOT NULL DEFAULT false;
ALTER TABLE voip_usage_summary ALTER COLUMN late DROP DEFAULT
"""


def migrate(cr, version):
    for table, statement in (
        ("voip_wallet_pending", PENDING_SQL),
        ("voip_usage_summary", LATE_SQL),
    ):
        cr.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        if cr.fetchone()[0]:
            cr.execute(statement)
