"""What grows while the cost must not: accounts, stored calls, history.

Three databases: 500 accounts and 1,000,000 stored calls; the same with 100,000
accounts; the same with 20,000,000 calls over 15 months, of which all but two are
sealed. Grown by SQL. The same batches of 1,000 records are stored and rated in turn in
each, then calls are looked up and the invariants run. Prints medians, worst look-ups
and ratios.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import common
import growth_sql as grow

BASE, WIDE, LONG = "bench_growth", "bench_growth_wide", "bench_growth_long"
SIZE = 1_000
WARM_UP = 3


def main():
    options = common.parser(__doc__, 20_000_000)
    options.set_defaults(prefixes=20_000)
    options.add_argument("--small", type=int, default=1_000_000, help="calls before")
    options.add_argument("--months", type=int, default=15)
    options.add_argument("--many", type=int, default=100_000, help="accounts after")
    options.add_argument("--batches", type=int, default=21, help="of each database")
    options.add_argument("--only", choices=("accounts", "calls"), help="one part")
    options.add_argument("--measure", choices=("batches", "lookups", "check"))
    options.add_argument("--file", type=Path, help="batches to measure, a line each")
    options = options.parse_args()
    if options.measure:
        print(json.dumps(MEASURES[options.measure](options)))
        return
    with common.database(BASE, options) as base:
        grow.calls(base, options.small, 1)
        records = common.World(options).records(6 * (options.batches + 9) * SIZE)
        try:
            if options.only != "calls":
                accounts(options, base, records)
            if options.only != "accounts":
                calls(options, base, records)
        finally:
            if not options.keep:
                common.drop_database(WIDE)
                common.drop_database(LONG)


def accounts(options, base, records):
    common.copy_database(base, WIDE)
    grow.accounts(WIDE, options.many)
    few, many = in_turn(options, records, base, WIDE)
    common.show(f"batch of {SIZE}, {options.accounts:,} accounts", few, "ms", 0)
    common.show(f"batch of {SIZE}, {options.many:,} accounts", many, "ms", 0)
    common.show("ratio (bar 1.2)", many / few)


def calls(options, base, records):
    common.copy_database(base, LONG)
    grow.calls(LONG, options.records - options.small, options.months)
    grow.seal(LONG)
    few, many = in_turn(options, records, base, LONG)
    common.show(f"batch of {SIZE}, {options.small:,} calls", few, "ms", 0)
    common.show(f"batch of {SIZE}, {options.records:,} calls", many, "ms", 0)
    common.show("ratio (bar 1.1)", many / few)
    for name, milliseconds in measure(LONG, "lookups").items():
        common.show(name, milliseconds, "ms", 1)
    for name, seconds in measure(LONG, "check").items():
        common.show(name, seconds, "s")


def measure(database, what, *arguments):
    """What a process of its own measures in ``database``."""
    command = [sys.executable, __file__, f"--measure={what}", f"--db={database}"]
    done = subprocess.run(
        [*command, *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def in_turn(options, records, *databases):
    """Median milliseconds of a batch of each database, measured in three turns."""
    times = {database: [] for database in databases}
    for _turn in range(3):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as stream:
            for _batch in range(WARM_UP + -(-options.batches // 3)):
                batch = [next(records) for _row in range(SIZE)]
                stream.write(json.dumps(batch) + "\n")
            stream.flush()
            for database in databases:
                times[database] += measure(database, "batches", f"--file={stream.name}")
    return [statistics.median(found) for found in times.values()]


# === In a process of its own === #


def measure_batches(options):
    """Milliseconds of each batch; the first ones only warm up."""
    times = []
    with common.environment(options.db) as env, options.file.open() as stream:
        switch = env["voip.switch"].search([("code", "=", "bench")])
        for line in stream:
            sent = json.loads(line)
            with common.Clock() as clock:
                env["voip.cdr"].ingest(switch.code, sent, rate_now=True)
            env.cr.commit()
            env.invalidate_all()
            times.append(clock.wall * 1000)
    return times[WARM_UP:]


def measure_lookups(options):
    """{look-up: worst of nine, milliseconds}."""
    with common.environment(options.db) as env:
        viewer = grow.viewer(env)
        found = {}
        for model, names in grow.SHOWN.items():
            env[model].with_user(viewer).search([], limit=1).read(names)  # warms up
        for name, model, domain in grow.lookups(env):
            found.setdefault(name, [])
            with common.Clock() as clock:
                records = env[model].with_user(viewer).search(domain, limit=80)
                if not records.read(grow.SHOWN[model]):
                    sys.exit(f"{name}: {domain} finds nothing")
            env.invalidate_all()
            found[name].append(clock.wall * 1000)
    return {f"{name}, worst of {len(t)}": max(t) for name, t in found.items()}


def measure_check(options):
    """Seconds of the daily check and of the one of every month."""
    seconds = {}
    with common.environment(options.db) as env:
        for name, full in (("daily check (bar 10)", False), ("check --full", True)):
            with common.Clock() as clock:
                results = env["voip.check"].run(full=full)
            broken = [row["name"] for row in results if row["violations"]]
            if broken:
                sys.exit(f"{name}: {broken}")
            seconds[name] = clock.wall
    return seconds


MEASURES = {
    "batches": measure_batches,
    "lookups": measure_lookups,
    "check": measure_check,
}

if __name__ == "__main__":
    main()
