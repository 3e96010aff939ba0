"""A file of call records, rated on both sides, charged and stored, against two bare
COPYs: of the file's lines as text into one table with a bigint primary key, which no
layout of ours changes, and of the very rows it made into the same tables and indexes.

The rating runs in a process of its own, so that its memory is its own. The second
baseline is a copy of the database from before; the rows are dumped with COPY TO and
copied back table by table in one transaction. Prints the medians of the runs.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common
from generator import FIELDS, write_csv

CALL_TABLES = ("voip_cdr_row", "voip_cdr_key", "voip_usage_row")
TABLES = (*CALL_TABLES, "voip_usage_summary")


def main():
    options = common.parser(__doc__, 1_000_000)
    options.add_argument("--runs", type=int, default=3, help="of both sides")
    options.add_argument("--rate", metavar="FILE", help="only rate FILE into --db")
    options.add_argument("--profile", help="write a cProfile of the rating")
    options = options.parse_args()
    if options.rate:
        print(json.dumps(rate_file(options)))
        return
    with common.database("bench_cdr_file", options) as database:
        with tempfile.TemporaryDirectory(prefix="voip-bench-") as folder:
            measure(options, database, Path(folder))


def measure(options, database, folder):
    source = folder / "calls.csv"
    write_csv(source, common.World(options).records(options.records), FIELDS)
    common.show("records", options.records, digits=0)
    common.show("file", source.stat().st_size / 1e6, "MB", 1)
    ours, bare, lines, sizes = [], [], [], {}
    work, base = f"{database}_work", f"{database}_base"
    try:
        for _run in range(options.runs):
            common.copy_database(database, work)
            common.copy_database(database, base)
            ours.append(rate_in_process(options, work, source))
            dump(work, folder)
            bare.append(load(base, folder))
            lines.append(load_lines(base, source))
            sizes = {table: growth(table, work) for table in TABLES}
    finally:
        if not options.keep:
            common.drop_database(work)
        common.drop_database(base)
    report(options, ours, bare, lines, sizes)


def rate_in_process(options, database, source):
    command = [sys.executable, __file__, f"--rate={source}", f"--db={database}"]
    if options.profile:
        command.append(f"--profile={options.profile}")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def rate_file(options):
    """Take the file in as the upload does and work it off; a dict of figures."""
    with common.environment(options.db) as env:
        switch = env["voip.switch"].search([("code", "=", "bench")])
        env.cr.execute("CHECKPOINT")
        forget_files(options.db)
        idle = common.peak_megabytes()
        with common.Clock() as clock, profiled(options.profile):
            data = Path(options.rate).read_bytes()
            batch = env["voip.cdr.batch"]._take_file(switch, data, "calls.csv")
            del data
            batch.flush_recordset()
            env.cr.commit()
            env.invalidate_all()
            start = time.perf_counter()
            batch._work()
            work = time.perf_counter() - start
        server = server_cpu(env.cr)
        counts = batch.read(
            ["state", "message", "rated", "zero_rated", "duplicates", "in_error"]
        )[0]
    if counts["state"] != "done":
        sys.exit(f"the batch is {counts['state']}: {counts['message']}")
    return {
        **counts,
        "wall": clock.wall,
        "work": work,
        "cpu": clock.cpu,
        "server": server,
        "idle": idle,
        "peak": common.peak_megabytes(),
    }


def forget_files(database):
    """A file that is stored already is compared, which a new one is not."""
    from odoo.tools import config

    shutil.rmtree(config.filestore(database), ignore_errors=True)


def server_cpu(cr):
    """Processor seconds of all connections to this database so far."""
    cr.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    return sum(common.backend_cpu(pid) for (pid,) in cr.fetchall())


class profiled:
    """cProfile of a block into ``path``; nothing without a path."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        if self.path:
            import cProfile

            self.profile = cProfile.Profile()
            self.profile.enable()

    def __exit__(self, *_error):
        if self.path:
            self.profile.disable()
            self.profile.dump_stats(self.path)


# === Baseline === #


def columns(cr, table):
    """Columns that a COPY may write."""
    cr.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)"
        "  FROM pg_attribute WHERE attrelid = %s::regclass"
        "   AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    return cr.fetchone()[0]


def dump(database, folder, tables=TABLES):
    connection = common.connect(database)
    with connection.cursor() as cr:
        for table in tables:
            names = columns(cr, table)
            with open(folder / table, "wb") as stream:
                cr.copy_expert(
                    f"COPY (SELECT {names} FROM {table}) TO STDOUT", stream, 1 << 20
                )
    connection.close()


def load(database, folder, tables=TABLES):
    """Seconds of COPY FROM of all tables, committed."""
    connection = common.connect(database)
    with connection.cursor() as cr:
        cr.execute("CHECKPOINT")
    connection.autocommit = False
    figures, start = {}, time.perf_counter()
    with connection.cursor() as cr:
        for table in tables:
            begun = time.perf_counter()
            with open(folder / table, "rb") as stream:
                cr.copy_expert(
                    f"COPY {table} ({columns(cr, table)}) FROM STDIN", stream, 1 << 20
                )
            figures[table] = time.perf_counter() - begun, cr.rowcount
    connection.commit()
    wall = time.perf_counter() - start
    cpu = common.backend_cpu(connection.get_backend_pid())
    connection.close()
    return {"wall": wall, "cpu": cpu, "tables": figures}


def load_lines(database, source):
    """Seconds of COPY FROM of the file's lines into a table without layout."""
    connection = common.connect(database)
    with connection.cursor() as cr:
        cr.execute("CREATE TABLE bench_line (id bigserial PRIMARY KEY, line text)")
        cr.execute("CHECKPOINT")
        with open(source, "rb") as stream:
            start = time.perf_counter()
            # A byte that no line has: each is one text.
            cr.copy_expert(
                "COPY bench_line (line) FROM STDIN"
                " (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')",
                stream,
                1 << 20,
            )
            wall = time.perf_counter() - start
        cr.execute("DROP TABLE bench_line")
    connection.close()
    return wall


def growth(table, work):
    """(bytes of rows, bytes of indexes, rows) of a table in ``work``."""
    size = """
        SELECT sum(pg_table_size(c)), sum(pg_indexes_size(c))
          FROM (SELECT %s::regclass UNION ALL
                SELECT inhrelid FROM pg_inherits WHERE inhparent = %s::regclass) t(c)
    """
    ((heap, indexes),) = common.sql(work, size, [table, table])
    ((rows,),) = common.sql(work, f"SELECT count(*) FROM {table}")
    return int(heap), int(indexes), rows


def report_sizes(sizes):
    """Bytes of each table for each call that is stored."""
    calls = sizes[CALL_TABLES[0]][2]
    for table, (heap, indexes, rows) in sizes.items():
        common.show(f"bytes per call, {table} ({rows:,} rows)", heap / calls, "rows", 0)
        common.show("", indexes / calls, "indexes", 0)
    total = sum(sum(sizes[table][:2]) for table in CALL_TABLES)
    common.show("bytes per stored and rated call (bar 500, goal 450)", total / calls)


def report(options, ours, bare, lines, sizes):
    last = ours[-1]
    for name in ("rated", "zero_rated", "duplicates", "in_error"):
        common.show(name, last[name], digits=0)
    for table, (seconds, rows) in bare[-1]["tables"].items():
        common.show(f"bare COPY {table} ({rows:,} rows)", seconds, "s")
    mine = statistics.median(run["wall"] for run in ours)
    theirs = statistics.median(run["wall"] for run in bare)
    report_sizes(sizes)
    yardstick = statistics.median(lines)
    common.show("COPY of the file's lines", yardstick, "s")
    common.show("bare COPY, all", theirs, "s")
    common.show("  processor, server", bare[-1]["cpu"], "s")
    common.show("take file, rate, charge, persist", mine, "s")
    common.show("  processor, own process", last["cpu"], "s")
    common.show("  processor, server", last["server"], "s")
    common.show("records per second", options.records / mine, digits=0)
    common.show("peak memory of the process (bar 700)", last["peak"], "MB", 0)
    common.show("  before the file", last["idle"], "MB", 0)
    common.show("ratio to COPY of the lines (bar 7, goal 5)", mine / yardstick)
    common.show("ratio to bare COPY of our rows (bar 1.3)", mine / theirs)


if __name__ == "__main__":
    main()
