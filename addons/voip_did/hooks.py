"""What Odoo does not know how to remove, and what has to stay."""

from .checks.voip_witness import KEPT, KINDS
from .rental import kept


def uninstall_hook(env):
    """Keep what was charged; forget what was witnessed of tables that go."""
    env.flush_all()
    kept.keep(env.cr)
    env["voip.anchor"]._forget([kind.kind for kind in KINDS if kind is not KEPT])
