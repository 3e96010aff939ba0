"""What Odoo does not know how to remove."""

from .checks.voip_witness import KEPT, KINDS
from .sessions import kept


def uninstall_hook(env):
    """Keep what was charged; drop the table that no model owns, forget what was
    witnessed of tables that go."""
    env.flush_all()
    kept.keep(env.cr)
    env["voip.anchor"]._forget([kind.kind for kind in KINDS if kind is not KEPT])
    env.cr.execute("DROP TABLE IF EXISTS voip_ai_provider_key")
