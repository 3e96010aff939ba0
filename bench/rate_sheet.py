"""Import of a rate sheet: parse, preview, apply, undo, beside a bare COPY of the rates.

python bench/rate_sheet.py --rows 200000
"""

import base64
import io
import random
import resource
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from common import SEED, drop_database, environment, make_database, parser

SHEETS = ("first", "second")


def main():
    options = parser("Import of a rate sheet", 0)
    options.add_argument("--rows", type=int, default=200_000)
    options = options.parse_args()
    name = options.db or make_database("voip_test_rate_sheet", options)
    try:
        with environment(name) as env:
            run(env, options)
    finally:
        if not (options.db or options.keep):
            drop_database(name)


def sheet(rows, factor):
    """Bytes of a CSV: ``rows`` codes, one in ten with another price each time."""
    source = random.Random(SEED)
    lines = ["Code;Destination;Rate;Increments;Effective date"]
    for place in range(rows):
        price = source.randrange(100, 900_000)
        if place % 10 == 0:
            price = int(price * factor)
        code = 1_000_000_0 + place * 40
        day = f"2027-03-{place % 27 + 1:02}"
        rate = f"{price / 1_000_000:.6f}"
        lines.append(f"{code};Zone {place % 900};{rate};60/6;{day}")
    return "\n".join(lines).encode()


def run(env, options):
    deck = env["voip.rate.deck"].create(
        {"name": "Bench", "code": f"bench-{time.time_ns()}", "tz": "UTC"}
    )
    bare = 0
    for place, step in enumerate(SHEETS):
        data = sheet(options.rows, 1 + place / 10)
        found = env["voip.rate.import"].create(
            {"deck_id": deck.id, "file": base64.b64encode(data), "file_name": step}
        )
        times = {"preview": clock(found._preview), "apply": clock(found._apply)}
        bare = bare or clock(lambda: copy_bare(env, deck))
        times["parse"] = clock(partial(parse, found))
        report(step, options.rows, times, bare)
    print(f"undo {clock(found._undo):.2f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of the process {memory} MB")
    env.cr.rollback()


def parse(found):
    """Read the file alone, without the database."""
    from odoo.addons.voip_rating.imports.lines import Lines
    from odoo.addons.voip_rating.imports.work import Work

    work = Work(found)
    for _line in work._reader().lines(work._typed(), Lines()):
        pass


def copy_bare(env, deck):
    """The deck's rates into a table of the same columns and indexes."""
    buffer = io.BytesIO()
    cr = env.cr._obj
    cr.copy_expert(
        f"COPY (SELECT * FROM voip_rate WHERE deck_id = {deck.id}) TO STDOUT", buffer
    )
    cr.execute("CREATE TEMP TABLE bare (LIKE voip_rate INCLUDING INDEXES)")
    buffer.seek(0)
    cr.copy_expert("COPY bare FROM STDIN", buffer)


def clock(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(step, rows, times, bare):
    both = times["preview"] + times["apply"]
    each = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items())
    print(
        f"{step} sheet, {rows:,} rows: {each}; preview and apply {both:.2f} s ="
        f" {both / bare:.1f} times a bare COPY of the rates ({bare:.2f} s)",
        flush=True,
    )


if __name__ == "__main__":
    main()
