"""Plans of this database's statements are not compiled."""

from odoo.addons.voip_billing_base.charge.planner import never_compile


def migrate(cr, version):
    never_compile(cr)
