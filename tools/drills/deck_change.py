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

_calls = iter(range(1, 1_000))
SHEET = "Code,Destination,Price per minute,Effective date\n44,UK,{},{}\n"


def since():
    """The moment that the new rates name, as text; the calls began after it."""
    return f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%d %H:%M:%S}"


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
        ),
        2,
    ):
        change(registry, world, f"0.{number}")
        expect(versions(registry, world), number, "versions")
        check(registry, quiet=True)
        tell(f"  {name}: each call lies within its version")
    follow(registry, world)
    check(registry)


if __name__ == "__main__":
    common.run(main)
