"""PostgreSQL crashes in mid-intake: nothing acknowledged is lost, the rest resumes."""

import os
import random
import threading
import time

import common
import psycopg2
from cluster import Cluster, NotOurs
from common import Failed, World, check, expect, ingest, query, tell

CRASHES, SENDERS, SIZE = 6, 3, 100
DRAIN_SECONDS = 120


class Senders:
    """Threads that send batches until acknowledged, and one that rates."""

    def __init__(self, registry, world):
        self.registry, self.world = registry, world
        self.acknowledged, self.errors, self.failures = [], 0, []
        self.stopping = threading.Event()
        targets = [lambda s=s: self._send(s) for s in range(SENDERS)] + [self._rate]
        self.threads = [
            threading.Thread(target=self._guard, args=(t,)) for t in targets
        ]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        if self.failures:
            raise self.failures[0]

    def _guard(self, target):
        try:
            target()
        except Exception as error:  # noqa: BLE001 raised by ``stop``
            self.failures.append(error)

    def _send(self, sender):
        number = sender
        while not self.stopping.is_set():
            self._until_acknowledged(number)
            self.acknowledged.append(number)
            number += SENDERS

    def _until_acknowledged(self, number):
        for _attempt in range(2_000):
            try:
                with common.transaction(self.registry) as env:
                    answer = ingest(env, self.world, batch(self.world, number))
            except psycopg2.Error:
                self.errors += 1
                time.sleep(0.05)
                continue
            got = answer["accepted"], answer["duplicates"]
            expect(got in ((SIZE, 0), (0, SIZE)), True, f"batch {number} is whole")
            return
        raise Failed(f"batch {number} is never acknowledged")

    def _rate(self):
        while not self.stopping.is_set():
            try:
                with common.transaction(self.registry) as env:
                    env["voip.cdr.batch"]._cron_rate()
            except psycopg2.Error:
                self.errors += 1
            time.sleep(0.05)


def batch(world, number):
    return [world.record(number * SIZE + n) for n in range(SIZE)]


def drain(registry, world):
    """Rate what waits; how many seconds it took."""
    start = time.monotonic()
    sql = "SELECT state, count(*) FROM voip_cdr_batch WHERE switch_id = %s GROUP BY 1"
    while True:
        with common.transaction(registry) as env:
            env["voip.cdr.batch"]._cron_rate()
        states = dict(query(registry, sql, [world.switch]))
        if set(states) == {"done"}:
            return time.monotonic() - start
        if time.monotonic() - start > DRAIN_SECONDS:
            raise Failed(f"not drained: {states}")


def verify(registry, world, senders):
    calls = {
        f"call-{number * SIZE + n}"
        for number in senders.acknowledged
        for n in range(SIZE)
    }
    stored = query(
        registry,
        "SELECT call_id FROM voip_cdr WHERE switch_id = %s",
        [world.switch],
    )
    expect(len(stored), len({row[0] for row in stored}), "records stored once")
    expect(calls - {row[0] for row in stored}, set(), "acknowledged records lost")
    charged = query(
        registry,
        "SELECT count(*) FROM voip_usage_row WHERE account_id = %s",
        [world.accounts[0]],
    )[0][0]
    expect(charged, len(stored), "records charged")
    return len(calls)


def drill(cluster, database):
    os.environ["PGHOST"] = str(cluster.socket)
    registry = common.open_registry(database)
    where = query(registry, "SHOW data_directory")[0][0]
    expect(where, str(cluster.data), "the server that is crashed")
    world = World(registry, "crash")
    senders = Senders(registry, world)
    recovery = []
    try:
        for _crash in range(CRASHES):
            time.sleep(random.uniform(0.4, 1.5))
            cluster.crash()
            start = time.monotonic()
            cluster.start()
            recovery.append(time.monotonic() - start)
        time.sleep(1)
    finally:
        senders.stop()
    seconds = drain(registry, world)
    count = verify(registry, world, senders)
    expect(senders.errors >= CRASHES, True, "crashes noticed by requests")
    tell(
        f"  {CRASHES} crashes, {senders.errors} failed requests, slowest recovery"
        f" {max(recovery):.1f} s: {count} records acknowledged and stored,"
        f" drained in {seconds:.1f} s"
    )
    check(registry)


def main(database):
    try:
        with Cluster(database) as cluster:
            drill(cluster, database)
    except NotOurs as error:
        tell(f"  left out: this is not the project's own server ({error})")


if __name__ == "__main__":
    common.run(main)
