"""Records posted one by one while the worker and the database's connections are killed.

Four senders post to a real server and send again whatever is not answered with 200.
Meanwhile cron workers are killed by SIGKILL, and the connections of requests and of
the worker are cut: every acknowledged post ends as exactly one record, charged once.
"""

import http.client
import os
import random
import signal
import threading
import time

import common
from common import Failed, World, check, expect, query, tell
from server import Server

POSTS, HANDS, KILLS, CUTS = 2_000, 4, 2, 6
WAIT_SECONDS = 180
WORKING = """
SELECT pid FROM pg_stat_activity
 WHERE datname = current_database() AND application_name = %s
   AND wait_event = 'PgSleep'
"""
CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND application_name = %s
   AND pid <> pg_backend_pid() AND state <> 'idle'
"""
# Work lasts long enough to be hit: the batch is stored, not yet committed.
SLOW = """
CREATE FUNCTION drill_slow_posts() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END$$;
CREATE TRIGGER drill_slow_posts AFTER DELETE ON voip_cdr_post
FOR EACH STATEMENT EXECUTE FUNCTION drill_slow_posts()
"""
QUICK = """
DROP TRIGGER drill_slow_posts ON voip_cdr_post;
DROP FUNCTION drill_slow_posts()
"""
LEFT = """
SELECT (SELECT count(*) FROM voip_cdr_post)
       + (SELECT count(*) FROM voip_cdr_batch WHERE state = 'waiting')
"""
NOW = """
UPDATE voip_cdr_batch SET retry_at = now() AT TIME ZONE 'UTC' WHERE retry_at IS NOT NULL
"""
RECORDS = """
SELECT count(*), count(DISTINCT call_id) FROM voip_cdr_row r
  JOIN voip_cdr_batch b ON b.id = r.batch_id WHERE b.switch_id = %s
"""
BATCHES = """
SELECT count(*), sum(received), sum(accepted), sum(duplicates) FROM voip_cdr_batch
 WHERE switch_id = %s
"""


class Hands:
    """Senders that share the numbers of the records to post."""

    def __init__(self, server, world, key):
        self.server, self.world, self.key = server, world, key
        self.path = f"/voip/cdr/{world.name}/generic"
        self.numbers, self.lock = iter(range(POSTS)), threading.Lock()
        self.acknowledged, self.again = 0, 0

    def work(self):
        while True:
            with self.lock:
                number = next(self.numbers, None)
            if number is None:
                return
            self._until_taken(self.world.record(number))

    def _until_taken(self, record):
        end = time.monotonic() + WAIT_SECONDS
        while not self._post(record):
            expect(time.monotonic() < end, True, "taken in time")
            with self.lock:
                self.again += 1
            time.sleep(0.1)
        with self.lock:
            self.acknowledged += 1

    def _post(self, record):
        try:
            status, _headers, text = self.server.post(self.path, self.key, record)
        except (OSError, http.client.HTTPException):
            return False
        expect(status in (200, 503), True, f"answer {status}: {text[:200]}")
        return status == 200


def execute(registry, sql):
    with registry.cursor() as cr:
        # What the worker changes meanwhile is waited for, and is no error.
        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cr.execute(sql)


def kill_worker(registry, server):
    """SIGKILL the process that is storing a batch."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if query(registry, WORKING, [server.name]):
            os.kill(cron_worker(server), signal.SIGKILL)
            return
        time.sleep(0.01)
    raise Failed("no worker is met at work")


def cron_worker(server):
    """Pid of the cron worker, the child of the server that Odoo makes nicer."""
    parent = server.process.pid
    usual = os.getpriority(os.PRIO_PROCESS, parent)
    with open(f"/proc/{parent}/task/{parent}/children") as children:
        for pid in map(int, children.read().split()):
            if os.getpriority(os.PRIO_PROCESS, pid) > usual:
                return pid
    raise Failed("the server has no cron worker")


def disturb(registry, server, rng):
    for hit in range(max(KILLS, CUTS)):
        time.sleep(rng.uniform(0.2, 1.5))
        if hit < KILLS:
            kill_worker(registry, server)
        query(registry, CUT, [server.name])


def await_all(registry):
    """Seconds until nothing waits."""
    start = time.monotonic()
    while query(registry, LEFT)[0][0]:
        if time.monotonic() - start > WAIT_SECONDS:
            raise Failed("posts are left waiting")
        execute(registry, NOW)
        time.sleep(0.3)
    return time.monotonic() - start


def main(database):
    registry = common.open_registry(database)
    seed = random.SystemRandom().randrange(10**6)
    tell(f"  seed {seed}")
    rng = random.Random(seed)
    world = World(registry, "posts")
    with common.transaction(registry) as env:
        switch = env["voip.switch"].browse(world.switch)
        key = switch.action_create_key()["context"]["default_key"]
    execute(registry, SLOW)
    with Server(database, workers=2, crons=1) as server:
        hands = Hands(server, world, key)
        disturber = threading.Thread(target=disturb, args=(registry, server, rng))
        disturber.start()
        start = time.monotonic()
        common.threads(*[hands.work] * HANDS)
        seconds = time.monotonic() - start
        disturber.join()
        execute(registry, QUICK)
        waited = await_all(registry)
    expect(hands.acknowledged, POSTS, "acknowledged")
    expect(query(registry, RECORDS, [world.switch])[0], (POSTS, POSTS), "records")
    charged = "SELECT count(*) FROM voip_usage_row WHERE account_id = %s"
    expect(query(registry, charged, [world.accounts[0]])[0][0], POSTS, "charged")
    count, received, accepted, doubles = query(registry, BATCHES, [world.switch])[0]
    expect(accepted, POSTS, "accepted")
    expect(received, accepted + doubles, "received")
    tell(
        f"  {POSTS} posts by {HANDS} hands in {seconds:.0f} s, {hands.again} sent"
        f" again; worker killed {KILLS} times, connections cut {CUTS} times; all"
        f" charged once, {waited:.1f} s after the last; {count} batches, {doubles}"
        " duplicates"
    )
    check(registry)


if __name__ == "__main__":
    common.run(main)
