"""Usage events over HTTP JSON-2: how many are accepted, and how long the oldest waits
until it is counted and charged.

Four of five types have prices: by destination with progressive tiers, per 1,000, with
free units, by whole volume; ``--counted`` leaves them without.

A prefork server with two workers and one cron worker answers on the loopback; the key
has the scope of events. First as many calls as it takes, then a steady rate, while the
oldest waiting event is looked at five times a second. The client runs in this process,
so it shares the machine with the server. At last the usage page over the sums of
10,000,000 events: the bare question, and graph, list and pivot as a viewer opens them.
"""

import json
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import common
from ingest_http import post, serve

PATH = "/json/2/voip.usage.event/record"
EVENTS_PER_CALL = 10_000
CLIENTS = 2
TYPES = ("sms_outbound", "ai_tokens", "email_sent", "lrn_query", "call_out")
PRICES = (
    ("sms_outbound", 0.05, {}),
    (
        "sms_outbound",
        0.04,
        {"prefix": "4930", "tiering": "progressive", "tiers": [(1001, 0.03)]},
    ),
    ("sms_outbound", 0.003, {"part": "carrier_fee", "prefix": "49"}),
    ("ai_tokens", 0.15, {"per": 1000}),
    ("email_sent", 0.001, {"free_units": 100}),
    ("lrn_query", 0.002, {"tiering": "whole", "tiers": [(501, 0.001)]}),
)
# By the index of what waits, whatever the statistics of the moment say: a look that
# reads all events takes half a processor from what is measured.
WATCH_SQL = "SET enable_seqscan = off; SET max_parallel_workers_per_gather = 0"
LAG_SQL = """
SELECT COALESCE(extract(epoch FROM clock_timestamp() AT TIME ZONE 'UTC'
                        - min(received_at)), 0)::float
  FROM voip_usage_event WHERE state = 'waiting'
"""
STATES_SQL = "SELECT state, count(*) FROM voip_usage_event GROUP BY 1"
PAGE_SQL = """
SELECT local_day, category, sum(events) FROM voip_usage_event_day
 WHERE company_id = %s AND local_day >= now()::date - 30 GROUP BY 1, 2
"""
# Sums of 10,000,000 events: of 500 accounts, each type and day, from four sources.
FILL_SQL = """
INSERT INTO voip_usage_event_day (company_id, account_id, type_id, category, source,
                                  local_day, events, units)
SELECT 1, a.id, t.id, t.category, 'fill-' || s, now()::date - d, 10000000 / c.rows + 1,
       1
  FROM (SELECT id FROM voip_account WHERE company_id = 1 ORDER BY id LIMIT 500) a
 CROSS JOIN voip_usage_event_type t CROSS JOIN generate_series(1, 4) s
 CROSS JOIN generate_series(0, 29) d
 CROSS JOIN (SELECT 4 * 30 * count(*) * LEAST(500, (
                    SELECT count(*) FROM voip_account WHERE company_id = 1)) AS rows
               FROM voip_usage_event_type WHERE code = ANY(ARRAY[{codes}])) c
 WHERE t.code = ANY(ARRAY[{codes}]);
ANALYZE voip_usage_event_day
""".format(codes=", ".join(f"'{code}'" for code in TYPES))


def main():
    options = common.parser(__doc__, 100_000)
    options.add_argument("--rate", type=int, default=5_000, help="events a second")
    options.add_argument("--seconds", type=int, default=60, help="of the steady rate")
    options.add_argument("--counted", action="store_true", help="without prices")
    options = options.parse_args()
    if options.db:
        measure(options, options.db)
        return
    database = common.make_database("bench_events", options, "voip_rating")
    try:
        measure(options, database)
    finally:
        if not options.keep:
            common.drop_database(database)


def measure(options, database):
    with common.environment(database) as env:
        key, stamp = prepare(env, options.accounts)
        if not options.counted:
            give_prices(env)
    steady = options.rate * options.seconds
    calls = iter(bodies(options, stamp, (options.records + steady) // EVENTS_PER_CALL))
    with serve(database, crons=1) as port:
        client = Client(port, key)
        accepted, begun = 0, time.perf_counter()
        for _call in range(options.records // EVENTS_PER_CALL):
            accepted += client.send(next(calls))
        wall = time.perf_counter() - begun
        common.show("events a call", EVENTS_PER_CALL, digits=0)
        common.show("accepted by one client, a second", accepted / wall, "", 0)
        wait_for_all(database)
        sustain(options, database, client, calls)
    verdict(database)


def prepare(env, accounts):
    """Make accounts; (API key with the scope of events, what tells this run apart)."""
    partner = env["res.partner"].create({"name": "Bench"})
    stamp = f"{time.time():.0f}"
    env["voip.account"].create(
        [
            {"partner_id": partner.id, "code": f"ev-{number}-{stamp}", "tz": "UTC"}
            for number in range(accounts)
        ]
    )
    group = env.ref("voip_billing_base.group_voip_events")
    user = env["res.users"].create(
        {
            "name": "Bench events",
            "login": f"bench-events-{stamp}",
            "group_ids": [(6, 0, group.ids)],
        }
    )
    until = datetime.now() + timedelta(days=1)
    keys = env(user=user.id)["res.users.apikeys"].sudo()
    return keys._generate("rpc", "bench", until), stamp


def give_prices(env):
    """Prices of four types, in the default list of the company's currency."""
    listed = env["voip.event.pricelist"].create(
        {"name": "Bench", "code": f"bench-{time.time():.0f}", "is_default": True}
    )
    first = datetime.now().date().replace(day=1) - timedelta(days=1)
    for code, amount, terms in PRICES:
        kind = env.ref(f"voip_billing_base.event_type_{code}")
        kind.is_priced = True
        tiers = terms.get("tiers", ())
        values = {"pricelist_id": listed.id, "type_id": kind.id, "price": amount}
        values |= {"effective_from": first.replace(day=1), **terms}
        values.pop("tiers", None)
        values["tier_ids"] = [(0, 0, {"from_unit": n, "price": p}) for n, p in tiers]
        env["voip.event.price"].create(values)


def bodies(options, stamp, calls):
    """Request bodies of 10,000 events each, over 30 days."""
    now, number = datetime.now(UTC), 0
    for _call in range(calls):
        events = []
        for _row in range(EVENTS_PER_CALL):
            at = now - timedelta(seconds=number * 997 % (30 * 86_400))
            events.append(
                {
                    "event_id": f"{stamp}-{number}",
                    "account": f"ev-{number % options.accounts}-{stamp}",
                    "source": "bench",
                    "event_type": TYPES[number % len(TYPES)],
                    "units": number % 9 + 1,
                    "occurred_at": at.isoformat(),
                    "metadata": {"to": f"4930{number:08d}"},
                }
            )
            number += 1
        yield json.dumps({"events": events}).encode()


class Client:
    """Sends bodies and keeps each answer's time."""

    def __init__(self, port, key):
        self.port, self.key = port, key
        self.seconds = []

    def send(self, body):
        begun = time.perf_counter()
        answer = post(self.port, PATH, body, self.key)
        if answer["errors"]:
            sys.exit(str(answer)[:500])
        self.seconds.append(time.perf_counter() - begun)
        return answer["accepted"]


def sustain(options, database, client, calls):
    """Send at the steady rate; the age of the oldest waiting event meanwhile."""
    ages, done = [], threading.Event()

    def look():
        with closing(common.connect(database)) as connection, connection.cursor() as cr:
            cr.execute(WATCH_SQL)
            while not done.wait(0.2):
                cr.execute(LAG_SQL)
                ages.append(cr.fetchone()[0])

    watcher = threading.Thread(target=look)
    watcher.start()
    before = common.processor_by_process(database)
    pace, begun = EVENTS_PER_CALL / options.rate, time.perf_counter()
    client.seconds, sent = [], []
    with ThreadPoolExecutor(CLIENTS) as pool:
        for turn, body in enumerate(calls):
            time.sleep(max(0.0, begun + turn * pace - time.perf_counter()))
            sent.append(pool.submit(client.send, body))
    accepted = sum(one.result() for one in sent)
    wall = time.perf_counter() - begun
    wait_for_all(database)
    after = common.processor_by_process(database)
    spent = sum(after[pid] - before.get(pid, 0) for pid in after)
    done.set()
    watcher.join()
    common.show("steady: events a second", accepted / wall, digits=0)
    common.show("  answer, median", 1000 * statistics.median(client.seconds), "ms", 0)
    common.show("  answer, longest", 1000 * max(client.seconds), "ms", 0)
    common.show("  processor of server and database", 1e6 * spent / accepted, "µs", 0)
    common.show("  oldest waiting, median", statistics.median(ages), "s", 2)
    common.show("  oldest waiting, longest (bar 5 s)", max(ages), "s", 2)


def wait_for_all(database):
    """Return when nothing waits; give up after two minutes."""
    for _look in range(600):
        if not common.sql(database, LAG_SQL)[0][0]:
            return
        time.sleep(0.2)
    sys.exit("events still wait after two minutes")


def verdict(database):
    states = dict(common.sql(database, STATES_SQL))
    if "waiting" in states:
        sys.exit(f"not all are counted: {states}")
    common.show("events counted in all", states["counted"], digits=0)
    common.show("  in error", states.get("error", 0), digits=0)
    charges = common.sql(database, "SELECT count(*) FROM voip_usage_event_charge")
    common.show("  charges of them", charges[0][0], digits=0)
    common.sql(database, FILL_SQL)
    rows = common.sql(database, PAGE_SQL, [1])
    common.show("usage page: events of its 30 days", sum(r[2] for r in rows), digits=0)
    show_middle("  its bare question", lambda: common.sql(database, PAGE_SQL, [1]))
    open_page(database)


def open_page(database):
    """Show how long a viewer waits for what the browser asks for each of its views."""
    with common.environment(database) as env:
        group = env.ref("voip_billing_base.group_voip_viewer")
        login = f"bench-page-{time.time():.0f}"
        values = {"name": login, "login": login, "group_ids": [(6, 0, group.ids)]}
        user = env["res.users"].create(values)
        days = env(user=user.id)["voip.usage.event.day"]
        last = [("local_day", ">=", "today -30d")]
        shown = {name: {} for name in ("local_day", "category", "source", "events")}
        names = {"fields": {"display_name": {}}}
        shown |= {"units": {}, "account_id": names, "type_id": names}
        views = {
            "graph": lambda: days.formatted_read_group(
                last, ["local_day:day", "category"], ["events:sum"]
            ),
            "list": lambda: days.web_search_read(last, shown, limit=80),
            "pivot": lambda: days.formatted_read_group(
                last, ["type_id", "local_day:week"], ["events:sum"]
            ),
        }
        for name, ask in views.items():
            show_middle(f"  its {name} (bar 300 ms)", ask, env.invalidate_all)


def show_middle(name, ask, forget=lambda: None):
    """Show the middle one of five turns of ``ask``, each after ``forget``."""
    seconds = []
    for _turn in range(5):
        forget()
        begun = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - begun)
    common.show(name, 1000 * statistics.median(seconds), "ms", 0)


if __name__ == "__main__":
    main()
