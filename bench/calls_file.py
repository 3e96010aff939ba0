"""The calls of one invoice as a file: CSV, zipped, and Parquet of 5,000,000 calls.

An invoice is posted by Odoo; plain SQL puts calls behind its line. The files are then
written as a download writes them. Printed: calls and megabytes a second, how much the
process grew. Baseline: PostgreSQL's COPY of the same rows, without names and order.
"""

import io
from datetime import date

import common
from documents_run import resident, seed

DAYS = """
INSERT INTO voip_usage_summary (company_id, account_id, payer_id, service_id,
       currency_id, move_line_id, move_id, label, local_day, facets, unit_price, amount,
       late, attempts, calls, units, seconds)
SELECT m.company_id, m.voip_account_id, m.voip_account_id, s.id, m.currency_id, l.id,
       m.id, 'Mobile', d, '{"direction": "outbound"}', 0.01, 0.01, false,
       %(calls)s / 10, %(calls)s / 10, %(calls)s / 10, 60
  FROM account_move m
  JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
  CROSS JOIN (SELECT id FROM voip_service LIMIT 1) s
  CROSS JOIN generate_series(%(first)s::date, %(first)s::date + 9, '1 day') d
 WHERE m.id = %(move)s
"""
CALLS = """
INSERT INTO voip_usage_row (id, started_at, company_id, account_id, summary_id,
       duration_ms, billed_seconds, amount, source_ref, caller, called, prefix)
SELECT n, s.local_day + n %% 86400 * interval '1 second', s.company_id, s.account_id,
       s.id, 61000, 61, 0.01017, 'call-' || n, '+4915112345678', '44700' || n, '447'
  FROM generate_series(1, %(calls)s) n
  JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS number
          FROM voip_usage_summary WHERE move_id = %(move)s) s ON s.number = n %% 10
"""
PLAIN = "COPY (SELECT * FROM voip_usage_row) TO STDOUT (FORMAT csv)"


def main():
    options = common.parser(__doc__, 5_000_000).parse_args()
    name = options.db or common.make_database(
        "bench_calls_file", options, "voip_documents,voip_rating"
    )
    try:
        with common.environment(name) as env:
            move, _lines = seed(env, 1)
            grow(env.cr, move, options.records)
        common.sql(name, "VACUUM ANALYZE voip_usage_row")
        with common.environment(name) as env:
            measure(env, env["account.move"].browse(move), options.records)
    finally:
        if not (options.db or options.keep):
            common.drop_database(name)


def grow(cr, move, count):
    """Put ``count`` calls of ten days of this month behind the invoice."""
    values = {"move": move, "calls": count, "first": date.today().replace(day=1)}
    ensure = "SELECT voip_ensure_partition('voip_usage_row', %(first)s::date, NULL)"
    cr.execute(ensure, values)
    cr.execute("SET LOCAL session_replication_role = replica")
    cr.execute(DAYS, values)
    cr.execute(CALLS, values)


def measure(env, move, count):
    with common.Clock() as plain:
        env.cr._obj.copy_expert(PLAIN, Sink(), 1 << 20)
    common.show("COPY of the rows, calls a second", count / plain.wall, digits=0)
    # What the first one imports is no growth.
    for format_ in ("csv", "parquet"):
        before = resident("self")
        with common.Clock() as clock:
            _name, kind, file, size, _digest = move._voip_calls_file(format_)
        file.close()
        common.show(f"{kind}: calls a second", count / clock.wall, digits=0)
        common.show("  megabytes", size / 1e6, "MB", 1)
        common.show("  against the COPY", clock.wall / plain.wall)
        common.show("  the process grew by", resident("self") - before, "MB", 0)
    common.show("peak memory of the process", common.peak_megabytes(), "MB", 0)


class Sink(io.RawIOBase):
    """Takes everything, keeps nothing."""

    def writable(self):
        return True

    def write(self, piece):
        return len(piece)


if __name__ == "__main__":
    main()
