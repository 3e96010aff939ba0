"""What Odoo does not know how to remove."""

from .checks.voip_witness import KINDS


def uninstall_hook(env):
    """Drop the table that no model owns, forget what was witnessed of tables that go.

    What was charged stays usage.
    """
    env.flush_all()
    env["voip.anchor"]._forget([kind.kind for kind in KINDS])
    env.cr.execute("DROP TABLE IF EXISTS voip_ai_provider_key")
