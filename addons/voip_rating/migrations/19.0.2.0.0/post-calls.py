"""Move call records, keys and rated usage, a month at a time, and prove it.

A row keeps what its summary, rate or call record does not say. Afterwards every column
of every row reads as before, or the upgrade stops.
"""

from odoo.addons.voip_billing_base.charge.columns import DIFFERENT, OWN, SAID, SHOWN
from odoo.addons.voip_billing_base.charge.upgrade import expect_none, months_of
from odoo.addons.voip_rating.models.voip_usage import RATE_JOINS, RATE_SAYS

CDR = (
    'id, start, answer, "end", company_id, batch_id, position, duration_ms, pdd_ms,'
    " sip_code, answered, call_id, called, caller, trunk, supplier_trunk,"
    " hangup_cause, mos, packet_loss, jitter_ms, account, jurisdiction, lrn, attempts,"
    " metadata"
)
CDR_SQL = f"""
INSERT INTO voip_cdr_row ({CDR}, leg, direction)
SELECT {CDR}, NULLIF(leg, 'a'), NULLIF(direction, 'outbound') FROM voip_cdr_row_v1
 WHERE start >= %(month)s AND start < %(month)s + interval '1 month' ORDER BY id
"""
KEY_SQL = """
INSERT INTO voip_cdr_key (key, cdr_id, month, mark, switch_id)
SELECT voip_cdr_key_of(r.call_id, r.switch_id, r.leg), k.cdr_id, %(month)s,
       ('x' || left(replace(k.content::text, '-', ''), 8))::bit(32)::int, r.switch_id
  FROM voip_cdr_row_v1 r JOIN voip_cdr_key_v1 k ON k.key = r.key AND k.cdr_id = r.id
 WHERE r.start >= %(month)s AND r.start < %(month)s + interval '1 month'
 ORDER BY 1
"""
# Records of undone batches gave their keys up; each gets one as undo leaves it now: it
# finds the record by its call id and clashes with no leg.
UNDONE_SQL = """
INSERT INTO voip_cdr_key (key, cdr_id, month, mark, switch_id)
SELECT (voip_cdr_key_of(r.call_id, r.switch_id, r.leg) >> 32 << 32)
       | ('x' || left(md5('undone' || r.id), 8))::bit(32)::bigint,
       r.id, %(month)s, 0, r.switch_id
  FROM voip_cdr_row_v1 r JOIN voip_cdr_batch b ON b.id = r.batch_id
 WHERE r.start >= %(month)s AND r.start < %(month)s + interval '1 month'
   AND b.state = 'undone' AND NOT EXISTS (
       SELECT FROM voip_cdr_key_v1 k WHERE k.key = r.key AND k.cdr_id = r.id)
"""
NUMBER = "CASE WHEN o.{0} ~ '^[1-9][0-9]{{0,14}}$' THEN o.{0}::bigint END"
# Of a row whose record is stored, the record says the call id.
RECORD_SAYS = {"source_ref": "CASE WHEN u.source_id > 0 THEN u.source_ref END"}
SAYS = SAID | RATE_SAYS | RECORD_SAYS


def usage_sql():
    own = [f"u.{name}" for name in OWN]
    different = [
        f"CASE WHEN u.{name} IS DISTINCT FROM COALESCE({SAYS[name]})"
        f" THEN u.{name} END"
        if name in SAYS
        else f"u.{name}"
        for name in DIFFERENT
    ]
    joins = " ".join(f"LEFT JOIN {join}" for join in RATE_JOINS)
    return f"""
        INSERT INTO voip_usage_row ({", ".join((*OWN, *DIFFERENT))})
        SELECT {", ".join(own + different)}
          FROM (SELECT o.*, {NUMBER.format("called")} AS called_number,
                       {NUMBER.format("caller")} AS caller_number
                  FROM voip_usage_row_v1 o
                 WHERE o.started_at >= %(month)s
                   AND o.started_at < %(month)s + interval '1 month') u
          JOIN voip_usage_summary s ON s.id = u.summary_id {joins}
         ORDER BY u.id
    """


def differences(old, new, key, columns):
    """SQL that counts rows of ``old`` that read otherwise in the view ``new``."""
    same = [f"o.{name} IS NOT DISTINCT FROM n.{name}" for name in columns]
    keys = " AND ".join(f"n.{name} = o.{name}" for name in key)
    return f"""
        SELECT count(*) FROM {old} o LEFT JOIN {new} n ON {keys}
         WHERE n.id IS NULL OR NOT ({" AND ".join(same)})
    """


def migrate(cr, version):
    cr.execute("SELECT to_regclass('voip_cdr_row_v1') IS NOT NULL")
    if not cr.fetchone()[0]:
        return
    for month in months_of(cr, "voip_cdr_row_v1", "start"):
        cr.execute("SELECT voip_ensure_partition('voip_cdr_row', %s)", [month])
        cr.execute(
            "SELECT voip_ensure_partition('voip_cdr_key', %s, %s)",
            [month, ["key", "switch_id"]],
        )
        cr.execute(CDR_SQL, {"month": month})
        cr.execute(KEY_SQL, {"month": month})
    for month in months_of(cr, "voip_usage_row_v1", "started_at"):
        cr.execute("SELECT voip_ensure_partition('voip_usage_row', %s)", [month])
        cr.execute(usage_sql(), {"month": month})
    prove(cr)
    for month in months_of(cr, "voip_cdr_row_v1", "start"):
        cr.execute(UNDONE_SQL, {"month": month})
    for table in ("voip_usage_row", "voip_cdr_key", "voip_cdr_row"):
        cr.execute(f"DROP TABLE {table}_v1")
        cr.execute(f"ANALYZE {table}")


def prove(cr):
    """Compare every row with what the views show now.

    :raises RuntimeError: something reads otherwise
    """
    cdr = [name.strip() for name in f"{CDR}, switch_id, leg, direction".split(",")]
    cdr_sql = differences("voip_cdr_row_v1", "voip_cdr", ("id", "start"), cdr)
    expect_none(cr, cdr_sql, "call records")
    known = {*OWN, *DIFFERENT, *SHOWN} - {"called_number", "caller_number"}
    usage = sorted(known - {"source_ref", "margin"} - {"billed_minutes"})
    usage.remove("duration_seconds")
    key = ("id", "started_at")
    usage_sql_ = differences("voip_usage_row_v1", "voip_usage", key, usage)
    expect_none(cr, usage_sql_, "rated usage")
    expect_none(
        cr,
        "SELECT count(*) FROM voip_usage_row_v1 o LEFT JOIN voip_cdr_row_v1 r"
        " ON r.id = o.source_id AND r.start = o.started_at"
        " WHERE o.source_id > 0 AND r.call_id IS DISTINCT FROM o.source_ref",
        "call ids",
    )
    expect_none(
        cr,
        "SELECT (SELECT count(*) FROM voip_cdr_key_v1) - count(*) FROM voip_cdr_key",
        "keys",
    )
