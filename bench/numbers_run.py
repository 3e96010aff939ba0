"""The rental run over 100,000 numbers in 2,000 accounts, and searches in a million.

The run charges a month in advance, in a process of its own, as the scheduled action
does: 200 accounts a transaction. Baseline: INSERTs of the very rows that it made into
the same tables of a copy of the database, 1,000 a statement, in one transaction; beside
it a COPY of them, which no INSERT reaches. Month-ends defer and recognise it. Then the
inventory grows to 1,000,000 numbers and the machine door is asked for free ones, by
country and by digits.

No file here is called numbers.py: Python has a module of that name.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import common
import numbers_deferral
from cdr_file import columns, dump, load, server_cpu
from psycopg2.extras import execute_values

ACCOUNTS = 2_000
TABLES = ("voip_usage_summary", "voip_usage_row", "voip_did_charge")
PAGE = 1_000
SEARCHED = 1_000_000
RATIO, SEARCH = 1.5, 0.1
PATTERNS = {
    "free in a country": {"country": "DE"},
    "digits at the beginning": {"pattern": "4930*"},
    "digits at the end": {"pattern": "*4455"},
    "last digit": {"pattern": "*7"},
    "digits anywhere": {"pattern": "94455"},
    "few digits anywhere": {"pattern": "445"},
    "two digits anywhere": {"pattern": "45"},
    "one digit anywhere": {"pattern": "7"},
    "one digit in a country": {"country": "DE", "pattern": "7"},
    "digits apart": {"pattern": "*4*7*"},
    "country and end": {"country": "DE", "pattern": "*777"},
    "digits that nobody has": {"pattern": "*9999999"},
}


def main():
    options = common.parser(__doc__, 100_000)
    options.set_defaults(accounts=ACCOUNTS)
    options.add_argument("--runs", type=int, default=3, help="of both sides")
    options.add_argument("--searched", type=int, default=SEARCHED)
    options.add_argument("--rent", action="store_true", help="only run it in --db")
    options = options.parse_args()
    if options.rent:
        print(json.dumps(rent(options.db)))
        return
    name = options.db or common.make_database("bench_numbers", options, "voip_did")
    try:
        if not options.db:
            with common.environment(name) as env:
                seed(env, options)
            common.sql(name, "VACUUM ANALYZE")
        measure(options, name)
        with common.environment(name) as env:
            numbers_deferral.measure(env, run)
        search(options, name)
    finally:
        if not (options.db or options.keep):
            common.drop_database(name)


def seed(env, options):
    """Accounts that pay later, a plan with tiers, numbers assigned since this month."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    partner = env["res.partner"].create({"name": "Holder"})
    rows = [
        {
            "name": f"Holder {number}",
            "code": f"H{number:05d}",
            "partner_id": partner.id,
            "mode": "postpaid",
            "cycle": "monthly",
            "tz": common.ZONES[number % len(common.ZONES)],
        }
        for number in range(options.accounts)
    ]
    accounts = env["voip.account"].create(rows)
    day = "2020-01-01"
    prices = [
        {"fee": "monthly", "price": 3.0, "effective_from": day},
        {"fee": "monthly", "price": 2.5, "min_numbers": 40, "effective_from": day},
    ]
    plan = env["voip.did.plan"].create(
        {
            "name": "Bench",
            "code": "bench",
            "is_default": True,
            "price_ids": [(0, 0, price) for price in prices],
        }
    )
    env.flush_all()
    first = since()
    numbers(env, 0, options.records)
    env.cr.execute(ASSIGN_SQL, [accounts.ids, accounts.ids, plan.id, first])
    env["voip.did"]._settle_all()


def since():
    """First day of a month that has begun in every zone."""
    return (date.today() - timedelta(days=1)).replace(day=1)


def numbers(env, first, last):
    """Numbers ``first`` to ``last`` of the plan of numbers, in a mix of countries."""
    codes = ["DE", "GB", "US", "FR"]
    countries = env["res.country"].search([("code", "in", codes)], order="code")
    company, currency = env.company, env.company.currency_id
    values = [company.id, countries.ids, currency.id, first, last - 1]
    env.cr.execute(NUMBERS_SQL, values)


def measure(options, database):
    work, base = f"{database}_work", f"{database}_base"
    ours, inserts, copies = [], [], []
    with tempfile.TemporaryDirectory(prefix="voip-bench-") as folder:
        try:
            for _run in range(options.runs):
                common.copy_database(database, work)
                ours.append(rent_in_process(work))
                dump(work, Path(folder), TABLES)
                common.copy_database(database, base)
                prepare(base)
                inserts.append(insert(work, base))
                common.copy_database(database, base)
                prepare(base)
                copies.append(load(base, Path(folder), TABLES)["wall"])
        finally:
            common.drop_database(work)
            common.drop_database(base)
    report(options, ours, inserts, copies)


def report(options, ours, inserts, copies):
    wall = statistics.median(run["wall"] for run in ours)
    common.show("numbers", options.records, digits=0)
    common.show("accounts", options.accounts, digits=0)
    common.show("rows of usage", ours[0]["rows"], digits=0)
    common.show("rental run", wall, "s", 2)
    for name in ("cpu", "server"):
        common.show(f"  {name}", statistics.median(run[name] for run in ours), "s", 2)
    work = statistics.median(run["cpu"] + run["server"] for run in ours)
    plain, plain_work = (statistics.median(x) for x in zip(*inserts, strict=True))
    common.show("INSERTs of the same rows", plain, "s", 2)
    common.show("  processor", plain_work, "s", 2)
    common.show(f"  ratio (bar {RATIO})", wall / plain, "", 2)
    common.show(f"  ratio of processor time (bar {RATIO})", work / plain_work, "", 2)
    common.show("COPY of the same rows", statistics.median(copies), "s", 2)
    common.show("  ratio", wall / statistics.median(copies), "", 2)
    common.show("second run", statistics.median(r["again"] for r in ours), "s", 2)
    idle = statistics.median(run["idle"] for run in ours)
    peak = statistics.median(run["peak"] for run in ours)
    common.show("memory before", idle, "MB", 0)
    common.show("peak memory", peak, "MB", 0)


def rent_in_process(database):
    command = [sys.executable, __file__, "--rent", f"--db={database}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def rent(database):
    """Charge everything as the scheduled action does; a dict of figures."""
    with common.environment(database) as env:
        env.cr.execute("CHECKPOINT")
        idle = common.peak_megabytes()
        with common.Clock() as clock:
            run(env)
        server = server_cpu(env.cr)
        env.cr.execute("SELECT count(*) FROM voip_did_charge")
        rows = env.cr.fetchone()[0]
        with common.Clock() as again:
            run(env)
        env.cr.execute("SELECT count(*) FROM voip_did_charge")
        if env.cr.fetchone()[0] != rows:
            raise SystemExit("the second run charged something")
    return {
        "rows": rows,
        "wall": clock.wall,
        "cpu": clock.cpu,
        "server": server,
        "again": again.wall,
        "idle": idle,
        "peak": common.peak_megabytes(),
    }


def run(env):
    from odoo.addons.voip_billing_base.charge.transaction import run_money
    from odoo.addons.voip_did.rental.did_rental import ACCOUNTS

    company = env.company
    due = env["voip.did.assignment"]._accounts_due(company)
    for start in range(0, len(due), ACCOUNTS):
        accounts = due[start : start + ACCOUNTS]
        run_money(
            env,
            lambda own, ids=accounts: own["voip.did.assignment"]._charge_each(
                company.id, ids
            ),
        )
        env.cr.commit()


# === Baseline === #


def prepare(database):
    """Months that the run makes are there."""
    for month in {since(), date.today().replace(day=1)}:
        values = ["voip_usage_row", month]
        common.sql(database, "SELECT voip_ensure_partition(%s, %s, NULL)", values)


def insert(source, target):
    """(wall, processor) seconds of INSERTs of the rows of ``source``, committed."""
    rows, names = {}, {}
    connection = common.connect(source)
    with connection.cursor() as cr:
        for table in TABLES:
            names[table] = columns(cr, table)
            cr.execute(f"SELECT {texts(cr, table)} FROM {table}")
            rows[table] = cr.fetchall()
    connection.close()
    connection = common.connect(target)
    connection.autocommit = False
    with common.Clock() as clock, connection.cursor() as cr:
        for table in TABLES:
            command = f"INSERT INTO {table} ({names[table]}) VALUES %s"
            execute_values(cr, command, rows[table], page_size=PAGE)
        connection.commit()
    server = common.backend_cpu(connection.get_backend_pid())
    connection.close()
    return clock.wall, clock.cpu + server


def texts(cr, table):
    """Columns that an INSERT may write; JSON as its text."""
    named = columns(cr, table)
    return named.replace("facets", "facets::text")


# === Searches === #


def search(options, database):
    with common.environment(database) as env:
        numbers(env, options.records, options.searched)
        env.cr.commit()
    common.sql(database, "VACUUM ANALYZE voip_did")
    with common.environment(database) as env:
        common.show("numbers searched", env["voip.did"].search_count([]), digits=0)
        for title, given in PATTERNS.items():
            seconds, before = [], server_cpu(env.cr) + time.process_time()
            for _run in range(1 + options.runs):
                with common.Clock() as clock:
                    answer = env["voip.did"].search(**given)
                env.invalidate_all()
                seconds.append(clock.wall)
            work = (server_cpu(env.cr) + time.process_time() - before) / len(seconds)
            bar = f"(bar {SEARCH * 1000:.0f} ms, {answer['count']:,} found)"
            median = statistics.median(seconds[1:]) * 1000
            common.show(f"search: {title} {bar}", median, "ms", 1)
            common.show("  processor", work * 1000, "ms", 0)


NUMBERS_SQL = """
INSERT INTO voip_did (company_id, active, number, country_id, kind, two_way, has_voice,
                      channels, cost_setup, cost_monthly, cost_currency_id, state,
                      create_date, write_date)
SELECT %s, true,
       CASE n %% 4 WHEN 0 THEN '4930' WHEN 1 THEN '3310' WHEN 2 THEN '4420'
                   ELSE '1212' END
           || lpad((n::bigint * 7919 %% 10000019)::text, 8, '0'),
       (%s::int[])[n %% 4 + 1], 'local', true, true, 2, 0, 0.4, %s, 'free',
       now(), now()
  FROM generate_series(%s, %s) n
"""
ASSIGN_SQL = """
INSERT INTO voip_did_assignment (did_id, company_id, account_id, plan_id, date_start,
                                 create_date, write_date)
SELECT id, company_id, (%s::int[])[1 + id %% cardinality(%s::int[])], %s, %s, now(),
       now()
  FROM voip_did
"""

if __name__ == "__main__":
    main()
