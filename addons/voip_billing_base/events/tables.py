"""The partitioned tables of events and of their charges, and the windows on them."""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL, file_open

from ..charge.append_only import install_append_only
from ..charge.transaction import ensure_partitions

TABLES = ("voip_usage_event_row", "voip_usage_event_charge_row")


def make_event_tables(cr):
    """Make what is missing of them; idempotent."""
    for name in ("partitions", "events"):
        with file_open(f"voip_billing_base/sql/{name}.sql") as script:
            cr.execute(script.read())
    install_append_only(cr, "voip_usage_event_charge_row")
    for table in TABLES:
        cr.execute("SELECT voip_ensure_partition(%s, current_date)", [table])
        view = SQL.identifier(table.removesuffix("_row"))
        cr.execute(SQL("DROP VIEW IF EXISTS %s", view))
        rows = SQL.identifier(table)
        cr.execute(SQL("CREATE VIEW %s AS SELECT * FROM %s", view, rows))


def make_months(env):
    """Make this month and the next one: who sends an event waits for no table."""
    today = env.cr.now().date()
    months = [today, today + relativedelta(months=1)]
    for table in TABLES:
        ensure_partitions(env, table, months)
