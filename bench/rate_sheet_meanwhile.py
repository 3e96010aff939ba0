"""Calls are rated while a sheet of 200,000 codes comes into their very deck.

One process takes in and rates batches of 1,000 records without a pause, another one
previews and applies the sheet. Told is how many batches a second were rated alone, in
the preview and in the apply, and how long one waited at most. The machine has two
cores or more: each process keeps one of them busy.

python bench/rate_sheet_meanwhile.py --rows 200000
"""

import base64
import subprocess
import sys
import threading
import time
from itertools import pairwise

import common
import rate_sheet
from generator import Faults
from growth_batches import Side

SIZE = 1_000
ALONE_SECONDS = 20
WARM_UP = 5
PHASES = ("preview", "apply")


def main():
    options = common.parser(__doc__, 0)
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--batches", type=int, default=600, help="at most")
    options.add_argument("--rate-in", help="of this script itself")
    options = options.parse_args()
    if options.rate_in:
        rate(options)
        return
    with common.database("bench_sheet_meanwhile", options) as database:
        measure(options, database)


def rate(options):
    """Take in and rate batches; a line with the time after each."""
    records = common.World(options).records(SIZE * options.batches, Faults(0, 0, 0))
    with common.environment(options.rate_in) as env:
        side = Side(env)
        for _batch in range(options.batches):
            side.put([next(records) for _row in range(SIZE)])
            print(time.time(), flush=True)


def measure(options, database):
    command = [sys.executable, __file__, "--rate-in", database]
    command += ["--batches", str(options.batches)]
    command += ["--accounts", str(options.accounts)]
    command += ["--prefixes", str(options.prefixes)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    done = []
    reader = threading.Thread(
        target=lambda: done.extend(float(line) for line in child.stdout), daemon=True
    )
    reader.start()
    try:
        while len(done) < WARM_UP:
            if child.poll() is not None:
                sys.exit("nothing is rated")
            time.sleep(0.2)
        spans = {"alone": (time.time(), time.time() + ALONE_SECONDS)}
        time.sleep(ALONE_SECONDS)
        spans |= bring(options, database)
        if child.poll() is not None:
            sys.exit("too few batches: raise --batches")
    finally:
        child.kill()
        child.wait()
    report(spans, done)


def bring(options, database):
    """{phase: (begin, end)} of a sheet into the deck that rates."""
    data = rate_sheet.sheet("xlsx", options.rows, 1)
    spans = {}
    with common.environment(database) as env:
        deck = env["voip.rate.deck"].search([("code", "=", "SALE")])
        found = env["voip.rate.import"].create(
            {
                "deck_id": deck.id,
                "file": base64.b64encode(data),
                "file_name": "sheet.xlsx",
            }
        )
        env.cr.commit()
        for phase in PHASES:
            begin = time.time()
            getattr(found, f"_{phase}")()
            env.cr.commit()
            spans[phase] = (begin, time.time())
    return spans


def report(spans, done):
    speeds = {}
    for phase, (begin, end) in spans.items():
        within = [moment for moment in done if begin <= moment <= end]
        speeds[phase] = len(within) * SIZE / (end - begin)
        common.show(f"{phase}, seconds", end - begin, "s", 1)
        common.show("  records rated a second", speeds[phase], digits=0)
        if phase != "alone":
            ratio = speeds[phase] / speeds["alone"]
            common.show("  of those alone", 100 * ratio, "%", 0)
        moments = [begin, *within, end]
        waits = [after - before for before, after in pairwise(moments)]
        common.show("  longest between two batches", max(waits), "s")


if __name__ == "__main__":
    main()
