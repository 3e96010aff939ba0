"""What Odoo does not know how to remove."""


from .checks.voip_witness import OURS


def uninstall_hook(env):
    """Take corrections of cost back; drop tables and functions that no model owns."""
    take_back_corrections(env)
    env["voip.anchor"]._forget([kept.kind for kept in OURS])
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_record_row CASCADE")
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_match_row CASCADE")
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_correction_row")
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_progress")
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_cost_row")
    env.cr.execute("DROP TABLE IF EXISTS voip_supplier_cost_progress")
    env.cr.execute("DROP FUNCTION IF EXISTS voip_supplier_line_keep() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS voip_supplier_record_keep() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS voip_supplier_match_drop() CASCADE")


def take_back_corrections(env):
    """Have the cost of summaries be that of their usage again.

    The rows that tell the difference go with this add-on. Refusing here would leave
    the database between two versions, which Odoo cannot load.
    """
    booked = env["voip.supplier.correction"].sudo().search([("state", "=", "booked")])
    booked.reason = env._("The audit of suppliers is uninstalled.")
    for correction in booked:
        correction._withdraw()
