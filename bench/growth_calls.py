"""A batch on 20,000,000 stored calls of 15 months against the same on 1,000,000.

The calls are made by SQL: rated on both sides, in batches, with keys and summaries; all
months but two are sealed. Then calls are looked up as a viewer does, the worst of nine
tries each, and the invariants run, those of every day and those of every month.
"""

import argparse
import sys

import common
import growth_batches
import growth_sql as grow
from generator import Faults

BAR = 1.1


def measure(options):
    few = argparse.Namespace(**{**vars(options), "accounts": common.ACCOUNTS})
    with common.database("bench_growth", few) as source:
        short, long = f"{source}_short", f"{source}_long"
        try:
            common.copy_database(source, short)
            common.copy_database(source, long)
            with common.Clock() as clock:
                grow.calls(short, options.few_calls, 1)
                grow.calls(long, options.calls, options.months)
            common.show("calls made by SQL in", clock.wall, "s", 0)
            with common.Clock() as clock:
                grow.seal(long, options.months)
            common.show(f"{options.months - 2} months sealed in", clock.wall, "s", 0)
            compare(few, options, short, long)
            look_up(long)
            check(long)
        finally:
            if not options.keep:
                common.drop_database(short)
                common.drop_database(long)


def compare(few, options, short, long):
    count = options.runs + growth_batches.WARM_UP
    size = options.records
    records = common.World(few).records(size * count, Faults(0, 0, 0))
    batches = [[next(records) for _row in range(size)] for _batch in range(count)]
    sides = growth_batches.take_turns((short, long), batches)
    medians = [
        growth_batches.show(f"on {calls:,} calls, median of {options.runs}", side)
        for calls, side in zip((options.few_calls, options.calls), sides, strict=True)
    ]
    common.show(f"ratio (at most {BAR})", medians[1] / medians[0])


def look_up(database):
    """Worst milliseconds of each look-up."""
    with common.environment(database) as env:
        viewer, found = grow.viewer(env), {}
        for model, names in grow.SHOWN.items():
            env[model].with_user(viewer).search([], limit=1).read(names)  # warms up
        for name, model, domain in grow.lookups(env):
            with common.Clock() as clock:
                records = env[model].with_user(viewer)
                # One query, as the pages of the client ask.
                shown = grow.SHOWN[model]
                records = records.search_fetch(domain, shown, limit=80)
                if not records.read(shown):
                    sys.exit(f"{name}: {domain} finds nothing")
            env.invalidate_all()
            found.setdefault(name, []).append(clock.wall * 1000)
    for name, times in found.items():
        common.show(f"{name}, worst of {len(times)}", max(times), "ms", 1)


def check(database):
    """Seconds of the invariants of every day, and of those of every month."""
    with common.environment(database) as env, common.Clock() as clock:
        env["voip.witness"]._cron_witness()
    common.show("witness of all", clock.wall, "s")
    for name, full in (("daily check (at most 10)", False), ("check --full", True)):
        with common.environment(database) as env, common.Clock() as clock:
            results = env["voip.check"].run(full=full)
        broken = [row["name"] for row in results if row["violations"]]
        if broken:
            sys.exit(f"{name}: {broken}")
        common.show(name, clock.wall, "s")
