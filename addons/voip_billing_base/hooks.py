"""What Odoo does not know how to set, and how to remove."""

from .books import line_trigger
from .charge import planner


def post_init_hook(env):
    """Plans of this database's statements are not compiled."""
    planner.never_compile(env.cr)


def uninstall_hook(env):
    """Drop the tables and functions that no model owns."""
    line_trigger.remove(env.cr)
    env.cr.execute(
        "DROP FUNCTION IF EXISTS voip_account_serves(integer, integer, integer)"
    )
    env.cr.execute("DROP TABLE IF EXISTS voip_usage_row CASCADE")
    env.cr.execute("DROP SEQUENCE IF EXISTS voip_usage_row_block_seq")
    # What usage of numbers and AI voice was for; it stays where only those go.
    env.cr.execute("DROP TABLE IF EXISTS voip_did_charge_kept, voip_ai_charge_kept")
    env.cr.execute("DROP TABLE IF EXISTS voip_wallet_reservation")
    env.cr.execute("DROP TABLE IF EXISTS voip_wallet_pending")
    env.cr.execute("DROP TABLE IF EXISTS voip_audit_head")
    env.cr.execute("DROP TABLE IF EXISTS voip_event_webhook_secret")
    env.cr.execute(
        "DROP TABLE IF EXISTS voip_usage_event_row, voip_usage_event_charge_row,"
        " voip_usage_event_key CASCADE"
    )
    env.cr.execute(
        "DROP SEQUENCE IF EXISTS voip_usage_event_row_id_seq,"
        " voip_usage_event_charge_row_id_seq"
    )
    env.cr.execute(
        "DROP FUNCTION IF EXISTS voip_usage_event_key_of(integer, text, text)"
    )
    env.cr.execute(
        "DROP TABLE IF EXISTS voip_witness, voip_witness_record, voip_witness_mark"
    )
    env.cr.execute("DROP FUNCTION IF EXISTS voip_ensure_partition(text, date, text[])")
    env.cr.execute("DROP FUNCTION IF EXISTS voip_refuse_change() CASCADE")
