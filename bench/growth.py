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

import common
import growth_sql as grow

BASE, WIDE, LONG = "bench_growth", "bench_growth_wide", "bench_growth_long"
SIZE = 1_000


def main():
    options = common.parser(__doc__, 20_000_000)
    options.set_defaults(prefixes=20_000)
    options.add_argument("--small", type=int, default=1_000_000, help="calls before")
    options.add_argument("--months", type=int, default=15)
    options.add_argument("--many", type=int, default=100_000, help="accounts after")
    options.add_argument("--batches", type=int, default=21, help="of each database")
    options.add_argument("--only", choices=("accounts", "calls"), help="one part")
    options.add_argument("--measure", choices=("batches", "lookups", "check"))
    options = options.parse_args()
    if options.measure:
        print(json.dumps(MEASURES[options.measure](options)))
        return
    with common.database(BASE, options) as base:
        grow.calls(base, options.small, 1)
        try:
            if options.only != "calls":
                accounts(options, base)
            if options.only != "accounts":
                calls(options, base)
        finally:
            if not options.keep:
                common.drop_database(WIDE)
                common.drop_database(LONG)


def accounts(options, base):
    common.copy_database(base, WIDE)
    grow.accounts(WIDE, options.many)
    few, many = in_turn(options, base, WIDE)
    common.show(f"batch of {SIZE}, {options.accounts:,} accounts", few, "ms", 0)
    common.show(f"batch of {SIZE}, {options.many:,} accounts", many, "ms", 0)
    common.show("ratio (bar 1.2)", many / few)


def calls(options, base):
    common.copy_database(base, LONG)
    grow.calls(LONG, options.records - options.small, options.months)
    grow.seal(LONG)
    few, many = in_turn(options, base, LONG)
    common.show(f"batch of {SIZE}, {options.small:,} calls", few, "ms", 0)
    common.show(f"batch of {SIZE}, {options.records:,} calls", many, "ms", 0)
    common.show("ratio (bar 1.1)", many / few)
    for name, milliseconds in measure(options, LONG, "lookups").items():
        common.show(name, milliseconds, "ms", 1)
    for name, seconds in measure(options, LONG, "check").items():
        common.show(name, seconds, "s")


def measure(options, database, what, *arguments):
    """What a process of its own measures in ``database``."""
    command = [sys.executable, __file__, f"--measure={what}", f"--db={database}"]
    command += [f"--prefixes={options.prefixes}", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def in_turn(options, *databases):
    """Median milliseconds of a batch of each database, measured in three turns."""
    times = {database: [] for database in databases}
    for turn in range(3):
        for database in databases:
            batches = f"--batches={-(-options.batches // 3)}"
            seed = f"--records={turn}"
            times[database] += measure(options, database, "batches", batches, seed)
    return [statistics.median(found) for found in times.values()]


# === In a process of its own === #


def measure_batches(options):
    """Milliseconds of each batch; the first three only warm up."""
    world = common.World(options)
    rounds = options.batches + 3
    skip = options.records * rounds * SIZE
    records = world.records(skip + rounds * SIZE)
    for _row in range(skip):
        next(records)
    times = []
    with common.environment(options.db) as env:
        switch = env["voip.switch"].search([("code", "=", "bench")])
        for _round in range(rounds):
            sent = [next(records) for _row in range(SIZE)]
            with common.Clock() as clock:
                env["voip.cdr"].ingest(switch.code, sent, rate_now=True)
            env.cr.commit()
            env.invalidate_all()
            times.append(clock.wall * 1000)
    return times[3:]


def measure_lookups(options):
    """{look-up: worst of nine, milliseconds}."""
    with common.environment(options.db) as env:
        viewer = grow.viewer(env)
        found = {}
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
