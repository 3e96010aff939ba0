"""Numbers, killed at every step that writes: list, rental, release, month-end.

SIGKILL before each statement that writes our tables or the books, each COPY and commit,
and after each commit: a list is applied whole or not at all, a month is charged once,
days are given back once, a month-end is booked once.
"""

import base64
from datetime import timedelta

import common
from common import World, check, expect, query, tell, transaction
from seal_kill import at_every_step
from steps import killed_writing

NUMBERS, LISTED = 6, 40
FIRST = "49305558"
CHARGED = """
SELECT count(*), COALESCE(sum(amount), 0)::text FROM voip_did_charge
 WHERE account_id = ANY(%s)
"""


def last_day():
    """The last day of last month."""
    return common.today().date().replace(day=1) - timedelta(days=1)


def stock(registry, world):
    """A plan in advance, numbers at the accounts since last month, and its books."""
    with transaction(registry) as env:
        price = {"fee": "monthly", "price": 3.0, "effective_from": "2020-01-01"}
        plan = env["voip.did.plan"].create(
            {
                "name": world.name,
                "code": world.name,
                "quarantine_days": 0,
                "price_ids": [(0, 0, price)],
            }
        )
        for number in range(NUMBERS):
            did = env["voip.did"].create({"number": f"{FIRST}1{number}"})
            env["voip.did.assignment"].create(
                {
                    "did_id": did.id,
                    "account_id": world.accounts[number % len(world.accounts)],
                    "plan_id": plan.id,
                    "date_start": last_day().replace(day=1),
                }
            )


def take_list(registry, world):
    """A supplier's list, previewed and applied."""
    rows = "\n".join(f"{FIRST}2{n:02}" for n in range(LISTED))
    with transaction(registry) as env:
        values = {
            "file": base64.b64encode(f"Number\n{rows}".encode()),
            "file_name": "list.csv",
        }
        number = env["voip.did.import"].create(values).id

    def work():
        with transaction(registry) as env:
            one = env["voip.did.import"].browse(number)
            if one.state == "draft":
                one.action_preview()
        with transaction(registry) as env:
            one = env["voip.did.import"].browse(number)
            if one.state == "previewed":
                one.action_apply()

    def whole():
        counted = "SELECT count(*) FROM voip_did WHERE number LIKE %s"
        [[here]] = query(registry, counted, [f"{FIRST}2%"])
        asked = "SELECT state FROM voip_did_import WHERE id = %s"
        [[state]] = query(registry, asked, [number])
        expect(here, LISTED if state == "applied" else 0, "numbers of the list")

    return at_every_step(registry, killed_writing, work, whole)


def charge(registry, world):
    """The rental run, an account a transaction."""

    def work():
        for account in world.accounts:
            common.in_money_transaction(
                registry,
                lambda env, one=account: env["voip.did.assignment"]._charge_each(
                    world.company, [one]
                ),
            )

    each = 2 * NUMBERS // len(world.accounts)

    def whole():
        for account in world.accounts:
            [[rows, amount]] = query(registry, CHARGED, [[account]])
            expect(rows in (0, each), True, f"{rows} charges of an account")
            expect(float(amount), 3.0 * rows, "what they come to")

    steps = at_every_step(registry, killed_writing, work, whole)
    [[rows, _amount]] = query(registry, CHARGED, [world.accounts])
    expect(rows, 2 * NUMBERS, "charges in all")
    return steps


def bill(registry, world):
    """Invoices of last month, with the present one in advance."""
    with transaction(registry) as env:
        env.company.voip_deferral_account_id = env["account.account"].create(
            {"code": "DEFER", "name": "D", "account_type": "liability_current"}
        )
        run = env["voip.billing.run"].create(
            {"account_ids": [(6, 0, world.accounts)], "invoice_date": last_day()}
        )
        run.action_run()
        errors = run.line_ids.filtered(lambda x: x.state == "error")
        expect(errors.mapped("message"), [], "refusals of invoices")


def release(registry, world):
    """Half of the numbers go back, and their days."""
    numbers = [f"{FIRST}1{n}" for n in range(0, NUMBERS, 2)]

    def work():
        with transaction(registry) as env:
            env["voip.did"].release(numbers=numbers)

    def whole():
        ended = query(
            registry,
            "SELECT count(*) FROM voip_did_assignment s JOIN voip_did d"
            " ON d.id = s.did_id WHERE d.number = ANY(%s) AND s.date_end IS NOT NULL",
            [numbers],
        )[0][0]
        back = query(
            registry,
            "SELECT count(*) FROM voip_did_charge WHERE account_id = ANY(%s)"
            " AND turn > 1",
            [world.accounts],
        )[0][0]
        expect(ended in (0, len(numbers)), True, f"{ended} numbers released")
        last = (common.today() + timedelta(days=1)).day == 1
        expect(back, 0 if last else ended, "charges that give back")

    return at_every_step(registry, killed_writing, work, whole)


def close(registry, world):
    """The month-end of last month."""
    last = last_day()

    def work():
        common.in_money_transaction(
            registry,
            lambda env: env["voip.did.deferral"]._close(world.company, last),
        )

    def whole():
        rows = query(
            registry,
            "SELECT d.move_id, d.line_count, (SELECT count(*) FROM"
            " voip_did_deferral_line l WHERE l.deferral_id = d.id)"
            " FROM voip_did_deferral d WHERE d.company_id = %s AND d.date_end = %s",
            [world.company, last],
        )
        expect(len(rows) <= 1, True, "one month-end")
        for move, said, lines in rows:
            expect(lines, said, "lines of the month-end")
            expect(bool(lines and move), True, "something waits, and is booked")

    return at_every_step(registry, killed_writing, work, whole)


def main(database):
    registry = common.open_registry(database)
    with common.company_of_its_own(registry, "Killed numbers"):
        world = World(registry, "numbers_kill", accounts=2, mode="postpaid")
        stock(registry, world)
        for title, work in (
            ("a list", take_list),
            ("the rental run", charge),
            ("a release", release),
            ("a month-end", close),
        ):
            if work is release:
                bill(registry, world)
            steps = work(registry, world)
            tell(f"  {title}: killed at {len(steps)} steps")
        check(registry)


if __name__ == "__main__":
    common.run(main)
