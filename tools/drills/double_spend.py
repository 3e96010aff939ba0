"""Nobody spends a balance twice, however many ask at once."""

from decimal import Decimal

import common
from common import World, check, expect, ingest, query, request, tell, threads, wallet

THREADS, ATTEMPTS, BALANCE = 8, 60, 100
BATCHES, CALLS, TOPUPS, CLICKS = 12, 40, 5, 4


def in_money_transaction(registry, func):
    """``func(env)`` as authorisation runs it."""
    # Found only after the registry has set the path of the add-ons.
    from odoo.addons.voip_billing_base.models.money_cursor import run_money

    with common.transaction(registry) as env:
        return run_money(env, func)


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


def double_click(registry, account):
    before = wallet(registry, account)[0]
    for _round in range(3):
        top_up(registry, account, 1.25, clicks=CLICKS)
    gained = wallet(registry, account)[0] - before
    tell(f"  3 top-ups of 1.25, {CLICKS} clicks each: {gained}")
    expect(gained, 3 * Decimal("1.25"), "three top-ups")


def main(database):
    registry = common.open_registry(database)
    world = World(registry, "spend", accounts=2)
    hot, busy = world.accounts
    top_up(registry, hot, BALANCE)
    reserve_all(registry, hot)
    release_all(registry, hot)
    rate_and_top_up(registry, world, hot)
    double_click(registry, busy)
    check(registry)


if __name__ == "__main__":
    common.run(main)
