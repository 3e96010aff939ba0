"""A supplier's file of call records, streamed into the table of an invoice.

The file is CSV in gzip. Baseline: COPY of the very rows into a table without index.

python bench/audit_file.py --records 1000000
"""

import gzip
import io
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent))

import common

DATABASE = "bench_audit_file"
NAMES = {"amount": "amount", "rate": "rate", "prefix": "prefix"}
HEADER = "call_id,caller,called,start,duration,answered,amount,rate,prefix\n"
BEGIN = datetime(2026, 10, 1)


def main():
    options = common.parser(__doc__, 1_000_000).parse_args()
    name = options.db or common.make_database(DATABASE, options, "voip_supplier_audit")
    try:
        data = file_of(options.records)
        common.show("file", len(data) / 1e6, "MB", 1)
        with common.environment(name) as env:
            before = common.peak_megabytes()
            invoice = invoice_of(env)
            begun = perf_counter()
            result, stored, known = invoice._take_file(data, "calls.csv", None, NAMES)
            seconds = perf_counter() - begun
            assert (stored, known) == (options.records, 0), (stored, known)
            assert not result.faulty, result.faults[:3]
            common.show("taken in", seconds, "s", 1)
            common.show("records a second", stored / seconds, "", 0)
            common.show("memory before", before, "MB", 0)
            common.show("memory at most", common.peak_megabytes(), "MB", 0)
            common.show("ratio to a COPY of the rows", seconds / copied(env))
            invoice.unlink()
    finally:
        if not (options.db or options.keep):
            common.drop_database(name)


def file_of(count):
    rng, out = random.Random(5), io.BytesIO()
    with gzip.open(out, "wt", 1) as file:
        file.write(HEADER)
        for number in range(count):
            start = BEGIN + timedelta(seconds=rng.randrange(30 * 86_400))
            seconds = rng.randrange(1, 600)
            file.write(
                f"id-{number},4930{rng.randrange(10**7):07},44207{rng.randrange(10**6)},"
                f"{start:%Y-%m-%dT%H:%M:%SZ},{seconds},1,{seconds * 0.0001:.6f},"
                "0.006,44207\n"
            )
    return out.getvalue()


def invoice_of(env):
    partner = env["res.partner"].create({"name": "File"})
    return env["voip.supplier.invoice"].create(
        {
            "partner_id": partner.id,
            "number": f"FILE-{perf_counter()}",
            "period_start": "2026-10-01",
            "period_end": "2026-10-31",
            "total": 0.0,
            "tz": "UTC",
        }
    )


def copied(env):
    """Seconds of a COPY of the rows out of their table, and into another one."""
    cr, rows = env.cr._obj, io.BytesIO()
    cr.copy_expert("COPY (SELECT * FROM voip_supplier_record_row) TO STDOUT", rows)
    cr.execute("CREATE TEMP TABLE copied (LIKE voip_supplier_record_row)")
    rows.seek(0)
    begun = perf_counter()
    cr.copy_expert("COPY copied FROM STDIN", rows, size=1 << 20)
    return perf_counter() - begun


if __name__ == "__main__":
    main()
