"""What Odoo does not know how to remove."""


def uninstall_hook(env):
    """Drop the tables and sequences that no model owns."""
    env.cr.execute("DROP TABLE IF EXISTS voip_cdr_row CASCADE")
    env.cr.execute("DROP TABLE IF EXISTS voip_cdr_key")
    env.cr.execute("DROP TABLE IF EXISTS voip_cdr_progress")
    env.cr.execute("DROP TABLE IF EXISTS voip_seal_mark")
    env.cr.execute("DROP FUNCTION IF EXISTS voip_cdr_key_of(text, integer, text)")
    env.cr.execute("DROP TABLE IF EXISTS voip_trunk_network")
    env.cr.execute("DROP TABLE IF EXISTS voip_rate_import_change")
    env.cr.execute("DROP SEQUENCE IF EXISTS voip_cdr_row_block_seq")
    env.cr.execute("DROP SEQUENCE IF EXISTS voip_rate_deck_revision_seq CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS voip_rate_deck_touch() CASCADE")
