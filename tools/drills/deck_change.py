"""Calls that are rated while a deck changes lie within the dates of their versions.

What changes the deck began before the calls, and says that its rates are valid since
a moment before them: the versions of before must last until the last call they rated.
"""

import base64
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import common
from common import World, check, expect, ingest, query, request, tell, transaction

from odoo.exceptions import UserError

_calls = iter(range(1, 1_000))
_moments = iter(range(1, 1_000))
SHEET = "Code,Destination,Price per minute,Effective date\n44,UK,{},{}\n"


def since():
    """The moment that the new rates name, as text; the calls began after it.

    Each is later than the one before, by seconds.
    """
    ago = timedelta(hours=1, seconds=-2 * next(_moments))
    return f"{datetime.now(UTC) - ago:%Y-%m-%d %H:%M:%S}"


def call(registry, world):
    """Rate one call of a moment ago, in a transaction of its own."""
    start = datetime.now(UTC) - timedelta(seconds=90)
    record = {
        **world.record(next(_calls)),
        "called": "442071234567",
        "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "duration": "30",
        "answered": True,
    }
    answer = request(registry, lambda env: ingest(env, world, [record], rate_now=True))
    expect(answer["rated"], 1, "calls rated")


def load(registry, world, price):
    """A request that has looked at something already when the call is rated."""

    def work(env):
        deck = env["voip.rate.deck"].browse(world.deck)
        env.cr.execute("SELECT count(*) FROM voip_usage_row")
        call(registry, world)
        rates = [{"prefix": "44", "price_per_minute": price, "effective_from": since()}]
        result = deck.with_company(deck.company_id).load(deck.code, rates)
        expect(result["applied"], True, "load applied")

    request(registry, work)


def previewed(registry, world, price):
    """A previewed import of a sheet, by its id."""
    with transaction(registry) as env:
        sheet = env["voip.rate.import"].create(
            {
                "deck_id": world.deck,
                "file": base64.b64encode(SHEET.format(price, since()).encode()),
                "file_name": "rates.csv",
                "past": "back",
                "mark": ".",
            }
        )
        sheet.action_preview()
        return sheet.id


def apply_after_call(registry, world, price):
    """A call is rated after the request has begun, and before the work does."""
    sheet = previewed(registry, world, price)

    def work(env):
        env.cr.execute("SELECT count(*) FROM voip_usage_row")
        call(registry, world)
        env["voip.rate.import"].browse(sheet).action_apply()

    request(registry, work)


@contextmanager
def before(method, work):
    """``work()`` runs once, before this method of an import's work."""
    from odoo.addons.voip_rating.imports.work import Work

    original, waiting = getattr(Work, method), [work]

    def wrapped(self, *arguments):
        while waiting:
            waiting.pop()()
        return original(self, *arguments)

    with patch.object(Work, method, wrapped):
        yield


def apply_with_call(registry, world, price):
    """A call is rated once the versions were compared, before they are written."""
    sheet = previewed(registry, world, price)
    with before("_write_deck", lambda: call(registry, world)):
        request(
            registry, lambda env: env["voip.rate.import"].browse(sheet).action_apply()
        )


def load_after_write(registry, world, price):
    """A load in a transaction that has changed something before the call is rated."""

    def work(env):
        deck = env["voip.rate.deck"].browse(world.deck)
        deck.write({"active": True})
        env.flush_all()
        env.cr.execute("SELECT pg_current_xact_id()")
        first(lambda: call(registry, world))
        rates = [{"prefix": "44", "price_per_minute": price, "effective_from": since()}]
        result = deck.with_company(deck.company_id).load(deck.code, rates)
        expect(result["applied"], True, "load applied")

    first = once()
    request(registry, work)


def typed(registry, world, price):
    """A version typed by hand, in a request that has looked at something before."""

    def work(env):
        env.cr.execute("SELECT count(*) FROM voip_usage_row")
        first(lambda: call(registry, world))
        env["voip.rate"].create(
            {
                "deck_id": world.deck,
                "prefix": "44",
                "price_per_minute": price,
                "effective_from": since(),
            }
        )

    first = once()
    request(registry, work)


def once():
    """A caller of the first function it is given: what is tried again calls no more."""
    left = [True]
    return lambda work: work() if left and left.pop() else None


def closed(registry, world):
    """A version that is ended, and one that is deleted, once each has rated a call."""
    for change, prefix in (("write", "442"), ("unlink", "4420")):
        first = once()
        moment, own = since(), [("deck_id", "=", world.deck), ("prefix", "=", prefix)]
        with transaction(registry) as env:
            env["voip.rate"].create(
                {
                    "deck_id": world.deck,
                    "prefix": prefix,
                    "price_per_minute": "0.9",
                    "effective_from": moment,
                }
            )

        def work(env, change=change, own=own, first=first):
            rate = env["voip.rate"].search(own)
            env.cr.execute("SELECT count(*) FROM voip_usage_row")
            first(lambda: call(registry, world))
            if change == "unlink":
                rate.unlink()
            else:
                end = datetime.now(UTC) - timedelta(minutes=30)
                rate.effective_to = end.replace(tzinfo=None, microsecond=0)

        try:
            request(registry, work)
        except UserError as error:
            tell(f"  {change}: {error}")
        else:
            raise AssertionError(f"{change} of a version that rated a call")
        with transaction(registry) as env:
            rate = env["voip.rate"].search(own)
            expect(len(rate), 1, "versions")
            rate.action_close()
            check(registry, quiet=True)


def follow(registry, world):
    """A mark-up that applies itself, whose transaction is older than the call."""
    with transaction(registry) as env:
        source = env["voip.rate.deck"].browse(world.deck)
        deck = source.copy({"name": "made", "code": f"{world.name}-made"})
        rates = [{"prefix": "44", "price_per_minute": "0.5"}]
        expect(deck._load(rates)["applied"], True, "load applied")
        deck.rate_ids.manual = False
        env["voip.account"].browse(world.accounts).deck_id = deck
        made = env["voip.rate.generator"].create(
            {
                "deck_id": deck.id,
                "on_change": "apply",
                "source_ids": [(0, 0, {"deck_id": source.id})],
            }
        )
    with transaction(registry) as env:
        env.cr.execute("SELECT count(*) FROM voip_usage_row")
        with before("_write_deck", lambda: call(registry, world)):
            env["voip.rate.generator"].browse(made.id)._follow()
    with transaction(registry) as env:
        generator = env["voip.rate.generator"].browse(made.id)
        expect(generator.problem or "", "", "problem of the mark-up")
        expect(generator.import_ids.mapped("state"), ["applied"], "mark-up")


def versions(registry, world):
    sql = "SELECT count(*) FROM voip_rate WHERE deck_id = %s AND prefix = '44'"
    return query(registry, sql, [world.deck])[0][0]


def main(database):
    registry = common.open_registry(database)
    world = World(registry, "deck-change", accounts=1, mode="postpaid")
    for number, (name, change) in enumerate(
        (
            ("load", load),
            ("import of a request that is older", apply_after_call),
            ("import at work", apply_with_call),
            ("load behind another change", load_after_write),
            ("typed by hand", typed),
        ),
        2,
    ):
        change(registry, world, f"0.{number}")
        expect(versions(registry, world), number, "versions")
        check(registry, quiet=True)
        tell(f"  {name}: each call lies within its version")
    closed(registry, world)
    follow(registry, world)
    check(registry)


if __name__ == "__main__":
    common.run(main)
