"""Batches delivered several times, shuffled, by three senders at once: same result."""

import random

import common
from common import World, check, expect, ingest, query, request, tell, threads

BATCHES, CALLS, SENDERS, ACCOUNTS = 40, 60, 3, 4


def batches(world):
    """40 batches; some calls of a batch are in the next one as well."""
    records = [
        world.record(number, account=number % ACCOUNTS)
        for number in range(BATCHES * CALLS)
    ]
    return [
        records[max(0, number * CALLS - 10) : (number + 1) * CALLS]
        for number in range(BATCHES)
    ]


def amounts(registry, world):
    """{call id: (kind, destination, billed seconds, amount)} of a switch's calls."""
    rows = query(
        registry,
        "SELECT u.source_ref, u.kind, u.label, u.billed_seconds,"
        " u.amount::text, u.sign"
        "  FROM voip_usage u JOIN voip_cdr_batch b ON b.id = u.batch_id"
        " WHERE b.switch_id = %s",
        [world.switch],
    )
    result = {row[0]: row[1:] for row in rows}
    expect(len(rows), len(result), f"calls of {world.name} charged once")
    return result


def deliver_ordered(registry, world):
    for batch in batches(world):
        request(registry, lambda env, b=batch: ingest(env, world, b, rate_now=True))


def deliver_shuffled(registry, world, rng):
    work = [
        batch for batch in batches(world) for _time in range(rng.randint(1, 5))
    ]
    rng.shuffle(work)
    accepted = []

    def send(sender):
        for number, batch in enumerate(work[sender::SENDERS]):
            now = (number + sender) % 3 == 0
            answer = request(
                registry,
                lambda env, b=batch, n=now: ingest(env, world, b, rate_now=n),
            )
            parts = answer["accepted"] + answer["duplicates"]
            expect(parts, len(batch), "records accepted or duplicate")
            accepted.append(answer["accepted"])
            if number % 4 == 3:
                rate_waiting(registry)

    threads(*(lambda s=s: send(s) for s in range(SENDERS)))
    rate_waiting(registry)
    expect(sum(accepted), BATCHES * CALLS, "records accepted")
    return len(work)


def rate_waiting(registry):
    """What the scheduled action does, also when it runs twice at once."""
    with common.transaction(registry) as env:
        env["voip.cdr.batch"]._cron_rate()


def main(database):
    registry = common.open_registry(database)
    seed = random.SystemRandom().randrange(10**6)
    ordered = World(registry, "ordered", accounts=ACCOUNTS)
    replayed = World(registry, "replayed", accounts=ACCOUNTS)
    deliver_ordered(registry, ordered)
    count = deliver_shuffled(registry, replayed, random.Random(seed))
    want, have = amounts(registry, ordered), amounts(registry, replayed)
    expect(len(want), BATCHES * CALLS, "calls of the ordered delivery")
    wrong = {call for call in want if have.get(call) != want[call]}
    expect(wrong, set(), "calls charged otherwise")
    for one, two in zip(ordered.accounts, replayed.accounts, strict=True):
        # The tax on unbilled usage is an estimate, rounded once a batch.
        expect(
            common.wallet(registry, two)[:2], common.wallet(registry, one)[:2], "wallet"
        )
    tell(
        f"  {BATCHES} batches delivered {count} times by {SENDERS} (seed {seed}):"
        f" {len(have)} calls charged once, equal to one ordered delivery"
    )
    check(registry)


if __name__ == "__main__":
    common.run(main)
