"""Three files of each of 10,000 invoices, by a run in the background.

One invoice is posted by Odoo; plain SQL copies it. A run makes PDF, XLSX and CSV of all
copies piece by piece, as its scheduled action does; some invoices are broken on purpose
and must be named while the rest goes on. Printed: files per second as it goes, memory
of the process and of its workers, what became of the broken ones.
"""

import time
from datetime import date
from pathlib import Path

import common
from growth_accounts import copies, next_id

LINES, BROKEN = 30, 3
STEP = 1000


def main():
    options = common.parser(__doc__, 10_000)
    options.add_argument("--lines", type=int, default=LINES)
    options.add_argument("--workers", type=int, default=0)
    options = options.parse_args()
    name = options.db or common.make_database(
        "bench_documents_run", options, "voip_documents"
    )
    try:
        with common.environment(name) as env:
            move = seed(env, options.lines)
        with common.Clock() as clock:
            grow(name, options.records, *move)
        common.show("invoices grown by SQL in", clock.wall, "s", 1)
        with common.environment(name) as env:
            measure(env, move[0], options)
    finally:
        if not (options.db or options.keep):
            common.drop_database(name)


def seed(env, count):
    """(id of an invoice, ids of its lines)."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    partner = env["res.partner"].create({"name": "Many", "email": "x@many.example"})
    account = env["voip.account"].create({"name": "Many", "partner_id": partner.id})
    lines = [
        {"name": f"Place {n} mobile", "quantity": n + 1, "price_unit": 1.25 + n}
        for n in range(count)
    ]
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "voip_account_id": account.id,
            "invoice_date": date.today(),
            "invoice_line_ids": [(0, 0, {**line, "tax_ids": []}) for line in lines],
        }
    )
    move.action_post()
    return move.id, move.line_ids.ids


def grow(database, count, move, lines):
    """Copy the invoice ``count - 1`` times."""
    parts = [
        f"CREATE TEMP TABLE grown AS SELECT n, {next_id('account_move')}::int AS move"
        f" FROM generate_series(2, {count}) n;",
        copies(
            "account_move",
            f"model.id = {move}",
            id="grown.move",
            name="'BENCH/' || n",
            sequence_number="n",
            payment_reference="'BENCH/' || n",
        ),
        copies(
            "account_move_line",
            f"model.id = ANY(ARRAY{lines})",
            id=next_id("account_move_line"),
            move_id="grown.move",
            move_name="'BENCH/' || n",
        ),
    ]
    replica = "SET session_replication_role = replica;"
    common.sql(database, "\n".join((replica, *parts)))
    common.sql(database, "VACUUM ANALYZE")


def measure(env, model, options):
    account = env["account.move"].browse(model).voip_account_id
    moves = env["account.move"].search([("voip_account_id", "=", account.id)])
    # Opened again since they were chosen: no document can be made of them.
    broken = moves[: BROKEN * STEP : STEP] if len(moves) > STEP else moves[:BROKEN]
    env.cr.execute(
        "UPDATE account_move SET state = 'draft' WHERE id = ANY(%s)", [broken.ids]
    )
    if options.workers:
        parameters = env["ir.config_parameter"]
        parameters.set_param("voip_documents.workers", options.workers)
    run = env["voip.document.run"]._start(moves)
    env.cr.commit()
    env.invalidate_all()
    pool = env["voip.document.template"]._pool()
    start, done, told = time.perf_counter(), 0, 0
    while run.state == "running":
        done += run._work()
        env.cr.commit()
        env.invalidate_all()
        if done - told >= STEP or run.state != "running":
            told, seconds = done, time.perf_counter() - start
            show(done, 3 * done / seconds, run.progress, pool)
    total = time.perf_counter() - start
    common.show("invoices a second", done / total)
    common.show("files a second", 3 * run.done_count / total)
    common.show("peak memory of the process", common.peak_megabytes(), "MB", 0)
    names = [line.move_id.id for line in run.line_ids.filtered("fault")]
    if sorted(names) != sorted(broken.ids):
        raise SystemExit("the broken invoices are not those that failed")
    common.show("broken on purpose, each named", len(names), digits=0)


def show(done, rate, progress, pool):
    memory = resident("self")
    workers = [resident(worker.process.pid) for worker in pool.idle]
    print(
        f"{done:>8,} invoices {progress:5.1f} % {rate:8.1f} files/s"
        f" {memory:6.0f} MB, workers {', '.join(f'{one:.0f}' for one in workers)} MB",
        flush=True,
    )


def resident(process):
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
