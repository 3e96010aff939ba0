"""Move events and their charges, a month at a time, and prove it."""

from odoo.tools import SQL

from odoo.addons.voip_billing_base.charge.upgrade import expect_none, months_of

EVENT = (
    "id, occurred_at, received_at, units, create_date, write_date, company_id,"
    " account_id, type_id, local_day, create_uid, write_uid, is_priced, state, error,"
    " source, event_ref, account_code, type_code, digest, metadata"
)
CHARGE = (
    "id, event_id, started_at, start, units, base, usage_id, reversal_of, company_id,"
    " account_id, price_id, local_day, per, currency_id, summary_id, cost_price_id,"
    " cost_carrier_fee_id, cost_surcharge_id, part, word, unit_price, amount, cost"
)
TABLES = (
    ("voip_usage_event", "occurred_at", EVENT),
    ("voip_usage_event_charge", "started_at", CHARGE),
)
MOVE_SQL = """
INSERT INTO {table}_row ({columns})
SELECT {columns} FROM {table}_v1
 WHERE {moment} >= %(month)s AND {moment} < %(month)s + interval '1 month' ORDER BY id
"""
GO_ON_SQL = "SELECT setval(%s, max(id)) FROM %s HAVING max(id) IS NOT NULL"
KEY_SQL = """
INSERT INTO voip_usage_event_key (key, event_id, occurred_at)
SELECT voip_usage_event_key_of(company_id, source, event_ref), id, occurred_at
  FROM voip_usage_event_v1
"""
# What is equal as a set of rows has each row once on both sides.
DIFFERENT_SQL = """
SELECT count(*) FROM ((SELECT {columns} FROM {table}_v1 EXCEPT ALL
                       SELECT {columns} FROM {table})
                      UNION ALL
                      (SELECT {columns} FROM {table} EXCEPT ALL
                       SELECT {columns} FROM {table}_v1)) x
"""
# Whoever waits for events to be charged waits for no other scheduled action.
FIRST_SQL = """
UPDATE ir_cron SET priority = 1
 WHERE id = (SELECT res_id FROM ir_model_data
              WHERE module = 'voip_billing_base' AND name = 'ir_cron_count_events')
"""


def migrate(cr, version):
    cr.execute(FIRST_SQL)
    cr.execute("SELECT to_regclass('voip_usage_event_v1') IS NOT NULL")
    if not cr.fetchone()[0]:
        return
    cr.execute(KEY_SQL)
    for table, moment, columns in TABLES:
        names = {"table": table, "moment": moment, "columns": columns}
        for month in months_of(cr, f"{table}_v1", moment):
            cr.execute("SELECT voip_ensure_partition(%s, %s)", [f"{table}_row", month])
            cr.execute(MOVE_SQL.format(**names), {"month": month})
        old, new = SQL.identifier(f"{table}_v1"), SQL.identifier(f"{table}_row")
        cr.execute(SQL(GO_ON_SQL, f"{table}_row_id_seq", old))
        expect_none(cr, DIFFERENT_SQL.format(**names), table)
        cr.execute(SQL("DROP TABLE %s", old))
        cr.execute(SQL("ANALYZE %s", new))
