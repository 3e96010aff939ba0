"""Events and their charges get tables by month; the old ones are set aside."""

from odoo.addons.voip_billing_base.charge.upgrade import set_aside

TABLES = ("voip_usage_event", "voip_usage_event_charge")


def migrate(cr, version):
    for table in TABLES:
        cr.execute(
            "SELECT relkind = 'r' FROM pg_class WHERE oid = to_regclass(%s)", [table]
        )
        if cr.fetchone() == (True,):
            set_aside(cr, table)
