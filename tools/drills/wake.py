"""Batches stored while the rater ends its run: each is charged within seconds.

A wake-up that is lost shows as a wait of a minute, when the worker looks by itself.
"""

import random
import time

import common
from common import Failed, World, check, expect, ingest, query, tell
from server import Server

ENDS, BATCHES = 8, 150
# Far above a busy machine's, far below the minute of a worker that is not woken.
LIMIT = 20
SLOW_END = """
CREATE FUNCTION drill_slow_end() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN PERFORM pg_sleep(0.4); RETURN NEW; END$$;
CREATE TRIGGER drill_slow_end BEFORE UPDATE OF nextcall ON ir_cron
FOR EACH ROW WHEN (OLD.id = %s) EXECUTE FUNCTION drill_slow_end()
"""
QUICK_END = """
DROP TRIGGER drill_slow_end ON ir_cron;
DROP FUNCTION drill_slow_end()
"""
ENDING = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event = 'PgSleep'
"""
WAITS = """
SELECT extract(epoch FROM done_at)::float, id FROM voip_cdr_batch WHERE id = ANY(%s)
"""


class Sender:
    """Stores batches of one call and knows when each was committed."""

    def __init__(self, registry, world):
        self.registry, self.world = registry, world
        self.number, self.stored = 0, {}

    def send(self):
        self.number += 1
        with common.transaction(self.registry) as env:
            record = self.world.record(self.number)
            batch = ingest(env, self.world, [record])["batch"]
        self.stored[batch] = time.time()
        return batch

    def until_done(self, batch):
        sql = "SELECT state FROM voip_cdr_batch WHERE id = %s"
        end = time.monotonic() + 100
        while time.monotonic() < end:
            if query(self.registry, sql, [batch])[0][0] == "done":
                return
            time.sleep(0.02)
        raise Failed(f"batch {batch} is never rated")

    def waits(self):
        """Seconds from each batch's commit to its charge; then begins anew."""
        stored, self.stored = self.stored, {}
        rows = query(self.registry, WAITS, [list(stored)])
        return [max(0.0, done - stored[batch]) for done, batch in rows]


def execute(registry, sql, arguments=None):
    with registry.cursor() as cr:
        cr.execute(sql, arguments)


def hit_ends(registry, sender):
    """Each second batch comes after the run's last look, before the run has ended."""
    with common.transaction(registry) as env:
        cron = env.ref("voip_rating.ir_cron_rate").id
    execute(registry, SLOW_END, [cron])
    for _end in range(common.share(ENDS)):
        sender.send()
        await_end(registry)
        sender.until_done(sender.send())
    execute(registry, QUICK_END)


def await_end(registry):
    end = time.monotonic() + 100
    while time.monotonic() < end:
        if query(registry, ENDING)[0][0]:
            return
        time.sleep(0.01)
    raise Failed("the rater does not run")


def hit_anywhere(sender, rng):
    """At random distances about as long as a run is."""
    for _batch in range(common.share(BATCHES)):
        batch = sender.send()
        time.sleep(rng.uniform(0, 0.25))
    sender.until_done(batch)
    time.sleep(1)


def drill(registry, database, world, workers, rng):
    sender = Sender(registry, world)
    sender.number = workers * 10_000
    with Server(database, workers=workers):
        hit_ends(registry, sender)
        ends = sender.waits()
        hit_anywhere(sender, rng)
        rest = sender.waits()
    kind = f"{workers} worker processes" if workers else "threads"
    count = common.share(ENDS)
    tell(
        f"  {kind}, one cron worker: {count} batches at the end of a run, charged"
        f" after {max(ends):.2f} s at most; {len(rest)} at any time, {max(rest):.2f} s"
    )
    expect(max(ends + rest) < LIMIT, True, f"charged within {LIMIT} s")


def triggers(registry):
    return query(
        registry,
        "SELECT count(*) FROM ir_cron_trigger WHERE cron_id IN (SELECT res_id"
        " FROM ir_model_data WHERE module = 'voip_rating' AND name = 'ir_cron_rate')",
    )[0][0]


def main(database):
    registry = common.open_registry(database)
    seed = random.SystemRandom().randrange(10**6)
    tell(f"  seed {seed}")
    rng = random.Random(seed)
    world = World(registry, "wake")
    for workers in (0, 1):
        drill(registry, database, world, workers, rng)
    count = triggers(registry)
    tell(f"  {count} triggers left over")
    expect(count <= 1, True, "triggers do not pile up")
    check(registry)


if __name__ == "__main__":
    common.run(main)
