"""Whatever a superuser of the database changes behind Odoo's back is seen.

A small told world: a month that is sealed, one that is invoiced, one that is open,
payments, a credit note, an undone batch, a held reservation, a mail that waits, a
netting that was asked for. Each kind of ``tamper_kinds``, ``tamper_guards`` and
``tamper_papers`` is done to it as ``session_replication_role = replica``, past every
trigger and foreign key, in a transaction that is taken back after the checks. The
table says which invariant sees it, by the daily check or by ``--full`` only.
"""

import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import common
import outbox
import tamper_guards
import tamper_kinds
import tamper_papers
from common import World, check, expect, ingest, query, tell
from seal_kill import mark

SEALED, BILLED, OPEN = 65, 35, 2
# Nothing else may change them, and nothing else says what they were.
UNSEEN = {"account: parent_id", "payment: voip_account_id"}


class Replay(Exception):
    """Takes a transaction back."""


# === The world === #


def calls(registry, world, days, first, count=12, **changes):
    records = [world.record(first + n, n % 2, days=days) for n in range(count)]
    with common.transaction(registry) as env:
        return ingest(env, world, [r | changes for r in records], rate_now=True)


def month_of(days):
    """First day of the month of so many days ago."""
    return (common.today() - timedelta(days=days)).replace(day=1, tzinfo=None)


def bill(registry, world, days):
    """Invoice the months up to that of so many days ago."""
    cutoff = month_of(days) + timedelta(days=40)
    with common.transaction(registry) as env:
        run = env["voip.billing.run"].create(
            {
                "cutoff": min(cutoff, common.today().replace(tzinfo=None)),
                "account_ids": [(6, 0, world.accounts)],
            }
        )
        run.action_run()
        expect(set(run.line_ids.mapped("state")), {"invoiced"}, f"billed by {cutoff}")
        return run.move_ids.ids


def seal(registry, world, days):
    """Seal the month of so many days ago, and only that."""
    from odoo.addons.voip_billing_base.charge.transaction import run_money

    month = month_of(days).date()
    mark(registry)
    with common.transaction(registry) as env:
        company = env["res.company"].browse(world.company)
        run_money(env, lambda e: e["voip.seal"]._close(company.id, month))
        run_money(env, lambda e: e["voip.seal"]._write(company.id, month))


def age_entries(registry):
    """Wallet entries are sealed when they are a day old."""
    with registry.cursor() as cr:
        cr.execute("SET LOCAL session_replication_role = replica")
        cr.execute("UPDATE voip_wallet_entry SET at = at - interval '3 days'")


def credit(registry, invoice):
    with common.transaction(registry) as env:
        wizard = env["voip.credit.wizard"].create(
            {
                "move_id": invoice,
                "reason": "Wrong rate",
                "scope": "percent",
                "percentage": 10,
            }
        )
        wizard.action_credit()
        expect(wizard.credit_id.state, "done", "credited")


def build(registry):
    world = World(
        registry, "tamper", accounts=2, mode="postpaid", credit_limit=500.0
    )
    with common.transaction(registry) as env:
        child = world._account(env, "child", {"parent_id": world.accounts[0]})
        env["voip.account"].browse(child).pay_by_parent = True
    calls(registry, world, SEALED, 0)
    bill(registry, world, SEALED)
    with common.transaction(registry) as env:
        common.post_payment(env, world.accounts[0], 75)
    age_entries(registry)
    seal(registry, world, SEALED)
    calls(registry, world, BILLED, 100)
    invoices = bill(registry, world, BILLED)
    with common.transaction(registry) as env:
        common.post_payment(env, world.accounts[1], 33)
    credit(registry, invoices[0])
    calls(registry, world, OPEN, 200)
    undone = calls(registry, world, OPEN, 300)
    common.request(
        registry,
        lambda env: env["voip.cdr.batch"].browse(undone["batch"]).action_undo(),
    )
    calls(registry, world, OPEN, 400, count=2, called="999")
    reserved = common.in_money_transaction(
        registry,
        lambda env: env["voip.wallet"]._reserve(world.accounts[0], 2, "tamper"),
    )
    expect(bool(reserved), True, "reserved")
    papers(registry, world, invoices[0])
    return world


def papers(registry, world, invoice):
    """An invoice that waits in the outbox, and a netting that was asked for."""
    with common.transaction(registry) as env:
        account = env["voip.account"].browse(world.accounts[0])
        partner = account.partner_id
        partner.email = "drill@customer.example"
        account.company_id.write(
            {
                "voip_mail_provider": "brevo",
                "voip_brevo_key": "drill",
                "voip_mail_from": "billing@carrier.example",
            }
        )
        account.company_id._voip_new_webhook()
        move = env["account.move"].browse(invoice)
        move.partner_id.email = partner.email
        env["voip.delivery"]._queue(move).action_hold()
        outbox.post(env, account, "out_invoice", 9, voip_account_id=account.id)
        outbox.post(env, account, "in_invoice", 7)
        values = {"partner_id": partner.id, "due_until": False}
        netting = env["voip.netting"].create(values)
        netting.action_propose()
        netting.action_request()


def witness(registry):
    """What the scheduled action leaves: digests of records, the anchored heads."""
    with common.transaction(registry) as env:
        env["voip.witness"]._cron_witness()
    kinds = query(registry, "SELECT count(DISTINCT kind) FROM voip_witness")[0][0]
    expect(kinds, 4, "kinds of rows witnessed")


# === Tampering === #


def seen(registry, statement, names):
    """Names of the violated invariants after ``statement``: (daily, full).

    What is seen daily is not looked for in full.
    """
    found = {}
    try:
        with registry.cursor() as cr:
            cr.execute("SET LOCAL session_replication_role = replica")
            cr.execute(statement.format(**names))
            changed = cr.rowcount
            cr.execute("SET LOCAL session_replication_role = origin")
            env = common.api.Environment(cr, common.odoo.SUPERUSER_ID, {})
            expect(changed != 0, True, f"changed by {statement}")
            for full in (False, True):
                rows = env["voip.check"].run(full=full)
                found[full] = [row["name"] for row in rows if row["violations"]]
                if found[full]:
                    break
            raise Replay
    except Replay:
        pass
    return found.get(False), found.get(True)


def told(kinds, registry, names):
    """Print each kind and who sees it; Counter of ``daily``, ``full``, ``unseen``.

    :raises Failed: one is unseen that should not be
    """
    count, unseen = Counter(), set()
    width = max(len(what) for what, _sql in kinds)
    for what, statement in kinds:
        daily, full = seen(registry, statement, names)
        when = "daily" if daily else "full" if full else "unseen"
        count[when] += 1
        unseen |= {what} if when == "unseen" else set()
        tell(f"  {what:<{width}}  {when:<6}  {', '.join(daily or full)}")
    expect(sorted(unseen - UNSEEN), [], "unseen")
    return count


def main(database):
    registry = common.open_registry(database)
    with (
        tempfile.TemporaryDirectory() as folder,
        common.company_of_its_own(registry, "tamper"),
    ):
        common.config["data_dir"] = folder
        Path(folder).joinpath("filestore").mkdir()
        build(registry)
        witness(registry)
        check(registry)
        check(registry, full=True)
        finders = tamper_kinds.FINDERS | tamper_papers.FINDERS
        names = tamper_kinds.names(lambda sql: query(registry, sql), finders)
        kinds = tamper_kinds.KINDS + tamper_guards.KINDS + tamper_papers.KINDS
        some = slice(common.FIRST - 1, None, common.EVERY)
        count = told(kinds[some], registry, names)
        check(registry, full=True)
    total = count.total()
    tell(f"  {total} kinds: {count['daily']} seen daily, {count['full']} by --full")


if __name__ == "__main__":
    common.run(main)
