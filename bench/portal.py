"""The customer's pages: with 10,000,000 calls of his, and under load.

Each page is opened over HTTP by a customer with all those calls in one account, nine
times; bar: 300 ms. Then 50 customers open a page every five seconds each while calls
come in over JSON-2 and are rated; bars: median 300 ms, 95th percentile 1 s, no error.
Clients and server share the machine.

python bench/portal.py --calls 1000000 --seconds 30
"""

import random
import re
import statistics
import sys
import threading
import time

import common
import growth_sql as grow
import ingest_http
import requests

TRIES = 9
EVERY = 5
MODULES = "voip_portal,voip_http"
PASSWORD = "bench-portal"  # noqa: S105  of a database that is dropped
PAGES = {
    "overview": "",
    "movements": "/movements",
    "invoices": "/invoices",
    "usage by day": "/usage",
    "usage by destination, a year": "/usage?by=destination&date_from={year}",
    "usage as CSV": "/usage/file",
    "calls": "/calls?date_from={month}&date_to={end}",
    "calls by number": "/calls?number=4420712&date_from={month}&date_to={end}",
    "rates": "/rates",
    "rates by name": "/rates?search=mobile",
    "what a call costs": "/rates?number=447700900123",
    "contacts": "/contacts",
}


def main():
    options = common.parser(__doc__, 0)
    options.add_argument("--calls", type=int, default=10_000_000)
    options.add_argument("--months", type=int, default=5, help="of the calls")
    options.add_argument("--customers", type=int, default=50)
    options.add_argument("--rate", type=int, default=2_000, help="records a second")
    options.add_argument("--seconds", type=int, default=60, help="of the load")
    options = options.parse_args()
    with common.database("bench_portal", options, MODULES) as database:
        if not options.db:
            with common.Clock() as clock:
                grow.calls(database, options.calls, options.months, accounts=1)
            common.show("calls of one account made by SQL", options.calls, digits=0)
            common.show("  in", clock.wall, "s", 0)
        with common.environment(database) as env:
            customers(env, options.customers)
            key = ingest_http.switch_key(env)
        with ingest_http.serve(database, crons=0) as port:
            walk(Customer(port, 0))
        if options.seconds:
            with ingest_http.serve(database, crons=1) as port:
                load(options, port, key)


def customers(env, count):
    """Contacts who log in, one for each of the first accounts."""
    accounts = env["voip.account"].search(
        [("code", "=like", "C____")], order="code", limit=count
    )
    group = env.ref("base.group_portal")
    users = env["res.users"].with_context(no_reset_password=True)
    if users.search_count([("login", "=", "customer-0")]):
        return
    users.create(
        [
            {
                "name": f"Customer {number}",
                "login": f"customer-{number}",
                "password": PASSWORD,
                "partner_id": account.partner_id.id,
                "group_ids": [(6, 0, group.ids)],
            }
            for number, account in enumerate(accounts)
        ]
    )


class Customer:
    """A session of a customer who is logged in."""

    def __init__(self, port, number):
        self._root, self._http = f"http://127.0.0.1:{port}", requests.Session()
        page = self._http.get(f"{self._root}/web/login", timeout=60).text
        token = re.search(r'csrf_token: "([^"]+)"', page)[1]
        form = {"login": f"customer-{number}", "password": PASSWORD}
        form["csrf_token"] = token
        self._http.post(f"{self._root}/web/login", data=form, timeout=60)
        if self.open("") is None:
            sys.exit(f"customer-{number} is not logged in")

    def open(self, path):
        """Seconds until a page is there; None where it is none."""
        month = grow.months_back(1)[0]
        path = path.format(
            month=month, end=month.replace(day=28), year=month.replace(day=1)
        )
        begun = time.perf_counter()
        answer = self._http.get(
            f"{self._root}/my/voip{path}", timeout=60, allow_redirects=False
        )
        return time.perf_counter() - begun if answer.status_code == 200 else None


def walk(customer):
    """Milliseconds of each page."""
    for name, path in PAGES.items():
        customer.open(path)  # warms up
        times = [customer.open(path) for _try in range(TRIES)]
        if None in times:
            sys.exit(f"{name}: no page")
        told = f"{name} (bar 300), median of {TRIES}"
        common.show(told, 1000 * statistics.median(times), "ms", 0)
        common.show("  slowest", 1000 * max(times), "ms", 0)


def load(options, port, key):
    """Customers walk about while calls are taken and rated."""
    sessions = [Customer(port, number) for number in range(options.customers)]
    records = common.World(options).records(options.rate * options.seconds)
    count = options.rate * options.seconds // ingest_http.RECORDS_PER_CALL
    bodies = ingest_http.bodies(records, count)
    ends = time.perf_counter() + options.seconds
    times, errors = [], []

    def walk_about(session, chance):
        time.sleep(chance.random() * EVERY)
        while (begun := time.perf_counter()) < ends:
            path = chance.choice(list(PAGES.values()))
            seconds = session.open(path)
            (times if seconds is not None else errors).append(seconds or path)
            time.sleep(max(0, begun + EVERY - time.perf_counter()))

    threads = [
        threading.Thread(target=walk_about, args=(session, random.Random(number)))
        for number, session in enumerate(sessions)
    ]
    for thread in threads:
        thread.start()
    client = ingest_http.Client(port, key)
    wall = client.send_all(bodies, ingest_http.RECORDS_PER_CALL / options.rate)
    for thread in threads:
        thread.join()
    times.sort()
    common.show("records a second meanwhile", len(bodies) * 1000 / wall, digits=0)
    common.show("customers", options.customers, digits=0)
    common.show("pages", len(times), digits=0)
    common.show("  errors (bar 0)", len(errors), digits=0)
    common.show("  median (bar 300)", 1000 * statistics.median(times), "ms", 0)
    common.show("  95 % (bar 1,000)", 1000 * times[int(0.95 * len(times))], "ms", 0)


if __name__ == "__main__":
    main()
