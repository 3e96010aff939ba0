"""What is kept for wallets may say by its cause what moved, and whose work it was."""

PENDING_SQL = """
ALTER TABLE voip_wallet_pending
    ALTER COLUMN kind DROP NOT NULL,
    ADD COLUMN IF NOT EXISTS line_id integer,
    ADD COLUMN IF NOT EXISTS cause text,
    ADD COLUMN IF NOT EXISTS xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ADD CHECK ((kind IS NULL) <> (cause IS NULL))
"""


def migrate(cr, version):
    cr.execute("SELECT to_regclass('voip_wallet_pending') IS NOT NULL")
    if cr.fetchone()[0]:
        cr.execute(PENDING_SQL)
