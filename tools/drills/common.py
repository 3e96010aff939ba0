"""What the drills share: a registry, real transactions, data, invariants, figures.

A drill is run as ``python tools/drills/NAME.py DATABASE`` on a database with the
add-ons installed that nobody else uses. It prints plain lines, leaves its data there
and exits non-zero when something is not as it must be.
"""

import contextlib
import os
import random
import signal
import sys
import threading
import time
import traceback
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import odoo
from odoo import api, sql_db
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config

ROOT = Path(__file__).resolve().parents[2]
# One step of so many is struck, from a place that changes by the run; 1 strikes all.
EVERY = int(os.environ.get("VOIP_DRILL_EVERY", "1"))
FIRST = int(os.environ.get("VOIP_DRILL_FIRST", random.SystemRandom().randint(1, EVERY)))
_context = {}


class Failed(Exception):
    """Something is not as it must be; the message says what."""


def expect(found, wanted, what):
    if found != wanted:
        raise Failed(f"{what}: {found!r}, must be {wanted!r}")


def tell(text):
    print(text, flush=True)


def place(struck):
    """The step that is struck after so many, from 1."""
    return FIRST + struck * EVERY


def share(count):
    """How often something random is done where only some of the steps are struck."""
    return -(-count // EVERY)


def run(main):
    """Run ``main(database)`` of a drill as its process; the exit code tells."""
    name = Path(sys.argv[0]).stem
    start = time.monotonic()
    if EVERY > 1:
        tell(f"  VOIP_DRILL_EVERY={EVERY} VOIP_DRILL_FIRST={FIRST}")
    try:
        main(sys.argv[1])
    except Exception as error:  # noqa: BLE001 every failure is told and counts
        if not isinstance(error, Failed):
            traceback.print_exc()
        tell(f"{name}: FAILED: {error}")
        sys.exit(1)
    tell(f"{name}: ok, {time.monotonic() - start:.0f} s")


# === Registry and transactions === #


def open_registry(database):
    rc = os.environ.get("ODOO_RC") or str(ROOT / ".voip" / "odoo.conf")
    config.parse_config(["-c", rc, "-d", database], setup_logging=True)
    return Registry(database)


@contextlib.contextmanager
def transaction(registry):
    """An environment of the superuser, committed at the end."""
    with registry.cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, dict(_context))
        yield env
        env.flush_all()


@contextlib.contextmanager
def company_of_its_own(registry, name):
    """Transactions inside work in a new company, which other drills leave alone."""
    with transaction(registry) as env:
        company = env["res.company"].create({"name": name})
        env.user.company_ids = [(4, company.id)]
        _context["allowed_company_ids"] = company.ids
    try:
        yield
    finally:
        _context.clear()


def request(registry, func):
    """``func(env)`` as a request of the web server runs it, with its retries."""
    with registry.cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {})
        result = retrying(lambda: func(env), env)
        cr.commit()
        return result


def in_money_transaction(registry, func):
    """``func(env)`` as authorisation runs it."""
    # Found only after the registry has set the path of the add-ons.
    from odoo.addons.voip_billing_base.charge.transaction import run_money

    with transaction(registry) as env:
        return run_money(env, func)


def threads(*functions):
    """Run the functions at once; the first error of any is raised."""
    errors = []
    gate = threading.Barrier(len(functions))

    def guarded(function):
        gate.wait()
        try:
            function()
        except Exception as error:  # noqa: BLE001 raised below, in the main thread
            traceback.print_exc()
            errors.append(error)

    workers = [threading.Thread(target=guarded, args=(f,)) for f in functions]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if errors:
        raise errors[0]


# === Children === #


def fork(work):
    """Start a child that runs ``work(send)``; ``(pid, file of the lines it sent)``.

    The parent must have no cursor open. What a child sends has been committed.
    """
    sql_db.close_all()
    receiving, sending = os.pipe()
    pid = os.fork()
    if pid:
        os.close(sending)
        return pid, receiving
    os.close(receiving)
    status = 1
    try:
        work(lambda line: os.write(sending, f"{line}\n".encode()))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def kill_after(pid, seconds):
    """SIGKILL the child after that time; whether it was still at work."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return False
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


def lines_of(receiving):
    """Whole lines that a child sent before it ended."""
    with os.fdopen(receiving, "rb") as pipe:
        *whole, _cut = pipe.read().split(b"\n")
    return [line.decode() for line in whole]


# === Data === #


class World:
    """A deck, a switch, and accounts with a trunk each, in one company."""

    def __init__(self, registry, name, accounts=1, **values):
        self.name = name
        with transaction(registry) as env:
            ensure_books(env)
            self.company = env.company.id
            self.currency = env.company.currency_id.id
            self.deck = self._deck(env)
            self.switch = env["voip.switch"].create(
                {"name": name, "code": name, "tz": "UTC"}
            )
            self.accounts = [self._account(env, n, values) for n in range(accounts)]
            self.switch = self.switch.id

    def _deck(self, env):
        deck = env["voip.rate.deck"].create(
            {
                "name": self.name,
                "code": self.name,
                "tz": "UTC",
                "currency_id": self.currency,
            }
        )
        rates = [
            {"prefix": "44", "destination": "UK", "price_per_minute": "0.0085"},
            {"prefix": "49", "destination": "DE", "price_per_minute": "0.0137"},
        ]
        expect(deck._load(rates)["applied"], True, "rates loaded")
        return deck.id

    def _account(self, env, number, values):
        partner = env["res.partner"].create({"name": f"{self.name} {number}"})
        account = env["voip.account"].create(
            {
                "name": partner.name,
                "code": f"{self.name}-{number}",
                "partner_id": partner.id,
                "tz": "UTC",
                "deck_id": self.deck,
                # Runs of the first hours of a month invoice the one before it.
                "closing_delay_hours": 0,
                **values,
            }
        )
        env["voip.trunk"].create(
            {
                "name": account.code,
                "code": f"{account.code}-trunk",
                "side": "customer",
                "account_id": account.id,
            }
        )
        return account.id

    def record(self, number, account=0, days=2):
        """Call number ``number``; its content depends on nothing but the arguments."""
        rng = random.Random(f"{account} {number}")
        start = today() - timedelta(days=days) + timedelta(seconds=number % 80_000)
        called, seconds = rng.choice(("442071234567", "4930765432")), rng.randrange(600)
        return {
            "call_id": f"call-{number}",
            "caller": "+4930123456",
            "called": called,
            "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "duration": str(seconds),
            "answered": seconds > 0,
            "trunk": f"{self.name}-{account}-trunk",
        }


def today():
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def ensure_books(env):
    """A chart of accounts, without which nothing can be posted."""
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)


def ingest(env, world, records, rate_now=False):
    return env["voip.cdr"].ingest(
        switch=world.name, records=records, rate_now=rate_now
    )


def topup_wizard(registry, account, amount):
    with transaction(registry) as env:
        values = {"account_id": account, "amount": amount}
        return env["voip.topup.wizard"].create(values).id


def post_payment(env, account_id, amount):
    """A payment as the bookkeeper posts it; its journal entry's id."""
    account = env["voip.account"].browse(account_id)
    payment = env["account.payment"].create(
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": account.partner_id.id,
            "amount": float(amount),
            "voip_account_id": account.id,
        }
    )
    payment.action_post()
    return payment.move_id.id


def moved(registry, move):
    """By how much a journal entry has moved the wallet."""
    sql = (
        "SELECT COALESCE(sum(ledger_delta), 0)::text FROM voip_wallet_entry"
        " WHERE move_id = %s"
    )
    return Decimal(query(registry, sql, [move])[0][0])


def wallet(registry, account):
    """Exact (ledger, unbilled, tax, reserved, limit) of an account's wallet."""
    row = query(
        registry,
        "SELECT ledger_balance::text, unbilled::text, unbilled_tax::text,"
        " reserved::text, limit_amount::text FROM voip_wallet WHERE account_id = %s",
        [account],
    )[0]
    return tuple(map(Decimal, row))


def query(registry, sql, arguments=()):
    with registry.cursor() as cr:
        cr.execute(sql, arguments)
        return cr.fetchall()


def check(registry, quiet=False, full=False):
    """All invariants are zero; ``full``: each month fits its seals, too."""
    with transaction(registry) as env:
        results = env["voip.check"].run(full=full)
    broken = {r["title"]: r["violations"] for r in results if r["violations"]}
    expect(broken, {}, "violated invariants")
    if not quiet:
        tell(f"  {len(results)} invariants, 0 violations")
