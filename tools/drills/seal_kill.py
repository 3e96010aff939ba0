"""Killed at every step from a stored call to its sealed month: done or not at all.

SIGKILL of the process, and the session cut by PostgreSQL, before each statement, COPY
and commit and after each commit; then a real server, killed while it seals.
"""

import itertools
import time

import common
from common import Failed, World, check, expect, ingest, query, tell
from server import Server
from steps import COMMIT, COMMITTED, cut_at, killed_at

SIZE = 20
# Two months ago at the least, so that their month is sealed on any day.
DAYS = 65
WAIT_SECONDS = 60
STEPS = {
    "a summary closed": "UPDATE voip_usage_summary",
    "usage hashed": "SELECT COALESCE(sum(rows)",
    "the seal written": "INSERT INTO voip_audit",
    "right before a commit": COMMIT,
    "right after a commit": COMMITTED,
}
SEALED = """
SELECT count(DISTINCT data::json ->> 'month'), count(*) FROM voip_audit
 WHERE event = 'month_sealed' AND company_id = %s
"""
UNSEALED = """
SELECT count(*) FILTER (WHERE COALESCE(seal_id, 0) = 0), count(*)
  FROM voip_usage_summary WHERE company_id = %s
"""
SLOW = """
CREATE FUNCTION drill_slow_seal() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN IF NEW.event = 'month_sealed' THEN PERFORM pg_sleep(60); END IF;
RETURN NULL; END$$;
CREATE CONSTRAINT TRIGGER drill_slow_seal AFTER INSERT ON voip_audit
DEFERRABLE INITIALLY {when} FOR EACH ROW EXECUTE FUNCTION drill_slow_seal()
"""
QUICK = """
DROP TRIGGER drill_slow_seal ON voip_audit;
DROP FUNCTION drill_slow_seal()
"""
SLEEPS = """
SELECT count(pg_terminate_backend(pid)) FILTER (WHERE %s), count(*)
  FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
"""


def at_every_step(registry, strike, work, whole):
    """Strike ``work`` at its first step, its second and so on, until it gets through.

    Where only some steps are struck, at those.

    :param whole: called after each blow; raises when something is half done
    :return: the steps
    """
    struck = []
    while step := strike(common.place(len(struck)), work):
        struck.append(step)
        settle(registry)
        whole()
        expect(len(struck) < 1_000, True, "gets through")
    whole()
    return struck


def settle(registry):
    sql = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND application_name NOT LIKE %s"
        " AND xact_start IS NOT NULL"
    )
    end = time.monotonic() + 10
    while query(registry, sql, ["voip-drill%"])[0][0]:
        if time.monotonic() > end:
            raise Failed("sessions of the killed stay at work")
        time.sleep(0.01)


# === Store, rate, bill === #


def store(registry, world, strike, first):
    """Intake: the whole batch or nothing, and once when it is sent again."""
    records = [world.record(first + n, days=DAYS) for n in range(SIZE)]
    before = rows_of(registry, world, "voip_cdr_row")

    def work():
        with common.transaction(registry) as env:
            ingest(env, world, records)

    def whole():
        stored = rows_of(registry, world, "voip_cdr_row") - before
        expect(stored in (0, SIZE), True, f"{stored} records stored of {SIZE}")

    struck = at_every_step(registry, strike, work, whole)
    with common.transaction(registry) as env:
        answer = ingest(env, world, records)
    expect((answer["accepted"], answer["duplicates"]), (0, SIZE), "sent again")
    return struck


def rate(registry, world, strike):
    """Rating: all records of the batch charged, or none and the batch waits."""
    before = rows_of(registry, world, "voip_usage_row")
    sql = "SELECT state FROM voip_cdr_batch WHERE company_id = %s AND accepted > 0"

    def work():
        with common.transaction(registry) as env:
            env["voip.cdr.batch"]._cron_rate()

    def whole():
        charged = rows_of(registry, world, "voip_usage_row") - before
        expect(charged in (0, SIZE), True, f"{charged} calls charged of {SIZE}")
        states = {row[0] for row in query(registry, sql, [world.company])}
        expect("waiting" in states, not charged, "a batch waits")
        expect("failed" in states, False, "a batch failed")
        make_due(registry)

    return at_every_step(registry, strike, work, whole)


def make_due(registry):
    """The next try of what a cut put off is now."""
    with registry.cursor() as cr:
        cr.execute(
            "UPDATE voip_cdr_batch SET retry_at = now() AT TIME ZONE 'UTC'"
            " WHERE retry_at IS NOT NULL"
        )


def rows_of(registry, world, table):
    sql = f"SELECT count(*) FROM {table} WHERE company_id = %s"
    return query(registry, sql, [world.company])[0][0]


def bill(registry, world):
    with common.transaction(registry) as env:
        run = env["voip.billing.run"].create({"account_ids": [(6, 0, world.accounts)]})
        run.action_run()
        states = run.line_ids.mapped("state")
        expect(states, ["invoiced"], f"lines ({run.line_ids.message})")


# === Seal === #


def run_seal(registry):
    with common.transaction(registry) as env:
        env["voip.seal"]._cron_seal()


def seal(registry, world, strike):
    """Sealing: each month sealed once or not at all; what a blow leaves goes on."""
    blows = itertools.count(1)

    def whole():
        months, seals = query(registry, SEALED, [world.company])[0]
        expect(seals, months, "seals of each month")
        unsealed, count = query(registry, UNSEALED, [world.company])[0]
        expect(unsealed, 0 if seals else count, "summaries that no seal covers")
        check(registry, quiet=True, full=next(blows) % 5 == 0)

    struck = at_every_step(registry, strike, lambda: run_seal(registry), whole)
    sealed_all(registry, world)
    for what, text in STEPS.items() if common.EVERY == 1 else ():
        expect(any(step.startswith(text) for step in struck), True, what)
    return struck


def sealed_all(registry, world):
    months, seals = query(registry, SEALED, [world.company])[0]
    expect(months >= 1 and months == seals, True, f"{seals} seals of {months} months")
    expect(query(registry, UNSEALED, [world.company])[0][0], 0, "unsealed summaries")
    run_seal(registry)
    expect(query(registry, SEALED, [world.company])[0], (months, seals), "repeated")
    check(registry, quiet=True, full=True)


# === A real server === #


def kill_server(registry, database, world):
    """A server is killed while it seals, and seals when it is started again."""
    mark(registry)
    for when in ("IMMEDIATE", "DEFERRED"):
        execute(registry, SLOW.format(when=when))
        with Server(database, workers=0) as server:
            wake(registry)
            until(registry, lambda: query(registry, SLEEPS, [False])[0][1], "sealing")
            server.process.kill()
            server.process.wait()
            query(registry, SLEEPS, [True])
            until(registry, lambda: not query(registry, SLEEPS, [False])[0][1], "end")
            execute(registry, QUICK)
            settle_all(registry)
            expect(query(registry, SEALED, [world.company])[0], (0, 0), "seals")
            check(registry, quiet=True, full=True)
    with Server(database, workers=0):
        wake(registry)
        until(
            registry,
            lambda: nothing_due(registry, world),
            "all months sealed by the server started again",
        )
    sealed_all(registry, world)


def nothing_due(registry, world):
    """Whether every month that ended is sealed: on most days more than one has."""
    with common.transaction(registry) as env:
        return not env["voip.seal"]._due(env["res.company"].browse(world.company))


def mark(registry):
    """What the run of the day before leaves: the records that are all written."""
    from odoo.addons.voip_rating.checks.voip_seal import MARK_SQL

    execute(registry, MARK_SQL)


def wake(registry):
    with common.transaction(registry) as env:
        env.ref("voip_billing_base.ir_cron_seal")._trigger()


def until(registry, done, what):
    end = time.monotonic() + WAIT_SECONDS
    while not done():
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {WAIT_SECONDS} s")
        time.sleep(0.05)


def settle_all(registry):
    time.sleep(0.2)
    settle(registry)


def execute(registry, sql):
    with registry.cursor() as cr:
        cr.execute(sql)


def drill(registry, name, what, strike):
    with common.company_of_its_own(registry, name):
        world = World(registry, name)
        counts = [len(store(registry, world, strike, 0))]
        counts.append(len(rate(registry, world, strike)))
        check(registry, quiet=True, full=True)
        bill(registry, world)
        counts.append(len(seal(registry, world, strike)))
    tell(
        "  {what} at {} steps of storing, {} of rating, {} of sealing: done or"
        " not at all, then done once".format(*counts, what=what)
    )


def main(database):
    registry = common.open_registry(database)
    drill(registry, "sealkill", "killed", killed_at)
    drill(registry, "sealcut", "session cut", cut_at)
    with common.company_of_its_own(registry, "sealserver"):
        world = World(registry, "sealserver")
        with common.transaction(registry) as env:
            records = [world.record(n, days=DAYS) for n in range(SIZE)]
            ingest(env, world, records, rate_now=True)
        bill(registry, world)
        kill_server(registry, database, world)
    tell(
        "  a server killed while it seals, in the middle and at its commit: sealed"
        " after the next start"
    )
    check(registry, full=True)


if __name__ == "__main__":
    common.run(main)
