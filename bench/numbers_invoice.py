"""All numbers at one customer: his invoice and its annex.

100,000 numbers are at one account since the first of last month: that month and the
present one, in advance, are charged and invoiced by a billing run. The paper names the
annex, a file of a row for each number and month. Then half of the numbers are released
and their days given back.
"""

from datetime import date, timedelta

import common
import numbers_run

LISTED = 50
LAST = (date.today().replace(day=1) - timedelta(days=1)).replace(day=1)


def main():
    options = common.parser(__doc__, 100_000)
    options.set_defaults(accounts=1)
    options = options.parse_args()
    modules = "voip_did,voip_did_documents"
    name = options.db or common.make_database("bench_invoice", options, modules)
    try:
        if not options.db:
            with common.environment(name) as env:
                numbers_run.seed(env, options)
                env.cr.execute("UPDATE voip_did_assignment SET date_start = %s", [LAST])
            common.sql(name, "VACUUM ANALYZE")
        with common.environment(name) as env:
            measure(env, options)
    finally:
        if not (options.db or options.keep):
            common.drop_database(name)


def measure(env, options):
    account = env["voip.account"].search([])
    common.show("numbers of one customer", options.records, digits=0)
    timed(env, "rental run", lambda: numbers_run.run(env))
    move = timed(env, "billing run: the invoice", lambda: bill(env, account))
    lines = move.invoice_line_ids.filtered(lambda x: x.display_type == "product")
    common.show("  lines of it", len(lines), digits=0)
    if len(lines) > LISTED:
        raise SystemExit(f"{len(lines)} lines: too many for a paper")
    kind = env["voip.document.kind.invoice"]
    data = timed(env, "its paper", lambda: kind._data(kind._of_move(move)))
    print("  " + data["notes"][-1])
    rows, size = timed(env, "its annex", lambda: annex(move))
    common.show("  rows of it", rows, digits=0)
    common.show("  size of it", size / 2**20, "MB", 1)
    timed(env, "half of the numbers released", lambda: release(env))
    common.show("peak memory", common.peak_megabytes(), "MB", 0)
    results = env["voip.check"].run()
    if broken := [r for r in results if r["violations"]]:
        raise SystemExit(f"invariants are broken: {broken}")


def timed(env, title, work):
    """What ``work`` returns; its wall and processor seconds are shown."""
    pid = env.cr._cnx.get_backend_pid()
    before = common.backend_cpu(pid)
    with common.Clock() as clock:
        found = work()
        env.cr.commit()
    common.show(title, clock.wall, "s", 2)
    common.show("  cpu", clock.cpu, "s", 2)
    common.show("  cpu of PostgreSQL", common.backend_cpu(pid) - before, "s", 2)
    return found


def bill(env, account):
    """The posted invoice of last month."""
    run = env["voip.billing.run"].create({"account_ids": [(6, 0, account.ids)]})
    run.action_run()
    if errors := run.line_ids.filtered(lambda x: x.state == "error"):
        raise SystemExit(errors.mapped("message"))
    return run.line_ids.move_id


def annex(move):
    """(rows, bytes) of the file with every number."""
    _name, format_, file, size, _digest = move._voip_numbers_file()
    with file:
        if format_ == "zip":
            import zipfile

            with zipfile.ZipFile(file) as packed:
                (one,) = packed.namelist()
                return packed.read(one).count(b"\n") - 1, size
        return file.read().count(b"\n") - 1, size


def release(env):
    """End half of the assignments on the first of the month: days are given back."""
    env.cr.execute(
        "UPDATE voip_did_assignment SET date_end = %s WHERE id %% 2 = 0",
        [date.today().replace(day=1)],
    )
    # The run has a transaction of its own.
    env.cr.commit()
    env.invalidate_all()
    numbers_run.run(env)


if __name__ == "__main__":
    main()
