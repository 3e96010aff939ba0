"""SIGKILL at random moments: acknowledged is stored, nothing is half, all resumes."""

import csv
import io
import os
import random
import signal
import time
from decimal import Decimal

import common
from common import (
    Failed,
    World,
    check,
    expect,
    fork,
    in_money_transaction,
    ingest,
    query,
    tell,
)

KILLS, LIMIT = 20, 80
SIZE = 150
FILE_ROWS = 60_000
ACCOUNTS = 210
PAID = Decimal("4.5")


# === Intake and rating === #


def kill_intake(registry, world, rng):
    """A sender resends until acknowledged; the one that serves it is killed."""
    acknowledged, kills, forks = {}, 0, 0
    while kills < common.share(KILLS):
        forks += 1
        expect(forks <= LIMIT, True, "killed in time")
        kills += serve(registry, world, acknowledged, rng.uniform(0.03, 0.6))
    serve(registry, world, acknowledged, 60, last=True)
    verify_intake(registry, world, acknowledged)
    tell(
        f"  {kills} kills in {forks} starts: {len(acknowledged)} batches of {SIZE}"
        " acknowledged and stored, none half"
    )


def serve(registry, world, acknowledged, seconds, last=False):
    """One child serves batches until it is killed; whether it was."""
    first = len(acknowledged)

    def work(send):
        for number in range(first, first + (1 if last else 1_000)):
            with common.transaction(registry) as env:
                answer = ingest(env, world, batch(world, number), number % 5 == 0)
            send(f"{number} {answer['accepted']} {answer['duplicates']}")
            if number % 4 == 3 or last:
                with common.transaction(registry) as env:
                    env["voip.cdr.batch"]._cron_rate()

    pid, pipe = fork(work)
    killed = common.kill_after(pid, seconds)
    for line in common.lines_of(pipe):
        number, accepted, duplicates = map(int, line.split())
        expect(accepted + duplicates, SIZE, f"records of batch {number}")
        expect(accepted in (0, SIZE), True, f"batch {number} is whole")
        acknowledged[number] = accepted
    return killed


def batch(world, number):
    return [
        world.record(number * SIZE + n, account=n % len(world.accounts))
        for n in range(SIZE)
    ]


def verify_intake(registry, world, acknowledged):
    stored = query(
        registry,
        "SELECT call_id FROM voip_cdr WHERE switch_id = %s",
        [world.switch],
    )
    calls = {f"call-{number}" for number in range(len(acknowledged) * SIZE)}
    expect(len(stored), len(calls), "records stored")
    expect({row[0] for row in stored} - calls, set(), "records nobody sent")
    charged = query(
        registry,
        "SELECT count(*) FROM voip_usage_row u JOIN voip_cdr_batch b"
        " ON b.id = u.batch_id WHERE b.switch_id = %s AND b.state = 'done'",
        [world.switch],
    )
    expect(charged[0][0], len(calls), "records charged")


# === A large file === #


def kill_file(registry, world):
    """The rating of a file is killed later each time, until it gets through."""
    with common.transaction(registry) as env:
        switch = env["voip.switch"].browse(world.switch)
        batch = env["voip.cdr.batch"]._take_file(switch, csv_file(world), "calls.csv")
        batch_id = batch.id

    def work(_send):
        with common.transaction(registry) as env:
            env["voip.cdr.batch"].browse(batch_id)._work()

    kills, seconds = 0, 0.1
    while True:
        pid, pipe = fork(work)
        killed = common.kill_after(pid, seconds)
        common.lines_of(pipe)
        settle(registry)
        rows = file_rows(registry, batch_id)
        expect(rows in ((0, 0), (FILE_ROWS,) * 2), True, f"{rows} is nothing or all")
        if not killed:
            break
        kills, seconds = kills + 1, seconds + 0.15
        expect(seconds < 60, True, "file rated in time")
    expect(file_rows(registry, batch_id), (FILE_ROWS,) * 2, "records and charges")
    expect(kills >= 3, True, "killed in the middle of the file")
    tell(f"  {kills} kills within a file of {FILE_ROWS} rows: nothing, then all")


def csv_file(world):
    rows = [world.record(10**6 + n) for n in range(FILE_ROWS)]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def file_rows(registry, batch_id):
    """How many records of a batch are stored, how many charged."""
    return query(
        registry,
        "SELECT (SELECT count(*) FROM voip_cdr_row WHERE batch_id = %s),"
        " (SELECT count(*) FROM voip_usage_row WHERE batch_id = %s)",
        [batch_id, batch_id],
    )[0]


def settle(registry):
    """Wait until the server has noticed that the killed are gone."""
    for _attempt in range(500):
        busy = query(
            registry,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()",
        )[0][0]
        if not busy:
            return
        time.sleep(0.02)
    raise Failed("sessions of killed processes stay open")


# === A billing run === #


def kill_run(registry, world, rng):
    """A billing run is killed between and within its chunks, and resumed."""
    days = common.today().day + 4
    with common.transaction(registry) as env:
        records = [
            world.record(number, account=number % ACCOUNTS, days=days)
            for number in range(2 * ACCOUNTS)
        ]
        answered = {"duration": "120", "answered": True}
        records = [record | answered for record in records]
        answer = ingest(env, world, records, rate_now=True)
        expect(answer["rated"], len(records), "calls rated")
    with common.transaction(registry) as env:
        run = new_run(env, world)
        run.action_run()
        expect((run.state, run.line_count), ("running", ACCOUNTS), "run")
        run_id = run.id

    def work(_send):
        with common.transaction(registry) as env:
            env["voip.billing.run"]._cron_run()

    kills = 0
    while run_state(registry, run_id) != "done":
        pid, pipe = fork(work)
        kills += common.kill_after(pid, rng.uniform(0.3, 1.5) + kills / 8)
        common.lines_of(pipe)
        settle(registry)
        expect(kills < LIMIT, True, "run done in time")
    expect(kills >= 3, True, "killed in the middle of the run")
    verify_run(registry, world, run_id)
    tell(f"  {kills} kills within a run: {ACCOUNTS} accounts, one invoice each")


def new_run(env, world):
    return env["voip.billing.run"].create({"account_ids": [(6, 0, world.accounts)]})


def run_state(registry, run_id):
    sql = "SELECT state FROM voip_billing_run WHERE id = %s"
    return query(registry, sql, [run_id])[0][0]


def verify_run(registry, world, run_id):
    invoices = query(
        registry,
        "SELECT count(*), count(DISTINCT voip_account_id) FROM account_move"
        " WHERE voip_run_id = %s AND state = 'posted' AND move_type = 'out_invoice'",
        [run_id],
    )[0]
    expect(invoices, (ACCOUNTS, ACCOUNTS), "invoices and accounts")
    with common.transaction(registry) as env:
        again = new_run(env, world)
        again.action_run()
        expect(len(again.line_ids), 0, "accounts that a second run bills")


# === A payment on a busy wallet === #


def kill_before_fold(registry, account):
    """Killed when a payment is committed and its wallet has not moved yet."""
    work = {
        "reservation": lambda wallets: wallets._reserve(account, PAID, "fold"),
        "release": lambda wallets: wallets._release("fold"),
        "scheduled action": lambda wallets: wallets._cron_fold(),
    }
    for what, fold in work.items():
        move = die_before_fold(registry, account)
        expect(common.moved(registry, move), 0, "wallet moved by the killed")
        check(registry, quiet=True)
        in_money_transaction(registry, lambda env, f=fold: f(env["voip.wallet"]))
        expect(common.moved(registry, move), PAID, f"wallet moved by the {what}")
        check(registry, quiet=True)
    tell(f"  {len(work)} killed between a payment and its wallet: booked later, once")


def die_before_fold(registry, account):
    """The journal entry of a payment whose process dies at its commit."""

    def work(_send):
        with common.transaction(registry) as env:
            env.cr.execute("SELECT")
            in_money_transaction(registry, lambda other: touch(other, account))
            env.cr.postcommit.add(lambda: os.kill(os.getpid(), signal.SIGKILL))
            common.post_payment(env, account, PAID)

    pid, pipe = fork(work)
    expect(os.waitpid(pid, 0)[1], signal.SIGKILL, "end of the process")
    common.lines_of(pipe)
    rows = query(
        registry,
        "SELECT move_id FROM voip_wallet_pending WHERE account_id = %s",
        [account],
    )
    expect(len(rows), 1, "movements that wait")
    return rows[0][0]


def touch(env, account):
    """Change the wallet as any movement does, by nothing."""
    env["voip.wallet"]._sync_limit(env["voip.account"].browse(account))


def main(database):
    registry = common.open_registry(database)
    seed = random.SystemRandom().randrange(10**6)
    tell(f"  seed {seed}")
    rng = random.Random(seed)
    world = World(registry, "kill", accounts=3)
    kill_intake(registry, world, rng)
    kill_file(registry, world)
    kill_run(registry, World(registry, "killrun", accounts=ACCOUNTS), rng)
    kill_before_fold(registry, World(registry, "killfold").accounts[0])
    check(registry)


if __name__ == "__main__":
    common.run(main)
