"""Senders of mail that SIGKILL ends anywhere: each document leaves once.

Invoices, usage reports, requests for netting (each with a link that is made as the mail
leaves) and a rate notice wait in the outbox of one customer.

The provider answers as Brevo documents, slowly, so that many a sender is killed between
the provider's taking a mail and noting it. Then its keys are forgotten, as Brevo does
after a while: only its log still knows what it took. A sender that is not killed goes
on with what is left.
"""

import collections
import importlib.util
import os
import random
import time
from datetime import date
from pathlib import Path

import common
from common import Failed, World, check, expect, query, tell

SERVER = Path(__file__).resolve().parents[2] / (
    "addons/voip_documents/tests/brevo_server.py"
)
MAILS, REPORTS, NETTINGS, NOTICES = 12, 4, 3, 1
ROUNDS, LONGEST, SLOW = 30, 0.5, 0.15
WAIT_SECONDS = 180
# What lies eleven minutes back is asked for at the provider.
LATER = """
UPDATE voip_delivery SET retry_at = now() AT TIME ZONE 'UTC' - interval '1 minute',
       tried_at = now() AT TIME ZONE 'UTC' - interval '11 minutes'
 WHERE partner_id = %s AND (state = 'sending' OR retry_at IS NOT NULL)
"""
STATES = "SELECT state, count(*) FROM voip_delivery WHERE partner_id = %s GROUP BY 1"
LEFT = """
SELECT count(*) FROM voip_delivery
 WHERE partner_id = %s AND state IN ('waiting', 'sending')
"""


def brevo():
    """The module of the server that the add-on's own tests use."""
    spec = importlib.util.spec_from_file_location("brevo_server", SERVER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SLOW_SECONDS = SLOW
    return module


def queue(registry, world, server):
    """Each document with its files and a due mail; the customer."""
    with common.transaction(registry) as env:
        account = env["voip.account"].browse(world.accounts[0])
        account.partner_id.email = "drill@customer.example"
        account.company_id.write(
            {
                "voip_mail_provider": "brevo",
                "voip_brevo_url": server.url,
                "voip_brevo_key": server.key,
                "voip_mail_from": "billing@carrier.example",
            }
        )
        for _number in range(NETTINGS):
            queue_netting(env, account)
        queue_notice(env, account, world.deck)
        for _number in range(MAILS):
            move = post(env, account, "out_invoice", 1, voip_account_id=account.id)
            env["voip.delivery"]._queue(move)
        for month in range(1, REPORTS + 1):
            first = date(2025, month, 1)
            last = first.replace(day=28)
            env["voip.delivery"]._queue_usage(account, first, last)
        return account.partner_id.id


def post(env, account, move_type, price, **values):
    """A posted document of the account's customer."""
    line = {"name": "Fee", "price_unit": price, "tax_ids": []}
    move = env["account.move"].create(
        {
            "move_type": move_type,
            "partner_id": account.partner_id.id,
            "company_id": account.company_id.id,
            "currency_id": account.currency_id.id,
            "invoice_date": date.today(),
            "invoice_line_ids": [(0, 0, line)],
            **values,
        }
    )
    move.action_post()
    return move


def queue_netting(env, account):
    """Ask the customer to net an invoice of his with a bill of his."""
    post(env, account, "out_invoice", 9, voip_account_id=account.id)
    post(env, account, "in_invoice", 7)
    values = {"partner_id": account.partner_id.id, "due_until": False}
    netting = env["voip.netting"].create(values)
    netting.action_propose()
    netting.action_request_by_mail()


def queue_notice(env, account, deck):
    """Tell the customer the rates of his deck."""
    agreement = env["voip.rate.agreement"].create(
        {"partner_id": account.partner_id.id, "deck_ids": [(6, 0, [deck])], "tz": "UTC"}
    )
    notice = agreement._make_notices()
    notice.action_approve()
    expect(notice.state, "queued", "state of the notice")


def send(registry):
    """Send what is due; whether there was anything."""
    with common.transaction(registry) as env:
        outbox = env["voip.delivery"]
        sent = 0
        while outbox._send_next([]):
            sent += 1
        return sent


def disturb(registry, customer, rng):
    """Children that were killed in the midst of a mail."""
    killed = 0
    for _turn in range(ROUNDS):

        def work(_send):
            while True:
                send(registry)

        pid, receiving = common.fork(work)
        killed += common.kill_after(pid, rng.uniform(0.05, LONGEST))
        os.close(receiving)
        if not query(registry, LEFT, [customer])[0][0]:
            break
    return killed


def main(database):
    registry = common.open_registry(database)
    seed = random.SystemRandom().randrange(10**6)
    tell(f"  seed {seed}")
    world = World(registry, "outbox")
    with brevo().BrevoServer() as server:
        customer = queue(registry, world, server)
        server.answers = ["slow"] * 1000
        killed = disturb(registry, customer, random.Random(seed))
        left = dict(query(registry, STATES, [customer])).get("sending", 0)
        server.answers = []
        end = time.monotonic() + WAIT_SECONDS
        while query(registry, LEFT, [customer])[0][0]:
            if time.monotonic() > end:
                raise Failed("mails are left")
            server.forget_keys()
            with registry.cursor() as cr:
                cr.execute(LATER, [customer])
            send(registry)
        mails = collections.Counter(mail["tags"][0] for mail in server.mails)
    wanted = MAILS + REPORTS + NETTINGS + NOTICES
    expect(len(mails), wanted, "documents that left")
    expect(set(mails.values()), {1}, "times that each left")
    expect(dict(query(registry, STATES, [customer])), {"sent": wanted}, "outbox")
    tell(f"  {wanted} mails, {killed} senders killed, {left} mails in the midst of it")
    check(registry)


if __name__ == "__main__":
    common.run(main)
