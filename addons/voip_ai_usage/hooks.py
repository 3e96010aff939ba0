"""What Odoo does not know how to remove."""

from .checks.voip_witness import KINDS


def uninstall_hook(env):
    """Forget what was witnessed of tables that go; what was charged stays usage."""
    env.flush_all()
    env["voip.anchor"]._forget([kind.kind for kind in KINDS])
