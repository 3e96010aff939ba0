"""Reconciling a supplier's call records with ours, and diagnosing an invoice.

A million records of either side are read from PostgreSQL, paired, and the pairs are
written back, with call ids and without, each in a process of its own; beside it a plain
SQL full join of the same tables does as much. Every pair is checked against the planted
truth. Three pairs of numbers have 4,000 calls each.

python bench/audit.py --records 1000000 --runs 3
"""

import contextlib
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from common import ROOT, connect, drop_database, parser, peak_megabytes, show, sql

DATABASE = "voip_test_audit"
BEGIN = 1_790_812_800_000_000
SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
CLOCKS = {
    "same clock": lambda at: at,
    "37 s": lambda at: at + 37 * SECOND,
    "2 h": lambda at: at + 2 * HOUR,
    "2 h and 37 s": lambda at: at + 2 * HOUR + 37 * SECOND,
    "drift of 200 ppm": lambda at: at + (at - BEGIN) // 5_000,
    "daylight-saving night": lambda at: at + np.where(at >= BEGIN + 13 * DAY, HOUR, 0),
}
COLUMNS = ("id", "call", "caller", "called", "start", "ms")
READ = (
    "SELECT id, {call}, caller::bigint, called::bigint, start, duration_ms::bigint"
    " FROM {side}"
)
JOIN = {
    "with ids": "a.call_id = b.call_id",
    "without ids": "a.caller = b.caller AND a.called = b.called"
    " AND b.start BETWEEN a.start - interval '30 s' AND a.start + interval '30 s'",
}


def main():
    options = parser("Reconciling call records", 1_000_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--step", help="one measurement, in this process")
    options = options.parse_args()
    load_engine()
    if options.step:
        print(json.dumps(globals()[options.step](options)))
        return
    diagnosis(options)
    clocks(options)
    if not options.db:
        drop_database(DATABASE)
        sql("postgres", f'CREATE DATABASE "{DATABASE}"')
    try:
        fill(options)
        database_runs(options)
    finally:
        if not (options.db or options.keep):
            drop_database(DATABASE)


def load_engine():
    """Make the modules importable; no database is opened."""
    import odoo.modules.module
    from odoo.tools import config

    config.parse_config([f"--addons-path={ROOT / 'addons'}"])
    odoo.modules.module.initialize_sys_path()


# === Planted truth === #


class Calls:
    """A month; one in sixteen begins soon after another one of the same numbers."""

    def __init__(self, size):
        self.random = random = np.random.default_rng(20)
        self.called = random.integers(447_000_000_000, 447_999_999_999, size)
        self.caller = random.integers(33_100_000_000, 33_999_999_999, size)
        self.start = BEGIN + random.integers(0, 30 * 86_400, size) * SECOND
        self.ms = (1 + random.exponential(120, size).astype(np.int64)) * 1_000
        again, of = (random.permutation(size)[: size // 16] for _side in range(2))
        self.called[again], self.caller[again] = self.called[of], self.caller[of]
        # Who fails to get through tries again within seconds, often more than once.
        short = of[: of.size // 2]
        self.ms[short] = random.integers(1, 6, short.size) * 1_000
        self.ms[again[: of.size // 2]] = random.integers(1, 6, short.size) * 1_000
        gap = random.integers(1, 30, of.size) * SECOND
        self.start[again] = self.start[of] + self.ms[of] * 1_000 + gap
        for number in range(3):
            rows = slice(number * 4_000, (number + 1) * 4_000)
            self.called[rows] = 447_000_000_000 + number
            self.caller[rows] = 33_100_000_000

    def theirs(self, clock):
        """Rows of ours in their order, starts and durations as they have them."""
        random, size = self.random, self.start.size
        rows = random.permutation(size)[size // 500 :]
        jitter = np.rint(random.normal(0, 1, rows.size)).astype(np.int64) * SECOND
        longer = random.integers(-1, 2, rows.size) * (random.random(rows.size) < 0.2)
        return rows, clock(self.start[rows]) + jitter, self.ms[rows] + longer * 1_000


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


def fill(options):
    from odoo.addons.voip_supplier_audit.reconcile.binary import copy_columns

    calls = Calls(options.records)
    rows, start, ms = calls.theirs(CLOCKS["same clock"])
    every = np.arange(calls.start.size)
    sides = {
        "ours": (every, calls.start, calls.ms),
        "theirs": (rows, start, ms),
    }
    with contextlib.closing(connect(options.db or DATABASE)) as connection:
        cr = connection.cursor()
        for side, (of, begins, length) in sides.items():
            cr.execute("CREATE TEMP TABLE raw (id bigint, truth bigint, caller bigint,"
                       " called bigint, start bigint, ms bigint)")
            numbers = calls.caller[of], calls.called[of]
            copy_columns(cr, "raw", (np.arange(of.size), of, *numbers, begins, length))
            cr.execute(f"DROP TABLE IF EXISTS {side}, {side}_pair")
            cr.execute(
                f"CREATE TABLE {side} AS SELECT id, md5(truth::text) AS call_id,"
                " caller::text, called::text, timestamp '1970-01-01' + start *"
                " interval '1 microsecond' AS start, ms::integer AS duration_ms, truth"
                " FROM raw"
            )
            cr.execute("DROP TABLE raw")
            cr.execute(f"ANALYZE {side}")


def database_runs(options):
    for kind, step in (("with ids", "by_id"), ("without ids", "by_numbers")):
        command = [sys.executable, __file__, "--step", step]
        command += ["--db", options.db or DATABASE]
        answers = [
            json.loads(subprocess.check_output(command).splitlines()[-1])
            for _run in range(options.runs)
        ]
        seconds = statistics.median(a["seconds"] for a in answers)
        joined = statistics.median(join(options, kind) for _run in range(options.runs))
        show(f"{kind}: read, paired, written", seconds, "s")
        show(f"{kind}: pairing alone", answers[0]["pairing"], "s")
        show(f"{kind}: memory of the process", max(a["mb"] for a in answers), "MB", 0)
        show(f"{kind}: wrong pairs", answers[0]["wrong"], "", 0)
        show(f"{kind}: plain SQL full join", joined, "s")
        show(f"{kind}: ratio to the join", seconds / joined)


def join(options, kind):
    """Seconds of a plain full join that writes its result."""
    # PostgreSQL joins fully on equalities only: the window needs a left join.
    side = "FULL" if kind == "with ids" else "LEFT"
    query = (
        "CREATE TABLE joined AS SELECT a.id AS ours, b.id AS theirs, a.duration_ms -"
        f" b.duration_ms AS longer FROM ours a {side} JOIN theirs b ON {JOIN[kind]}"
    )
    with contextlib.closing(connect(options.db or DATABASE)) as connection:
        cr = connection.cursor()
        cr.execute("DROP TABLE IF EXISTS joined")
        begun = time.perf_counter()
        cr.execute(query)
        seconds = time.perf_counter() - begun
        cr.execute("DROP TABLE joined")
    return seconds


def by_id(options):
    return reconciled(options, "hashtextextended(call_id, 0)")


def by_numbers(options):
    return reconciled(options, "0::bigint")


def reconciled(options, call):
    """Read both sides, pair, write the pairs; figures of it."""
    from odoo.addons.voip_supplier_audit.engine import pair
    from odoo.addons.voip_supplier_audit.engine.records import Records
    from odoo.addons.voip_supplier_audit.reconcile.binary import (
        copy_columns,
        read_columns,
    )

    begun = time.perf_counter()
    with contextlib.closing(connect(options.db)) as connection:
        cr, sides, ids = connection.cursor(), [], []
        for side in ("ours", "theirs"):
            query = READ.format(call=call, side=side)
            found = read_columns(cr, query, COLUMNS, ("start",))
            ids.append(found.pop("id"))
            sides.append(Records(*found.values()))
            del found
        start = time.perf_counter()
        match = pair.match(*sides)
        pairing = time.perf_counter() - start
        cr.execute("DROP TABLE IF EXISTS paired")
        cr.execute("CREATE TABLE paired (theirs bigint, ours bigint, way bigint,"
                   " ambiguous bigint)")
        ours = np.where(match.ours >= 0, ids[0][match.ours], -1)
        copy_columns(cr, "paired", (ids[1], ours, match.way, match.ambiguous))
        seconds = time.perf_counter() - begun
        cr.execute("SELECT count(*) FROM paired p JOIN theirs t ON t.id = p.theirs"
                   " JOIN ours o ON o.id = p.ours WHERE o.truth <> t.truth")
        wrong = cr.fetchone()[0]
    mb = peak_megabytes()
    return {"seconds": seconds, "pairing": pairing, "mb": mb, "wrong": wrong}


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
