"""Nobody spends a balance twice, however many ask at once."""

import threading
from decimal import Decimal

import common
from common import (
    World,
    check,
    expect,
    in_money_transaction,
    ingest,
    moved,
    query,
    request,
    tell,
    threads,
    wallet,
)

THREADS, ATTEMPTS, BALANCE = 8, 60, 100
BATCHES, CALLS, TOPUPS, CLICKS = 12, 40, 5, 4
PAYMENTS, PAID, INVOICES, INVOICED = 15, Decimal("3.35"), 8, Decimal("1.15")
LIMITS = 10
PRESSES = 4


def reserve_all(registry, account):
    """8 x 60 reservations of 1: exactly as many hold as the balance has."""
    held = [0] * THREADS

    def spend(thread):
        for attempt in range(ATTEMPTS):
            reference = f"drill-{account}-{thread}-{attempt}"
            held[thread] += in_money_transaction(
                registry,
                lambda env, r=reference: env["voip.wallet"]._reserve(
                    account, Decimal(1), r
                ),
            )

    threads(*(lambda t=t: spend(t) for t in range(THREADS)))
    tell(f"  {THREADS * ATTEMPTS} reservations on {BALANCE}: {sum(held)} held")
    expect(sum(held), BALANCE, "reservations held")
    expect(wallet(registry, account)[3], BALANCE, "amount reserved")


def release_all(registry, account):
    """Every reservation is released by four at once; it comes back once."""
    released = [0] * 4

    def release(thread):
        for caller in range(THREADS):
            for attempt in range(ATTEMPTS):
                reference = f"drill-{account}-{caller}-{attempt}"
                released[thread] += in_money_transaction(
                    registry, lambda env, r=reference: env["voip.wallet"]._release(r)
                )

    threads(*(lambda t=t: release(t) for t in range(4)))
    tell(f"  4 releases of each reservation: {sum(released)} released")
    expect(sum(released), BALANCE, "reservations released")
    expect(wallet(registry, account)[3], 0, "amount reserved")


def top_up(registry, account, amount, clicks=1):
    """A top-up whose button is clicked that many times at once."""
    wizard = common.topup_wizard(registry, account, amount)

    def click():
        request(
            registry,
            lambda env: env["voip.topup.wizard"].browse(wizard).action_topup(),
        )

    if clicks == 1:
        click()
    else:
        threads(*[click] * clicks)


def rate_and_top_up(registry, world, account):
    """Batches of one account rated by four at once, beside top-ups."""

    def rate(thread):
        for batch in range(BATCHES):
            first = (thread * BATCHES + batch) * CALLS
            records = [world.record(first + n) for n in range(CALLS)]
            answer = request(
                registry, lambda env, r=records: ingest(env, world, r, rate_now=True)
            )
            expect(answer["rated"], CALLS, "calls rated")

    def pay():
        for _number in range(TOPUPS):
            top_up(registry, account, 7.5)

    before = wallet(registry, account)
    threads(*(lambda t=t: rate(t) for t in range(4)), pay, pay)
    ledger, unbilled = wallet(registry, account)[:2]
    total = query(
        registry,
        "SELECT count(*), sum(amount)::text FROM voip_usage_row WHERE account_id = %s",
        [account],
    )[0]
    total = total[0], Decimal(total[1])
    expect(total[0], 4 * BATCHES * CALLS, "calls charged")
    expect(unbilled, total[1], "unbilled usage of the wallet")
    expect(ledger - before[0], 2 * TOPUPS * Decimal("7.5"), "sum of the top-ups")
    tell(f"  {total[0]} calls by 4 threads = {total[1]}, {2 * TOPUPS} top-ups = 75")


# === What stock Odoo posts on a hot wallet === #


def stock_doors(registry, world, account):
    """Payments, invoices, credit notes and limits of an account that never rests.

    Each is a request of the web server. Two rate calls, two reserve and release, one
    runs the invariants meanwhile; every request succeeds, and once it has answered the
    wallet has followed.
    """
    before, resting = wallet(registry, account), threading.Event()
    busy = [
        lambda: rate_until(registry, world, 10**6, resting),
        lambda: rate_until(registry, world, 2 * 10**6, resting),
        lambda: reserve_until(registry, account, "a", resting),
        lambda: reserve_until(registry, account, "b", resting),
        lambda: check_until(registry, resting),
    ]
    kept = waited(registry)
    beside(
        busy,
        resting,
        lambda: pay(registry, account),
        lambda: pay(registry, account),
        lambda: invoice(registry, account),
        lambda: limit(registry, account),
    )
    gained = wallet(registry, account)[0] - before[0]
    expect(gained, 2 * PAYMENTS * PAID - INVOICES * INVOICED, "ledger")
    expect(wallet(registry, account)[3], 0, "amount reserved")
    tell(
        f"  {2 * PAYMENTS} payments, {2 * INVOICES} invoices, {INVOICES} credit notes"
        f" on a busy wallet: {gained}; {waited(registry) - kept} movements waited"
    )


def beside(busy, resting, *works):
    """Run ``works`` beside ``busy``, which end when ``resting`` is set."""
    left = threading.Semaphore(len(works) - 1)

    def until_last(work):
        try:
            work()
        finally:
            if not left.acquire(blocking=False):
                resting.set()

    threads(*busy, *(lambda w=w: until_last(w) for w in works))


def rate_until(registry, world, first, resting):
    while not resting.is_set():
        records = [world.record(first + n) for n in range(CALLS)]
        answer = request(
            registry, lambda env, r=records: ingest(env, world, r, rate_now=True)
        )
        expect(answer["rated"], CALLS, "calls rated")
        first += CALLS


def reserve_until(registry, account, name, resting):
    number = 0
    while not resting.is_set():
        reference, number = f"busy-{account}-{name}-{number}", number + 1
        for work in (
            lambda env, r=reference: env["voip.wallet"]._reserve(
                account, Decimal("0.01"), r
            ),
            lambda env, r=reference: env["voip.wallet"]._release(r),
        ):
            expect(in_money_transaction(registry, work), True, reference)


def check_until(registry, resting):
    while not resting.wait(0.2):
        common.check(registry, quiet=True)


def pay(registry, account):
    for _number in range(PAYMENTS):
        move = request(registry, lambda env: common.post_payment(env, account, PAID))
        expect(moved(registry, move), PAID, "wallet moved by a payment")


def invoice(registry, account):
    """Two invoices, one of them credited in full, at a time."""
    for _number in range(INVOICES):
        one, two = request(registry, lambda env: post_invoices(env, account))
        expect(moved(registry, one), -INVOICED, "wallet moved by an invoice")
        note = request(registry, lambda env, m=two: credit(env, m))
        expect(moved(registry, note), INVOICED, "wallet moved by a credit note")


def post_invoices(env, account_id):
    account = env["voip.account"].browse(account_id)
    line = {"name": "Fee", "quantity": 1, "price_unit": float(INVOICED)}
    vals = {
        "move_type": "out_invoice",
        "partner_id": account.partner_id.id,
        "voip_account_id": account.id,
        "voip_payer_id": account.id,
        "invoice_line_ids": [(0, 0, {**line, "tax_ids": [(6, 0, [])]})],
    }
    moves = env["account.move"].create([vals, vals])
    moves.action_post()
    return moves.ids


def credit(env, move_id):
    """Reverse and reconcile, as the wizard of an invoice does."""
    move = env["account.move"].browse(move_id)
    return move._reverse_moves(cancel=True).id


def limit(registry, account):
    for amount in range(1, LIMITS + 1):
        request(
            registry,
            lambda env, a=amount: env["voip.account"].browse(account).write(
                {"mode": "hybrid", "credit_limit": a}
            ),
        )
        expect(wallet(registry, account)[4], amount, "limit of the wallet")


def waited(registry):
    """How many movements of all wallets were ever booked after their commit."""
    sql = "SELECT last_value - 1 + is_called::int FROM voip_wallet_pending_id_seq"
    return query(registry, sql)[0][0]


def double_click(registry, account):
    before = wallet(registry, account)[0]
    for _round in range(3):
        top_up(registry, account, 1.25, clicks=CLICKS)
    gained = wallet(registry, account)[0] - before
    tell(f"  3 top-ups of 1.25, {CLICKS} clicks each: {gained}")
    expect(gained, 3 * Decimal("1.25"), "three top-ups")


def press_invoice(registry, world):
    """One run, *Invoice* pressed by several at once: worked and closed once."""
    days = common.today().day + 4
    with common.transaction(registry) as env:
        records = [world.record(9_000 + n, account=n % 2, days=days) for n in range(8)]
        ingest(env, world, records, rate_now=True)
        runs = env["voip.billing.run"]
        number = runs.create({"account_ids": [(6, 0, world.accounts)]}).id

    def press():
        request(
            registry, lambda env: env["voip.billing.run"].browse(number).action_run()
        )

    threads(*[press] * PRESSES)
    found = query(registry, PRESSED_SQL, [number])[0]
    invoices, closed = found[1:]
    tell(f"  Invoice pressed {PRESSES}x at once: {invoices} invoices, closed {closed}x")
    expect(found, ("done", 2, 1), "state, invoices and audit records of the run")


PRESSED_SQL = """
SELECT r.state, (SELECT count(*) FROM account_move WHERE voip_run_id = r.id),
       (SELECT count(*) FROM voip_audit
         WHERE event = 'billing_run' AND res_model = 'voip.billing.run'
           AND res_id = r.id)
  FROM voip_billing_run r WHERE id = %s
"""


def main(database):
    registry = common.open_registry(database)
    world = World(registry, "spend", accounts=2)
    hot, busy = world.accounts
    top_up(registry, hot, BALANCE)
    reserve_all(registry, hot)
    release_all(registry, hot)
    rate_and_top_up(registry, world, hot)
    top_up(registry, hot, 10**6)
    stock_doors(registry, world, hot)
    double_click(registry, busy)
    press_invoice(registry, world)
    check(registry)


if __name__ == "__main__":
    common.run(main)
