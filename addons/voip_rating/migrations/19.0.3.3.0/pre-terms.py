"""Rates get a price of the first increment and a fee of the attempt: they had none."""

from dataclasses import replace

from odoo.addons.voip_billing_base.charge.witness import names
from odoo.addons.voip_rating.checks.voip_witness import RATES

# No row is written anew.
COLUMNS_SQL = """
ALTER TABLE voip_rate ADD COLUMN IF NOT EXISTS first_price numeric NOT NULL DEFAULT -1,
                      ADD COLUMN IF NOT EXISTS attempt_fee numeric NOT NULL DEFAULT 0;
ALTER TABLE voip_rate ALTER first_price DROP DEFAULT, ALTER attempt_fee DROP DEFAULT
"""
# Versions that an undo of their import would give back.
REMOVED_SQL = """
UPDATE voip_rate_import_change
   SET before = '{"first_price": -1, "attempt_fee": 0}'::jsonb || before
 WHERE kind = 'removed'
"""
WITNESSED = replace(
    RATES,
    columns=tuple(
        names(
            "deck_id, prefix, origin_prefix, service_id, price_per_minute, price_intra,"
            " price_local, price_indeterminate, connect_fee, min_charge, max_charge,"
            " initial_increment, next_increment, grace_seconds, effective_from,"
            " blocked, payback"
        )
    ),
)
# Digests of versions without either stay what they are.
WITNESS_SQL = """
UPDATE voip_witness_record SET version = %s WHERE kind = %s AND version = %s
"""


def migrate(cr, version):
    cr.execute(COLUMNS_SQL)
    if _exists(cr, "voip_rate_import_change"):
        cr.execute(REMOVED_SQL)
    if _exists(cr, "voip_witness_record"):
        cr.execute(WITNESS_SQL, [RATES.version, RATES.kind, WITNESSED.version])


def _exists(cr, table):
    cr.execute("SELECT to_regclass(%s)", [table])
    return bool(cr.fetchone()[0])
