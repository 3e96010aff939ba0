"""Fetches from AI providers, killed and cut at every step that writes.

Retell tells calls page by page, OpenAI hours of usage and what a day cost. SIGKILL,
then an ended session, before each statement that writes and each commit, and after each
commit: what was fetched is there once, its session is charged once, and the place where
the fetch goes on skips nothing.
"""

import importlib.util
from datetime import timedelta
from functools import partial
from pathlib import Path

import common
from common import World, check, expect, query, tell, transaction
from seal_kill import at_every_step
from steps import cut_at, killed_writing, writes

TESTS = Path(__file__).resolve().parents[2] / "addons/voip_ai_usage/tests"
CALLS, HOURS, PAGE = 5, 3, 2
# The tokens of a sample at 0.01 for 1,000.
PRICE = 0.01
LEAVES = """
SELECT r.state, (SELECT sum((p ->> 'units')::bigint)
                   FROM jsonb_array_elements(s.parts) p
                  WHERE p ->> 'kind' LIKE ANY('{input%%,output%%}')),
       s.id, s.state, (SELECT sum(units) FROM voip_ai_charge c WHERE c.session_id = s.id
                          AND c.kind LIKE ANY('{input%%,output%%}'))
  FROM voip_ai_provider_record r
  LEFT JOIN voip_ai_session s ON s.company_id = r.company_id AND s.session_ref = r.ref
 WHERE r.import_id = %s
"""
PLACE = """
SELECT read_until IS NOT NULL, span_until IS NOT NULL, message
  FROM voip_ai_provider_import WHERE id = %s
"""


def load(name):
    """A module of the add-on's own tests, which has no Odoo in it."""
    spec = importlib.util.spec_from_file_location(name, TESTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def catalogue(registry):
    """A provider whose tokens have one price on either side."""
    with transaction(registry) as env:
        for code in ("openai", "retell"):
            provider = env["voip.ai.provider"].create({"name": code, "code": code})
            env["voip.ai.model"].create(
                {
                    "name": code,
                    "code": f"{code}-any",
                    "aliases": "gpt*" if code == "openai" else "retell*",
                    "provider_id": provider.id,
                }
            )
            for side in ("sale", "cost"):
                for kind in ("input", "output"):
                    env["voip.ai.price"].create(
                        {
                            "side": side,
                            "provider_id": provider.id,
                            "kind": kind,
                            "price": PRICE,
                            "effective_from": "2020-01-01",
                        }
                    )


def source(registry, world, server, provider, key):
    """An import from a provider of this machine; its id."""
    with transaction(registry) as env:
        one = env["voip.ai.provider.import"].create(
            {
                "name": f"{provider} {key}",
                "provider": provider,
                "base_url": server.url,
                "account_id": world.accounts[0],
                "start_at": (common.today() - timedelta(days=4)).replace(tzinfo=None),
            }
        )
        one.key = server.key
        return one.id


def struck(registry, world, number, wanted, strike):
    """Fetch and charge, struck at every step; the steps."""

    def work():
        with transaction(registry) as env:
            env["voip.ai.provider.import"].browse(number)._work(lambda _done: 1)
        common.in_money_transaction(
            registry, lambda env: env["voip.ai.session"]._charge_waiting(world.company)
        )

    def whole(end=False):
        rows = query(registry, LEAVES, [number])
        expect(len(rows) <= wanted, True, f"{len(rows)} records")
        for state, units, session, charged, billed in rows:
            expect(state in ("waiting", "taken"), True, f"a record is {state}")
            expect(state == "taken", session is not None, "a record and its session")
            if session:
                expect(billed, units if charged == "charged" else None, "tokens")
        [[read, going, message]] = query(registry, PLACE, [number])
        if read and not going:
            expect(len(rows), wanted, "records of a fetch that is over")
        if end:
            expect((read, going, message), (True, False, None), "the fetch")
            expect({row[3] for row in rows}, {"charged"}, "states of sessions")

    steps = at_every_step(registry, strike, work, whole)
    whole(end=True)
    return steps


def main(database):
    registry = common.open_registry(database)
    from odoo.addons.voip_ai_usage.providers.pull import sources

    sources.Retell.size = PAGE
    sources.OpenAI.size = sources.OpenAI.days_size = 1
    samples, local = load("provider_samples"), load("provider_server")
    day = common.today() - timedelta(days=2) + timedelta(hours=9)
    with common.company_of_its_own(registry, "Killed fetches"):
        world = World(registry, "fetch_kill", mode="postpaid", ai_wait_hours=0)
        catalogue(registry)
        with local.ProviderServer() as server:
            for title, strike in (
                ("killed", killed_writing),
                ("cut", partial(cut_at, counted=writes)),
            ):
                fill(server, samples, title, day)
                take = partial(source, registry, world, server)
                for provider, wanted in (("retell", CALLS), ("openai", HOURS)):
                    number = take(provider, title)
                    steps = struck(registry, world, number, wanted, strike)
                    tell(f"  {provider}: {title} at {len(steps)} steps")
        check(registry)


def fill(server, samples, title, day):
    """What the providers tell; of another import it is another."""
    server.retell = [
        samples.retell(f"{title}-{n}", day + timedelta(minutes=n)) for n in range(CALLS)
    ]
    server.buckets = [samples.bucket(day + timedelta(hours=n)) for n in range(HOURS)]
    for bucket in server.buckets:
        bucket["results"][0]["project_id"] = title
    server.costs = [samples.costs(day - timedelta(days=n)) for n in (1, 0)]


if __name__ == "__main__":
    common.run(main)
