"""Call records and their keys get the lean tables; the old ones are set aside."""

from odoo.addons.voip_billing_base.charge.upgrade import set_aside


def migrate(cr, version):
    cr.execute("DROP VIEW IF EXISTS voip_cdr")
    set_aside(cr, "voip_cdr_row", ["voip_cdr_row_start_idx", "voip_cdr_row_batch_idx"])
    set_aside(cr, "voip_cdr_key")
