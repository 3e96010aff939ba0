"""Mixed money by several hands at once: reservations, usage, invoices, payments, credit
notes, reconciliations and their undoing, batches undone, limits.

``ledger.py DATABASE [OPERATIONS]``. A trigger watches each reservation: none may leave
a wallet below its limit. At the end all invariants hold.
"""

import random
import sys
import time
from collections import Counter
from decimal import Decimal

import common
from common import World, check, expect, ingest, query, request, tell, threads
from psycopg2 import errors
from psycopg2.extensions import TransactionRollbackError

from odoo import Command, fields
from odoo.exceptions import UserError

OPERATIONS, HANDS, ACCOUNTS = 2_400, 6, 5
# How often each is done, in 100.
MIX = {
    "reserve": 42,
    "release": 26,
    "usage": 8,
    "payment": 6,
    "invoice": 6,
    "reconcile": 3,
    "unreconcile": 2,
    "credit_note": 2,
    "bill": 1,
    "undo": 2,
    "limit": 2,
}
WATCH = """
CREATE TABLE drill_below (wallet_id integer, available numeric);
CREATE FUNCTION drill_watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reserved > OLD.reserved AND NEW.available < 0 THEN
        INSERT INTO drill_below VALUES (NEW.id, NEW.available);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER drill_watch AFTER UPDATE ON voip_wallet
FOR EACH ROW EXECUTE FUNCTION drill_watch()
"""


class Hand:
    """One of those at work, with a connection and dice of its own."""

    def __init__(self, registry, world, number, seed):
        self.registry, self.world, self.number = registry, world, number
        self.dice = random.Random(f"{seed} {number}")
        self.held, self.batches, self.calls = [], [], 0
        self.done, self.refused = Counter(), Counter()

    def work(self, count):
        names = self.dice.choices(list(MIX), MIX.values(), k=count)
        for name in names:
            try:
                getattr(self, name)(self.dice.choice(self.world.accounts))
                self.done[name] += 1
            except UserError as error:
                self.refused[f"{name}: {str(error).splitlines()[0][:60]}"] += 1
            except (TransactionRollbackError, errors.LockNotAvailable):
                # Others were in the way five times; a user would press again.
                self.refused[f"{name}: others were in the way"] += 1

    # === Calls === #

    def reserve(self, account):
        reference = f"{self.number}-{self.done['reserve']}-{self.refused.total()}"
        amount = Decimal(self.dice.randrange(1, 400)) / 100
        if common.in_money_transaction(
            self.registry,
            lambda env: env["voip.wallet"]._reserve(account, amount, reference),
        ):
            self.held.append(reference)

    def release(self, _account):
        if self.held:
            reference = self.held.pop(self.dice.randrange(len(self.held)))
            common.in_money_transaction(
                self.registry, lambda env: env["voip.wallet"]._release(reference)
            )

    def usage(self, account):
        place = self.world.accounts.index(account)
        first = self.number * 1_000_000 + self.calls
        self.calls += 5
        records = [self.world.record(first + n, account=place) for n in range(5)]
        answer = request(
            self.registry, lambda env: ingest(env, self.world, records, rate_now=True)
        )
        self.batches.append(answer["batch"])

    def undo(self, _account):
        if self.batches:
            batch = self.batches.pop(self.dice.randrange(len(self.batches)))
            request(
                self.registry,
                lambda env: env["voip.cdr.batch"].browse(batch).action_undo(),
            )

    # === Books === #

    def payment(self, account):
        amount = self.dice.randrange(100, 9_000) / 100
        request(self.registry, lambda env: common.post_payment(env, account, amount))

    def invoice(self, account):
        amount = self.dice.randrange(100, 6_000) / 100
        named = self.dice.random() < 0.5

        def post(env):
            move = env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": env["voip.account"].browse(account).partner_id.id,
                    "invoice_date": fields.Date.today(),
                    "voip_account_id": account if named else False,
                    "invoice_line_ids": [
                        Command.create({"name": "Fee", "price_unit": amount})
                    ],
                }
            )
            move.action_post()

        request(self.registry, post)

    def _lines(self, env, account, reconciled):
        partner = env["voip.account"].browse(account).partner_id
        return env["account.move.line"].search(
            [
                ("partner_id", "=", partner.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", reconciled),
            ],
            limit=40,
        )

    def _pick(self, lines, positive):
        found = lines.filtered(lambda line: (line.balance > 0) == positive)
        return found[self.dice.randrange(len(found))] if found else found

    def reconcile(self, account):
        def meet(env):
            lines = self._lines(env, account, False)
            debit, credit = self._pick(lines, True), self._pick(lines, False)
            if debit and credit:
                (debit | credit).reconcile()

        request(self.registry, meet)

    def unreconcile(self, account):
        def part(env):
            line = self._pick(self._lines(env, account, True), True)
            line.remove_move_reconcile()

        request(self.registry, part)

    def credit_note(self, account):
        def credit(env):
            line = self._pick(self._lines(env, account, False), True)
            move = line.move_id
            if move.move_type == "out_invoice" and not move.voip_period_end:
                move._reverse_moves([{"invoice_date": fields.Date.today()}])._post()

        request(self.registry, credit)

    def bill(self, account):
        def run(env):
            made = env["voip.billing.run"].create(
                {"account_ids": [Command.link(account)]}
            )
            made.action_preview()
            made.action_run()

        request(self.registry, run)

    def limit(self, account):
        value = self.dice.randrange(0, 50)
        request(
            self.registry,
            lambda env: env["voip.account"].browse(account).write(
                {"credit_limit": value}
            ),
        )


def main(database, operations=OPERATIONS):
    registry = common.open_registry(database)
    seed = random.SystemRandom().randrange(10**6)
    world = World(registry, "ledger", ACCOUNTS, mode="postpaid", cycle="daily")
    with common.transaction(registry) as env:
        # A second account of the same customer, so that rules have to choose.
        accounts = env["voip.account"].browse(world.accounts)
        accounts[1].partner_id = accounts[0].partner_id
        env.cr.execute(WATCH)
    hands = [Hand(registry, world, number, seed) for number in range(HANDS)]
    start = time.monotonic()
    each = common.share(operations) // HANDS
    threads(*(lambda h=h: h.work(each) for h in hands))
    seconds = time.monotonic() - start
    done = sum((hand.done for hand in hands), Counter())
    refused = sum((hand.refused for hand in hands), Counter())
    tell(
        f"  {done.total()} operations by {HANDS} hands in {seconds:.0f} s (seed"
        f" {seed}), {refused.total()} refused: "
        + ", ".join(f"{name} {count}" for name, count in done.most_common())
    )
    for sentence, count in refused.most_common(5):
        tell(f"  refused {count} times: {sentence}")
    expect(query(registry, "SELECT count(*) FROM drill_below")[0][0], 0, "below limit")
    with common.transaction(registry) as env:
        env["voip.wallet"]._cron_fold()
    check(registry)


if __name__ == "__main__":
    common.run(lambda database: main(database, *map(int, sys.argv[2:])))
