"""What pairing is measured against: a plain SQL join of the same rows, which writes as
much."""

import contextlib
import time
from typing import NamedTuple

from common import backend_cpu, connect

# It tells apart what the product does where clocks, lines and legs are none's concern.
JOIN = """
INSERT INTO joined (invoice_id, line_id, record_id, usage_id, class, way, ambiguous,
       amount)
SELECT {invoice}, {line}, b.id, a.id,
       CASE WHEN b.id IS NULL THEN {missing_there}
            WHEN a.id IS NULL THEN {missing_here}
            WHEN NOT a.answered AND b.amount > a.cost THEN {unanswered}
            WHEN a.started_at < '{since}' OR a.started_at >= '{until}'
            THEN {period_edge}
            WHEN a.cost = b.amount THEN {equal}
            WHEN a.duration_ms <> b.duration_ms THEN {duration}
            WHEN b.rate <> a.price THEN {rate}
            WHEN abs(b.amount - a.cost) <= 0.01 THEN {rounding}
            ELSE {increments} END,
       1, false, COALESCE(b.amount, a.cost)
  FROM (SELECT u.id, c.call_id, u.caller, u.called, u.started_at, u.duration_ms,
               u.answered, COALESCE(u.cost_amount, u.cost) AS cost,
               r.price_per_minute AS price
          FROM voip_usage_row u LEFT JOIN voip_cdr_row c ON c.id = u.source_id
          LEFT JOIN voip_rate r ON r.id = u.cost_rate_id
         WHERE u.supplier_id = {supplier} AND u.reversal_of IS NULL
           AND NOT EXISTS (SELECT FROM voip_usage_row r
                            WHERE r.reversal_of IS NOT NULL AND r.reversal_of = u.id)) a
  {side} JOIN (SELECT * FROM voip_supplier_record_row WHERE invoice_id = {invoice}) b
    ON {on}
"""
SINCE, UNTIL = "2026-10-01", "2026-10-31"
COUNTS = "SELECT class, count(*) FROM {} GROUP BY class ORDER BY class"
# PostgreSQL joins fully on equalities only: the window needs a left join.
WAYS = {
    "with ids": ("FULL", "a.call_id = b.call_id"),
    "without ids": (
        "LEFT",
        "a.caller = b.caller AND a.called = b.called AND b.start BETWEEN"
        " a.started_at - interval '30 s' AND a.started_at + interval '30 s'",
    ),
}


class Joined(NamedTuple):
    """Seconds, those of the processor, and [(class, rows)] of a plain join."""

    seconds: float
    processor: float
    counts: list


def join(name, ids, kind):
    """A plain join that writes classes into a table of the same indexes.

    :return: :class:`Joined`
    """
    from odoo.addons.voip_supplier_audit.engine.classify import CODE

    side, on = WAYS[kind]
    query = JOIN.format(side=side, on=on, since=SINCE, until=UNTIL, **(ids | CODE))
    with contextlib.closing(connect(name)) as connection:
        cr = connection.cursor()
        cr.execute("DROP TABLE IF EXISTS joined")
        cr.execute(
            "CREATE TABLE joined (LIKE voip_supplier_match_row INCLUDING INDEXES"
            " INCLUDING IDENTITY)"
        )
        pid = connection.get_backend_pid()
        begun, used = time.perf_counter(), backend_cpu(pid)
        cr.execute(query)
        seconds = time.perf_counter() - begun
        used = backend_cpu(pid) - used
        cr.execute(COUNTS.format("joined"))
        counts = cr.fetchall()
        cr.execute("DROP TABLE joined")
    return Joined(seconds, used, counts)
