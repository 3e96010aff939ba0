"""PostgreSQL is away while a switch sends: 503 and Retry-After, never 404 or 500.

A real server that is not started again; what was answered with 200 is stored and
charged once.
"""

import http.client
import json
import os
import threading
import time

import common
from cluster import Cluster, NotOurs
from common import Failed, World, check, expect, query, tell
from server import Server

from odoo import sql_db

PATH = "/json/2/voip.cdr/ingest"
SIZE, CUTS, CRASHES = 20, 8, 2
WAIT_SECONDS = 120
SLOW_INTAKE = """
CREATE FUNCTION drill_slow_intake() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN PERFORM pg_sleep(1); RETURN NEW; END$$;
CREATE TRIGGER drill_slow_intake BEFORE INSERT ON voip_cdr_batch
FOR EACH ROW EXECUTE FUNCTION drill_slow_intake()
"""
QUICK_INTAKE = """
DROP TRIGGER drill_slow_intake ON voip_cdr_batch;
DROP FUNCTION drill_slow_intake()
"""
CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE application_name = %s AND wait_event = 'PgSleep'
"""


class Switch:
    """Sends batches as docs/api.md says: again after anything but 2xx and 422."""

    def __init__(self, server, world, key):
        self.server, self.world, self.key = server, world, key
        self.number, self.statuses = 0, []

    def body(self):
        records = [self.world.record(self.number * SIZE + n) for n in range(SIZE)]
        return {"switch": self.world.name, "records": records}

    def send(self):
        """The status of one try; every answer is checked."""
        status, headers, text = self.server.post(PATH, self.key, self.body())
        self.statuses.append(status)
        if status == 503:
            expect_503(headers, text)
        else:
            expect(status, 200, f"answer ({text[:300]})")
            self.number += 1
        return status

    def until_stored(self):
        """Send one batch until it is taken; seconds that took."""
        start = time.monotonic()
        while self.send() != 200:
            expect(time.monotonic() - start < WAIT_SECONDS, True, "taken in time")
            time.sleep(0.1)
        return time.monotonic() - start


def expect_503(headers, text):
    expect(headers["Retry-After"], "5", "seconds until the next try")
    expect("Send the same call again" in json.loads(text)["message"], True, text)


def stopped(cluster, server, switch):
    """While the server is stopped, on every route of JSON-2 and on /jsonrpc."""
    cluster.crash()
    try:
        for _try in range(6):
            expect(switch.send(), 503, "answer while PostgreSQL is stopped")
        for path in ("/json/2", "/json/2/voip.cdr/batch_status", "/json/2/a/b/c"):
            status, headers, text = server.post(path, switch.key, {"batch": 1})
            expect(status, 503, path)
            expect_503(headers, text)
        for path in ("/voip/netting/" + "x" * 43, "/voip/brevo/" + "0" * 32, "/my"):
            status, headers, _text = server.post(path, "", {})
            expect((status, headers["Retry-After"]), (503, "5"), path)
        call = {"service": "common", "method": "authenticate"}
        params = {**call, "args": [server.database, "x", "y", {}]}
        status, headers, text = server.post("/jsonrpc", "", {"params": params})
        expect((status, headers["Retry-After"]), (503, "5"), "/jsonrpc")
        expect("error" in json.loads(text), True, "/jsonrpc")
    finally:
        sql_db.close_all()
        start_while_sending(cluster, switch)


def start_while_sending(cluster, switch):
    starter = threading.Thread(target=cluster.start)
    starter.start()
    while starter.is_alive():
        switch.send()
        time.sleep(0.02)
    starter.join()


def cut(registry, server, switch):
    """The connection of a request is cut while it stores."""
    execute(registry, SLOW_INTAKE)
    before, cuts = switch.statuses.count(503), 0
    for _try in range(3 * CUTS):
        # A worker may find its connection dead before it stores: no cut of ours.
        cuts += cut_one(registry, server, switch)
        if cuts == CUTS:
            break
    execute(registry, QUICK_INTAKE)
    expect(cuts, CUTS, "connections cut")
    expect(switch.statuses.count(503) - before >= CUTS, True, "503 after each cut")


def cut_one(registry, server, switch):
    """Cut the connection of the next call; whether it was storing."""
    answers, count = len(switch.statuses), 0
    sender = threading.Thread(target=switch.send)
    sender.start()
    while sender.is_alive():
        count += query(registry, CUT, [server.name])[0][0]
        time.sleep(0.02)
    expect(len(switch.statuses), answers + 1, "answers")
    return bool(count)


def execute(registry, sql):
    with registry.cursor() as cr:
        cr.execute(sql)


def unknown_database(server, switch):
    """A database that does not exist is no matter of waiting."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {
        "Authorization": f"bearer {switch.key}",
        "Content-Type": "application/json",
        "X-Odoo-Database": "voip_no_such_database",
    }
    connection.request("POST", PATH, b"{}", headers)
    expect(connection.getresponse().status, 404, "a database that does not exist")
    connection.close()


def await_charges(registry, world, switch):
    """Seconds until everything that was taken is charged, once."""
    sql = "SELECT count(*) FROM voip_usage_row WHERE account_id = %s"
    wanted, start = switch.number * SIZE, time.monotonic()
    while query(registry, sql, [world.accounts[0]])[0][0] != wanted:
        if time.monotonic() - start > WAIT_SECONDS:
            raise Failed("not all that was taken is charged")
        time.sleep(0.2)
    return time.monotonic() - start


def drill(cluster, database):
    os.environ["PGHOST"] = str(cluster.socket)
    registry = common.open_registry(database)
    where = query(registry, "SHOW data_directory")[0][0]
    expect(where, str(cluster.data), "the server that is stopped")
    world = World(registry, "away")
    with common.transaction(registry) as env:
        switch = env["voip.switch"].browse(world.switch)
        key = switch.action_create_key()["context"]["default_key"]
    with Server(database, workers=2, crons=1) as server:
        switch = Switch(server, world, key)
        expect(switch.send(), 200, "answer before")
        back = []
        for _crash in range(CRASHES):
            stopped(cluster, server, switch)
            back.append(switch.until_stored())
        waited = await_charges(registry, world, switch)
        cut(registry, server, switch)
        unknown_database(server, switch)
        switch.until_stored()
        waited = max(waited, await_charges(registry, world, switch))
        expect(server.process.poll(), None, "end of the server")
    tell(
        f"  {CRASHES} times stopped and started, {CUTS} connections cut:"
        f" {switch.statuses.count(200)} answers 200, {switch.statuses.count(503)} 503,"
        f" none other; taken again {max(back):.1f} s after the start; all"
        f" {switch.number * SIZE} records charged once, after {waited:.1f} s"
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
