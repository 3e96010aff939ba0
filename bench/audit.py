"""Reconciling a supplier's call records with ours, and diagnosing an invoice.

A million records of an invoice are paired with a million rated calls of ours, in the
product's tables and by the product's own steps, with call ids and without, each in a
process of its own; in turn with it a plain SQL join, which knows nothing of tariffs,
clocks, legs, duplicates or lines, writes all columns of the same rows under the same
indexes. Both begin empty. Processor seconds are of client and server together, in runs
of their own in which the server has no helpers: it does not tell theirs. With call ids
it is told whether both find as many rows of each class. Every pair is checked against
the planted truth. Three pairs of numbers have 4,000 calls each.

python bench/audit.py --records 1000000 --runs 3
"""

import json
import os
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from audit_calls import CLOCKS, HOUR, Calls
from audit_join import COUNTS, join
from common import (
    ROOT,
    backend_cpu,
    drop_database,
    environment,
    make_database,
    parser,
    peak_megabytes,
    show,
    sql,
)

DATABASE = "bench_audit"
ALONE = {"PGOPTIONS": "-c max_parallel_workers_per_gather=0"}


def main():
    options = parser("Reconciling call records", 1_000_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--step", help="one measurement, in this process")
    options.add_argument("--invoice", type=int, help="of that measurement")
    options.add_argument("--only", choices=("engine", "database"))
    options = options.parse_args()
    load_engine()
    if options.step:
        print(json.dumps(globals()[options.step](options)))
        return
    if options.only != "database":
        diagnosis(options)
        clocks(options)
    if options.only == "engine":
        return
    name = options.db or make_database(DATABASE, options, "voip_supplier_audit")
    try:
        with environment(name) as env:
            ids = fill(env, options) | {"calls": options.records}
        summary_level(name, ids)
        database_runs(name, ids, options)
    finally:
        if not (options.db or options.keep):
            drop_database(name)


def load_engine():
    """Make the modules importable; no database is opened."""
    import odoo.modules.module
    from odoo.tools import config

    config.parse_config([f"--addons-path={ROOT / 'addons'}"])
    odoo.modules.module.initialize_sys_path()


# === Pairing === #


def clocks(options):
    from odoo.addons.voip_supplier_audit.engine import pair
    from odoo.addons.voip_supplier_audit.engine.records import Records

    calls = Calls(options.records)
    ours = Records.of(
        caller=calls.caller,
        called=calls.called,
        start_us=calls.start,
        duration_ms=calls.ms,
    )
    for name, clock in CLOCKS.items():
        rows, start, ms = calls.theirs(clock)
        theirs = Records.of(
            caller=calls.caller[rows],
            called=calls.called[rows],
            start_us=start,
            duration_ms=ms,
        )
        begun = time.perf_counter()
        match = pair.match(ours, theirs)
        seconds = time.perf_counter() - begun
        wrong = (match.ours >= 0) & (match.ours != rows)
        print(
            f"{name:<24} {seconds:6.2f} s, wrong pairs {wrong.sum():4,}, of them"
            f" ambiguous {match.ambiguous[wrong].sum():4,}, ambiguous in all"
            f" {match.ambiguous.sum():6,}, not paired {(match.ours < 0).sum():4,}",
            flush=True,
        )


# === With PostgreSQL === #

RAW = (
    "CREATE TEMP TABLE raw (truth bigint, caller bigint, called bigint, start bigint,"
    " ms bigint)"
)
MOMENT = "timestamp '1970-01-01' + start * interval '1 microsecond'"
# A call costs a cent a second; theirs are charged by their own seconds.
OURS = f"""
INSERT INTO voip_usage_row (id, started_at, source_id, called_number, caller_number,
       company_id, account_id, summary_id, supplier_id, cost_rate_id, duration_ms,
       amount, cost, cost_amount, caller, called)
SELECT truth + 1, {MOMENT}, truth + 1, called, caller, %(company)s, 1, 1, %(supplier)s,
       %(rate)s, ms, 0, ms / 100000.0, ms / 100000.0, caller::text, called::text
  FROM raw
"""
SENT = f"""
INSERT INTO voip_cdr_row (id, start, company_id, batch_id, position, duration_ms,
       answered, call_id, caller, called)
SELECT truth + 1, {MOMENT}, %(company)s, 1, 1, ms, true, md5(truth::text),
       caller::text, called::text FROM raw
"""
THEIRS = f"""
INSERT INTO voip_supplier_record_row (start, key, mark, company_id, invoice_id, line,
       duration_ms, amount, called, start_text, call_id, caller, called_number,
       caller_number)
SELECT {MOMENT}, truth, truth, %(company)s, %(invoice)s, truth, ms, ms / 100000.0,
       called::text, '', %(call)s, caller::text, called, caller FROM raw
"""
CALL_IDS = "UPDATE voip_supplier_record_row SET call_id = md5(key::text)"


def fill(env, options):
    """A month of calls in the product's tables, and the invoice of their records."""
    from odoo.addons.voip_billing_base.charge.transaction import ensure_partitions
    from odoo.addons.voip_supplier_audit.reconcile.binary import copy_columns

    calls, cr, ids = Calls(options.records), env.cr, parties(env)
    rows, start, ms = calls.theirs(CLOCKS["same clock"])
    months = {date(2026, month, 1) for month in (9, 10, 11)}
    for table, unique in (
        ("voip_usage_row", ["id"]),
        ("voip_cdr_row", None),
        ("voip_supplier_record_row", ["invoice_id", "key"]),
    ):
        ensure_partitions(env, table, months, unique)
    every = np.arange(calls.start.size)
    sides = (
        ((every, calls.start, calls.ms), (OURS, SENT)),
        ((rows, start, ms), (THEIRS,)),
    )
    for (of, begins, length), queries in sides:
        cr.execute(RAW)
        columns = (of, calls.caller[of], calls.called[of], begins, length)
        copy_columns(cr._obj, "raw", columns)
        for query in queries:
            cr.execute(query, {**ids, "call": None})
        cr.execute("DROP TABLE raw")
    return ids


def parties(env):
    """Ids of company, supplier, the rate of all calls, and the invoice."""
    supplier = env["res.partner"].create({"name": "Bench"})
    deck = env["voip.rate.deck"].create(
        {
            "name": "BUY",
            "code": "BUY",
            "side": "supplier",
            "partner_id": supplier.id,
            "tz": "UTC",
            "currency_id": env.company.currency_id.id,
        }
    )
    deck._load([{"prefix": "447", "price_per_minute": "0.6"}])
    invoice = env["voip.supplier.invoice"].create(
        {
            "partner_id": supplier.id,
            "number": "BENCH",
            "period_start": "2026-10-01",
            "period_end": "2026-10-30",
            "total": 1.0,
            "tz": "UTC",
            "line_ids": [(0, 0, {"name": "Voice traffic", "amount": 1.0})],
        }
    )
    rate = env["voip.rate"].search([("deck_id", "=", deck.id)], limit=1)
    return {
        "company": env.company.id,
        "supplier": supplier.id,
        "rate": rate.id,
        "invoice": invoice.id,
        "line": invoice.line_ids.id,
    }


def summary_level(name, ids):
    """Seconds of ours by day and price, as each reconciliation asks first."""
    from odoo.addons.voip_supplier_audit.costs import kept

    with environment(name) as env:
        env.cr.execute(kept.ADD, {"from": 0, "to": ids["calls"]})
        env.cr.execute("DELETE FROM voip_supplier_cost_progress")
        upto = "INSERT INTO voip_supplier_cost_progress VALUES (%s)"
        env.cr.execute(upto, [ids["calls"]])
        invoice = env["voip.supplier.invoice"].browse(ids["invoice"])
        begun = time.perf_counter()
        count = sum(cell.calls for cell in invoice._cells())
        show(f"ours of {count:,} calls, from sums", time.perf_counter() - begun, "s")


def database_runs(name, ids, options):
    """Seconds by the clock and of the processor, of both ways in turn."""
    for table in ("voip_usage_row", "voip_cdr_row", "voip_supplier_record_row"):
        sql(name, f"VACUUM ANALYZE {table}")
    for kind in ("without ids", "with ids"):
        if kind == "with ids":
            sql(name, "ALTER TABLE voip_supplier_record_row DISABLE TRIGGER USER")
            sql(name, CALL_IDS)
            sql(name, "ALTER TABLE voip_supplier_record_row ENABLE TRIGGER USER")
            sql(name, "VACUUM FULL ANALYZE voip_supplier_record_row")
        command = [sys.executable, __file__, "--step=reconciled", f"--db={name}"]
        command += [f"--invoice={ids['invoice']}"]
        answers, joins, alone = [], [], []
        for _run in range(options.runs):
            answers.append(answer(name, command, os.environ))
            joins.append(join(name, ids, kind))
            alone.append(answer(name, command, os.environ | ALONE)["processor"])
        report(kind, answers, joins, alone)


def answer(name, command, environ):
    """What :func:`reconciled` tells, in a process of its own."""
    sql(name, "TRUNCATE voip_supplier_match_row")
    told = subprocess.check_output(command, env=environ)
    return json.loads(told.splitlines()[-1])


def report(kind, answers, joins, alone):
    """Medians of the runs; of ratios those of neighbours."""
    median = statistics.median
    show(f"{kind}: all", median(a["seconds"] for a in answers), "s")
    for part in ("read", "paired", "written"):
        show(f"{kind}: {part}", median(a[part] for a in answers), "s")
    show(f"{kind}: memory of the process", max(a["mb"] for a in answers), "MB", 0)
    show(f"{kind}: wrong pairs", answers[0]["wrong"], "", 0)
    seconds = median(one.seconds for one in joins)
    show(f"{kind}: plain SQL join of as much", seconds, "s")
    pairs = zip(answers, joins, strict=True)
    ratio = median(a["seconds"] / one.seconds for a, one in pairs)
    show(f"{kind}: ratio to the join", ratio)
    show(f"{kind}: processor", median(alone), "s")
    processor = median(one.processor for one in joins)
    show(f"{kind}: processor of the join", processor, "s")
    pairs = zip(alone, joins, strict=True)
    ratio = median(a / one.processor for a, one in pairs)
    show(f"{kind}: ratio by processor", ratio)
    if kind == "with ids":
        alike = answers[0]["counts"] == [list(row) for row in joins[0].counts]
        print(f"{kind}: rows of each class are those of the join: {alike}", flush=True)


def server_cpu(connection):
    return backend_cpu(connection.get_backend_pid())


def reconciled(options):
    """Pair the invoice's records as the background does; figures of it."""
    with environment(options.db) as env:
        invoice = env["voip.supplier.invoice"].browse(options.invoice)
        marks = [time.perf_counter()]
        connection = env.cr._obj.connection
        processor = time.process_time() + server_cpu(connection)
        tell = lambda _share: marks.append(time.perf_counter())  # noqa: E731
        invoice.with_context(voip_progress=tell)._match_records()
        env.cr.commit()
        marks.append(time.perf_counter())
        processor = time.process_time() + server_cpu(connection) - processor
        # A table that was empty a moment ago would be joined row by row.
        env.cr.execute("ANALYZE voip_supplier_match_row")
        env.cr.execute(
            "SELECT count(*) FROM voip_supplier_match_row m"
            " JOIN voip_supplier_record_row t ON t.id = m.record_id"
            " WHERE m.invoice_id = %s AND m.usage_id <> t.key + 1",
            [invoice.id],
        )
        wrong = env.cr.fetchone()[0]
        env.cr.execute(COUNTS.format("voip_supplier_match_row"))
        counts = env.cr.fetchall()
    begun, _summed, read, paired, _kept, done = marks
    return {
        "seconds": done - begun,
        "read": read - begun,
        "paired": paired - read,
        "written": done - paired,
        "processor": processor,
        "mb": peak_megabytes(),
        "wrong": wrong,
        "counts": counts,
    }


# === Diagnosis === #


def diagnosis(options):
    """500 lines and 12 suppositions up to three at once, over a fifth of the calls."""
    from odoo.addons.voip_supplier_audit.engine import usual
    from odoo.addons.voip_supplier_audit.engine.diagnose import diagnose
    from odoo.addons.voip_supplier_audit.engine.rules import combined
    from odoo.addons.voip_supplier_audit.tests import audit_steps, audit_world

    for calls in (options.records // 5, options.records):
        world = audit_world.World(lines=500, calls=calls)
        terms = audit_world.Terms(
            initial=60, following=60, zone=2 * HOUR, change=audit_world.STATED
        )
        lines = audit_steps.lines_of(world.bill(terms))
        begun = time.perf_counter()
        pricing = audit_steps.pricing_of(world, lines)
        counted = time.perf_counter() - begun
        tries = usual.usual(pricing, audit_steps.AGREED, (2 * HOUR, -5 * HOUR))
        other = ("precision", "connect_fee", "rate", "rounding")
        tries = [t for t in tries if t.kind not in other][:12]
        pricing = audit_steps.pricing_of(world, lines)
        begun = time.perf_counter()
        found = diagnose(pricing, audit_steps.AGREED, tries)
        seconds = time.perf_counter() - begun
        wrong = sum(not line.within_tolerance for line in found.lines)
        print(
            f"{calls:,} calls, 500 lines, {len(tries)} suppositions,"
            f" {len(combined(tries, 3))} combinations: counted {counted:.2f} s,"
            f" diagnosed {seconds:.2f} s: {', '.join(found.whole)}; lines left {wrong}",
            flush=True,
        )


if __name__ == "__main__":
    main()
