"""Call records over HTTP JSON-2: how many are accepted, and how many are rated and
charged while they arrive.

A prefork server with two workers answers on the loopback; the key is a switch's own.
First as many calls as it takes without rating, then a steady rate with one cron worker
that rates: how long each batch takes from its answer 200 to its charge, and the number
of waiting batches every five seconds. The clients run in this process, so they share
the machine with the server.
"""

import http.client
import json
import socket
import statistics
import sys
import threading
import time
from contextlib import contextmanager

import common

PATH = "/json/2/voip.cdr/ingest"
RECORDS_PER_CALL = 1_000
CLIENTS = 4
WARM_UP = 8
SAMPLE_SECONDS = 5
WAITING_SQL = "SELECT count(*) FROM voip_cdr_batch WHERE state = 'waiting'"
# Written just before the commit, by the clock of this very machine.
DONE_SQL = """
SELECT id, extract(epoch FROM done_at)::float FROM voip_cdr_batch WHERE id = ANY(%s)
"""


def main():
    options = common.parser(__doc__, 200_000)
    options.add_argument("--rate", type=int, default=5_000, help="records a second")
    options.add_argument("--seconds", type=int, default=120, help="of the steady rate")
    options = options.parse_args()
    with common.database("bench_ingest_http", options) as database:
        measure(options, database)


def measure(options, database):
    with common.environment(database) as env:
        key = switch_key(env)
    steady = options.rate * options.seconds if options.seconds else 0
    total = WARM_UP * RECORDS_PER_CALL + options.records + steady
    records = common.World(options).records(total)
    common.show("records a call", RECORDS_PER_CALL, digits=0)
    with serve(database, crons=0) as port:
        client = Client(port, key)
        client.send_all(bodies(records, WARM_UP))
        accept(options, client, bodies(records, options.records // RECORDS_PER_CALL))
    settle(database, key, options)
    if steady:
        with serve(database, crons=1) as port:
            sustain(options, database, Client(port, key), records)


def switch_key(env):
    """A new API key of the switch's own user."""
    switch = env["voip.switch"].search([("code", "=", "bench")])
    return switch.action_create_key()["context"]["default_key"]


def bodies(records, calls):
    """List of the next ``calls`` request bodies."""
    return [
        json.dumps(
            {
                "switch": "bench",
                "records": [next(records) for _row in range(RECORDS_PER_CALL)],
            }
        ).encode()
        for _call in range(calls)
    ]


# === Server === #


@contextmanager
def serve(database, crons):
    """A prefork server on a free port of the loopback."""
    port, gevent_port = free_ports(2)
    server = common.launch(
        database,
        f"--http-port={port}",
        f"--gevent-port={gevent_port}",
        "--workers=2",
        f"--max-cron-threads={crons}",
        "--limit-time-real=600",
        f"--db-filter=^{database}$",
        "--load=base,rpc,web,voip_http",
    )
    try:
        await_server(server, port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=60)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _port in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def await_server(server, port):
    for _attempt in range(240):
        if server.poll() is not None:
            sys.exit("the server does not start")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/web/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.25)
    sys.exit("the server does not answer")


def post(port, path, body, key):
    """What a JSON-2 call answers; ends the measurement where that is no 200."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    if response.status != 200:
        sys.exit(f"{response.status}: {answer}")
    return answer


class Client:
    """Sends bodies from several threads and keeps each answer's time."""

    def __init__(self, port, key):
        self.port, self.key = port, key
        self.accepted = self.refused = 0
        self.seconds = []
        self.answered = {}
        self._lock = threading.Lock()

    def send(self, body):
        begun = time.perf_counter()
        answer = post(self.port, PATH, body, self.key)
        with self._lock:
            self.seconds.append(time.perf_counter() - begun)
            self.answered[answer["batch"]] = time.time()
            self.accepted += answer["accepted"]
            self.refused += answer["received"] - answer["accepted"]

    def send_all(self, waiting, pace=0.0):
        """Send all bodies; ``pace`` seconds lie between two starts.

        :return: seconds until the last answer
        """
        self.accepted = self.refused = 0
        self.seconds, self.answered = [], {}
        turns, begun = iter(enumerate(waiting)), time.perf_counter()

        def work():
            while True:
                with self._lock:
                    turn, body = next(turns, (None, None))
                if body is None:
                    return
                time.sleep(max(0.0, begun + turn * pace - time.perf_counter()))
                self.send(body)

        threads = [threading.Thread(target=work) for _client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(self.seconds) < len(waiting):
            sys.exit("a call failed")
        return time.perf_counter() - begun


# === Phases === #


def accept(options, client, waiting):
    wall = client.send_all(waiting)
    common.show("accept only: records received", options.records, digits=0)
    show_answers(client)
    rate = len(waiting) * RECORDS_PER_CALL / wall
    common.show("records per second (bar 10,000)", rate, digits=0)


def show_answers(client):
    times = sorted(client.seconds)
    common.show("  accepted", client.accepted, digits=0)
    common.show("  duplicates, conflicts, refused", client.refused, digits=0)
    common.show("  answer, median", 1000 * statistics.median(times), "ms", 0)
    common.show("  answer, 95 %", 1000 * times[int(0.95 * len(times))], "ms", 0)


def settle(database, key, options):
    """Rate what the first phase left, in this process."""
    with common.environment(database) as env:
        count = waiting_batches(env.cr)
        with common.Clock() as clock:
            while waiting_batches(env.cr):
                env["voip.cdr.batch"].with_context(cron_id=None)._cron_rate()
                env.cr.commit()
        # The cron worker of the next server is to be woken by its first batch.
        env.cr.execute("DELETE FROM ir_cron_trigger")
    common.show("rated afterwards: batches", count, digits=0)
    if count:
        rate = count * RECORDS_PER_CALL / clock.wall
        common.show("  records per second", rate, digits=0)
        common.show("  processor per batch", 1000 * clock.cpu / count, "ms", 0)


def waiting_batches(cr):
    cr.execute(WAITING_SQL)
    return cr.fetchone()[0]


def sustain(options, database, client, records):
    calls = options.rate * options.seconds // RECORDS_PER_CALL
    waiting = bodies(records, calls)
    samples, done = [], threading.Event()

    def sample():
        while not done.wait(SAMPLE_SECONDS):
            samples.append(common.sql(database, WAITING_SQL)[0][0])

    sampler = threading.Thread(target=sample)
    sampler.start()
    wall = client.send_all(waiting, RECORDS_PER_CALL / options.rate)
    done.set()
    sampler.join()
    begun = time.perf_counter()
    left = common.sql(database, WAITING_SQL)[0][0]
    while common.sql(database, WAITING_SQL)[0][0]:
        if time.perf_counter() - begun > 600:
            sys.exit("batches are left waiting")
        time.sleep(0.2)
    common.show("steady: records per second asked", options.rate, digits=0)
    received = calls * RECORDS_PER_CALL
    common.show("records per second received", received / wall, digits=0)
    show_answers(client)
    print("  waiting batches every 5 s:", *samples, flush=True)
    common.show("  waiting batches at the end", left, digits=0)
    common.show("  seconds until all were charged", time.perf_counter() - begun)
    total = wall + time.perf_counter() - begun
    common.show("records per second charged (bar 5,000)", received / total, digits=0)
    show_waits(database, client.answered)


def show_waits(database, answered):
    """From the answer 200 to the charge, of every batch."""
    done = dict(common.sql(database, DONE_SQL, [list(answered)]))
    # A batch may be charged before its answer has reached the client.
    waits = {batch: max(0.0, done[batch] - answered[batch]) for batch in answered}
    times = sorted(waits.values())
    common.show("accepted to charged: batches", len(times), digits=0)
    common.show("  median", 1000 * statistics.median(times), "ms", 0)
    common.show("  99 %", 1000 * times[int(0.99 * (len(times) - 1))], "ms", 0)
    common.show("  maximum (bar 3,000)", 1000 * times[-1], "ms", 0)
    common.show("  the last batch", 1000 * waits[max(answered)], "ms", 0)


if __name__ == "__main__":
    main()
