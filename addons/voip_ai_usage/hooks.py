"""What Odoo does not know how to remove."""


def uninstall_hook(env):
    """Drop the table that no model owns."""
    env.cr.execute("DROP TABLE IF EXISTS voip_ai_provider_key")
