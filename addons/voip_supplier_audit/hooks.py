"""What Odoo does not know how to remove."""


def uninstall_hook(env):
    """Drop the tables and the functions that no model owns."""
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_record_row CASCADE")
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_match_row CASCADE")
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_correction_row")
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_progress")
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_cost_row")
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_cost_progress")
    env.cr.execute("DROP FUNCTION IF EXISTS voip_supplier_line_keep() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS voip_supplier_record_keep() CASCADE")
