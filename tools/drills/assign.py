"""A number is at one account a day, however many ask for it at once.

Twenty threads ask for the same numbers on days that overlap, by the machine door and by
plain records, which only PostgreSQL's constraint stops; then all charge at once.
"""

import random
from datetime import timedelta

import common
from common import World, check, expect, query, request, tell, threads, transaction

from odoo.exceptions import UserError, ValidationError

THREADS, NUMBERS, SPAN = 20, 12, 40
# Each holds two connections of the pool.
CHARGERS = 10
BLOCK = "4930666000"
OVERLAPS = """
SELECT count(*) FROM voip_did_assignment a
  JOIN voip_did_assignment b ON b.did_id = a.did_id AND b.id > a.id
   AND daterange(a.date_start, a.date_end, '[]')
       && daterange(b.date_start, b.date_end, '[]')
"""


def stock(registry, world):
    """Plan, single numbers and a block."""
    with transaction(registry) as env:
        price = {"fee": "monthly", "price": 3.0, "effective_from": "2020-01-01"}
        env["voip.did.plan"].create(
            {
                "name": world.name,
                "code": world.name,
                "quarantine_days": 0,
                "price_ids": [(0, 0, price)],
            }
        )
        numbers = [f"49305550{n:02}" for n in range(NUMBERS)]
        env["voip.did"].create([{"number": number} for number in numbers])
        env["voip.did.block"]._make(BLOCK, "10", {})
    return numbers


def asked(world, thread, numbers):
    """What a thread asks for: (number, account, first and last day), in its order."""
    rng = random.Random(thread)
    wanted = []
    for number in rng.sample(numbers, len(numbers)):
        first = common.today().date() + timedelta(days=rng.randrange(SPAN))
        last = first + timedelta(days=rng.randrange(1, SPAN))
        account = f"{world.name}-{thread % len(world.accounts)}"
        wanted.append((number, account, str(first), str(last)))
    return wanted


def by_door(registry, world, wanted):
    """Ask the door; (assigned, refused with a sentence)."""
    number, account, first, last = wanted
    answer = request(
        registry,
        lambda env: env["voip.did"].assign(
            numbers=[number], account=account, plan=world.name, start=first, end=last
        ),
    )
    return answer["assigned"], len(answer["errors"])


def by_record(registry, world, wanted):
    """Make the record itself, which no lock of the number waits for."""
    number, account, first, last = wanted

    def make(env):
        env["voip.did.assignment"].create(
            {
                "did_id": env["voip.did"].search([("number", "=", number)]).id,
                "account_id": env["voip.account"].search([("code", "=", account)]).id,
                "plan_id": env["voip.did.plan"].search([("code", "=", world.name)]).id,
                "date_start": first,
                "date_end": last,
            }
        )
        env.flush_all()

    try:
        request(registry, make)
    except (UserError, ValidationError) as error:
        expect("at another account" in str(error), True, f"a sentence: {error}")
        return 0, 1
    return 1, 0


def ask_all(registry, world, numbers):
    """All threads at once; how many got a number, and how many a refusal."""
    got, refused = [0] * THREADS, [0] * THREADS

    def work(thread):
        way = by_door if thread % 2 else by_record
        for wanted in asked(world, thread, numbers):
            done, errors = way(registry, world, wanted)
            got[thread] += done
            refused[thread] += errors

    threads(*(lambda t=t: work(t) for t in range(THREADS)))
    return sum(got), sum(refused)


def race_for_block(registry, world):
    """Everybody wants the whole block for the same days."""
    numbers = [f"{BLOCK[:-1]}{n}" for n in range(10)]
    got = [0] * THREADS

    def work(thread):
        answer = request(
            registry,
            lambda env: env["voip.did"].assign(
                numbers=numbers,
                account=f"{world.name}-{thread % len(world.accounts)}",
                plan=world.name,
                start=str(common.today().date() + timedelta(days=thread // 4)),
            ),
        )
        got[thread] = answer["assigned"]

    threads(*(lambda t=t: work(t) for t in range(THREADS)))
    holders = "SELECT DISTINCT account_id, date_start FROM voip_did_assignment s"
    holders += " JOIN voip_did d ON d.id = s.did_id WHERE d.number LIKE '493066600%%'"
    expect(len(query(registry, holders)), 1, "who has the block")
    expect(set(got) <= {0, 10}, True, "the block in parts")


def charge_all(registry, world):
    """Each thread runs the rental of all accounts."""

    def work():
        common.in_money_transaction(
            registry,
            lambda env: env["voip.did.assignment"]._charge_each(
                world.company, world.accounts
            ),
        )

    threads(*[work] * CHARGERS)


def main(database):
    registry = common.open_registry(database)
    world = World(registry, "assign", accounts=4, mode="postpaid")
    numbers = stock(registry, world)
    got, refused = ask_all(registry, world, numbers)
    tell(f"  {THREADS} threads, {got + refused} attempts: {got} assigned")
    expect(got + refused, THREADS * NUMBERS, "answers")
    rows = "SELECT count(*) FROM voip_did_assignment s JOIN voip_did d"
    rows += " ON d.id = s.did_id WHERE d.number LIKE '49305550%%'"
    expect(query(registry, rows)[0][0], got, "assignments")
    expect(query(registry, OVERLAPS)[0][0], 0, "overlaps")
    race_for_block(registry, world)
    charge_all(registry, world)
    before = query(registry, "SELECT count(*), sum(amount) FROM voip_did_charge")
    charge_all(registry, world)
    after = query(registry, "SELECT count(*), sum(amount) FROM voip_did_charge")
    expect(after, before, "charges of a second time")
    tell(f"  charged by {CHARGERS} at once: {before[0][0]} charges, {before[0][1]}")
    check(registry)


if __name__ == "__main__":
    common.run(main)
