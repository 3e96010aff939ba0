"""Call records that a switch posts one by one: requests a second, and how long each
record takes from its answer 200 to its charge.

A prefork server with two workers answers on the loopback; one cron worker rates while
they arrive. The clients run in this process, so they share the machine with the server.
"""

import http.client
import json
import statistics
import sys
import threading
import time

import common
from ingest_http import CLIENTS, serve, switch_key

PATH = "/voip/cdr/bench/generic"
WARM_UP = 100
CHARGED_SQL = "SELECT count(*) FROM voip_usage_row"
BATCHES_SQL = "SELECT count(*) FROM voip_cdr_batch"


def main():
    options = common.parser(__doc__, 6_000)
    options.add_argument("--crons", type=int, default=1, help="cron workers")
    options = options.parse_args()
    with common.database("bench_posts", options) as database:
        measure(options, database)


def measure(options, database):
    with common.environment(database) as env:
        key = switch_key(env)
    total = WARM_UP + options.records
    bodies = [json.dumps(r).encode() for r in common.World(options).records(total)]
    with serve(database, crons=options.crons) as port:
        Clients(port, key).send(bodies[:WARM_UP])
        wall, seconds = Clients(port, key).send(bodies[WARM_UP:])
        sent = time.perf_counter()
        while waiting(database):
            if time.perf_counter() - sent > 600 or not options.crons:
                break
            time.sleep(0.1)
        rest = time.perf_counter() - sent
    seconds.sort()
    common.show("requests of one record", len(seconds), digits=0)
    common.show("requests per second (bar 300)", len(seconds) / wall, digits=0)
    common.show("  answer, median", 1000 * statistics.median(seconds), "ms", 1)
    common.show("  answer, 95 %", 1000 * seconds[int(0.95 * len(seconds))], "ms", 1)
    common.show("last answer until all are rated", rest, "s")
    common.show("batches", common.sql(database, BATCHES_SQL)[0][0], digits=0)
    common.show("charged", common.sql(database, CHARGED_SQL)[0][0], digits=0)


def waiting(database):
    """Posts and batches that are not rated yet."""
    tables = ["SELECT count(*) FROM voip_cdr_batch WHERE state = 'waiting'"]
    if common.sql(database, "SELECT to_regclass('voip_cdr_post')")[0][0]:
        tables.append("SELECT count(*) FROM voip_cdr_post")
    return sum(common.sql(database, table)[0][0] for table in tables)


class Clients:
    """Some senders, each with a connection of its own per request, as switches have."""

    def __init__(self, port, key):
        self.port = port
        self.headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
        }

    def send(self, bodies):
        """(seconds from first to last answer, seconds of each)"""
        seconds, left = [], iter(bodies)
        lock = threading.Lock()

        def work():
            while True:
                with lock:
                    body = next(left, None)
                if body is None:
                    return
                seconds.append(self._post(body))

        threads = [threading.Thread(target=work) for _client in range(CLIENTS)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(seconds) < len(bodies):
            sys.exit("a request failed")
        return time.perf_counter() - begun, seconds

    def _post(self, body):
        begun = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("POST", PATH, body, self.headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        if response.status != 200:
            sys.exit(f"{response.status}: {text[:300]}")
        return time.perf_counter() - begun


if __name__ == "__main__":
    main()
