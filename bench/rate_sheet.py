"""Import of a rate sheet: parse, preview, apply, undo, beside two bare copies.

One COPY of the rates goes into a table with their columns and indexes, one into the
table of rates itself, whose foreign keys PostgreSQL checks row by row.

python bench/rate_sheet.py --rows 200000 --kind xlsx
python bench/rate_sheet.py --rows 60000 --mode full
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

import xlsxwriter
from common import SEED, drop_database, environment, make_database, parser

SHEETS = ("first", "second")


def main():
    options = parser("Import of a rate sheet", 0)
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--kind", choices=("xlsx", "csv"), default="xlsx")
    options.add_argument("--mode", choices=("partial", "full"), default="partial")
    options = options.parse_args()
    name = options.db or make_database("voip_test_rate_sheet", options)
    try:
        with environment(name) as env:
            run(env, options)
    finally:
        if not (options.db or options.keep):
            drop_database(name)


def lines(rows, factor):
    """Cells of each line: ``rows`` codes, one in ten with another price each time.

    One in a hundred is another code each time, so that a full sheet closes codes.
    """
    source = random.Random(SEED)
    yield "Code", "Destination", "Rate", "Increments", "Effective date"
    for place in range(rows):
        price = source.randrange(100, 900_000)
        if place % 10 == 0:
            price = int(price * factor)
        code = 1_000_000_0 + place * 40
        if place % 100 == 1:
            code += int(factor * 10)
        day = f"2027-03-{place % 27 + 1:02}"
        yield str(code), f"Zone {place % 900}", price / 1_000_000, "60/6", day


def sheet(kind, rows, factor):
    """Bytes of a file."""
    if kind == "csv":
        made = (";".join(map(str, line)) for line in lines(rows, factor))
        return "\n".join(made).encode()
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"constant_memory": True}) as book:
        page = book.add_worksheet("Rates")
        for place, line in enumerate(lines(rows, factor)):
            page.write_row(place, 0, line)
    return data.getvalue()


def run(env, options):
    deck = env["voip.rate.deck"].create(
        {"name": "Bench", "code": f"bench-{time.time_ns()}", "tz": "UTC"}
    )
    bare = ()
    for place, step in enumerate(SHEETS):
        data = sheet(options.kind, options.rows, 1 + place / 10)
        found = env["voip.rate.import"].create(
            {
                "deck_id": deck.id,
                "file": base64.b64encode(data),
                "file_name": f"{step}.{options.kind}",
                "mode": options.mode,
            }
        )
        times = {"preview": clock(found._preview), "apply": clock(found._apply)}
        bare = bare or copy_bare(env, deck)
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
    """Seconds of a COPY of the deck's rates: into a table like theirs, into theirs."""
    twin = deck.copy({"code": f"{deck.code}-2"})
    env.flush_all()
    cr = env.cr._obj
    cr.execute("SELECT string_agg(attname, ', ') FROM pg_attribute"
               " WHERE attrelid = 'voip_rate'::regclass AND attnum > 0"
               " AND NOT attisdropped AND attname NOT IN ('id', 'deck_id')")
    columns = cr.fetchone()[0]
    buffer = io.BytesIO()
    cr.copy_expert(
        f"COPY (SELECT nextval('voip_rate_id_seq'), {twin.id}, {columns}"
        f" FROM voip_rate WHERE deck_id = {deck.id}) TO STDOUT",
        buffer,
    )
    cr.execute("CREATE TEMP TABLE bare (LIKE voip_rate INCLUDING INDEXES)")
    return tuple(
        clock(partial(copy_in, cr, f"{table} (id, deck_id, {columns})", buffer))
        for table in ("bare", "voip_rate")
    )


def copy_in(cr, target, buffer):
    buffer.seek(0)
    cr.copy_expert(f"COPY {target} FROM STDIN", buffer)


def clock(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(step, rows, times, bare):
    both = times["preview"] + times["apply"]
    each = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items())
    alone, real = bare
    print(
        f"{step} sheet, {rows:,} rows: {each}; preview and apply {both:.2f} s ="
        f" {both / alone:.1f} times a bare COPY of the rates ({alone:.2f} s),"
        f" {both / real:.1f} times one into their table ({real:.2f} s)",
        flush=True,
    )


if __name__ == "__main__":
    main()
