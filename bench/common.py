"""A database to measure in: accounts, trunks, decks of 60,000 prefixes, a month of
call records. Everything is seeded; the same arguments give the same data."""

import argparse
import contextlib
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(os.environ.get("VOIP_ROOT") or Path(__file__).resolve().parents[1])
sys.path.insert(0, str(ROOT / "tools" / "demo"))

import psycopg2  # noqa: E402
from decks import load_zones, sale_deck, supplier_deck  # noqa: E402
from generator import cdrs  # noqa: E402

ACCOUNTS = 500
PREFIXES = 60_000
SEED = 7
ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Europe/Berlin")
SUPPLIERS = ("NORTHTEL", "ORIENT")
TEMPLATE = "tpl_base_%"
TICKS = os.sysconf("SC_CLK_TCK")


def parser(description, records):
    """Command line common to all; figures depend on nothing else."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--records", type=int, default=records)
    options.add_argument("--accounts", type=int, default=ACCOUNTS)
    options.add_argument("--prefixes", type=int, default=PREFIXES)
    options.add_argument("--db", help="an existing database with the modules; kept")
    options.add_argument("--template", default=TEMPLATE, help="pattern of its name")
    options.add_argument("--keep", action="store_true", help="keep the new databases")
    return options


def last_month():
    """The last full month, ``YYYY-MM``."""
    return (date.today().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


# === Databases === #


def connect(database="postgres"):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    return connection


def sql(database, query, arguments=None):
    """Rows of one statement in a connection of its own."""
    with contextlib.closing(connect(database)) as connection:
        with connection.cursor() as cr:
            cr.execute(query, arguments)
            return cr.fetchall() if cr.description else []


def copy_database(source, target):
    """Copy a database nobody is connected to."""
    drop_database(target)
    sql("postgres", f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def drop_database(name):
    sql("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def odoo_arguments(database):
    """Arguments of Odoo's command line; the server is the one PGHOST names."""
    arguments = [f"--database={database}", f"--addons-path={ROOT / 'addons'}"]
    if os.environ.get("ODOO_RC"):
        arguments.insert(0, f"--config={os.environ['ODOO_RC']}")
    else:
        arguments.append(f"--data-dir={ROOT / '.voip' / 'bench'}")
    for name in ("host", "port", "user"):
        if value := os.environ.get(f"PG{name.upper()}"):
            arguments.append(f"--db_{name}={value}")
    return [*arguments, "--http-interface=127.0.0.1", "--log-level=warn"]


def launch(database, *arguments, **options):
    """Start Odoo's command line as a process."""
    command = [sys.executable, str(ROOT / "tools" / "odoo_launcher.py")]
    command += [*odoo_arguments(database), *arguments]
    return subprocess.Popen(command, **options)


def make_database(name, options, modules="voip_rating"):
    """A fresh database with the modules, from the newest core template."""
    templates = sql(
        "postgres",
        "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC",
        [options.template],
    )
    if not templates:
        sys.exit(f"there is no template database like {options.template}: ./voip setup")
    copy_database(templates[0][0], name)
    if launch(name, "-i", modules, "--stop-after-init", "--no-http").wait():
        sys.exit(f"the modules could not be installed in {name}")
    return name


@contextlib.contextmanager
def database(name, options, modules="voip_rating"):
    """The database of a measurement, seeded: ``--db``, else a fresh one."""
    if options.db:
        yield options.db
        return
    make_database(name, options, modules)
    try:
        with environment(name) as env:
            seed(env, options)
        yield name
    finally:
        if not options.keep:
            drop_database(name)


@contextlib.contextmanager
def environment(database):
    """An Odoo environment as superuser; commits at the end, leaves no connection."""
    import odoo
    from odoo import api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(odoo_arguments(database), setup_logging=True)
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, odoo.SUPERUSER_ID, {})
    odoo.sql_db.close_db(database)


# === Data === #


def wide_zones(prefixes):
    """Zones with at least so many prefixes; leaves of the plan are split by digits."""
    # None begins with a national 0, which is not dialled behind a country code.
    zones, digits = load_zones(), "123456789"
    known = {prefix for zone in zones for prefix in zone.prefixes}
    missing = prefixes - len(known) + 2000
    for place, zone in enumerate(zones):
        added = []
        for prefix in zone.prefixes:
            if missing > 0 and len(prefix) < 8:
                below = [prefix + digit for digit in digits]
                below = [text for text in below if text not in known]
                added += below
                missing -= len(below)
        zones[place] = zone._replace(prefixes=zone.prefixes + tuple(added))
    return zones


class World:
    """Parties and decks as the generator wants them."""

    def __init__(self, options):
        self.month = last_month()
        self.zones = wide_zones(options.prefixes)
        self.accounts = [
            {
                "account_code": f"C{number:04d}",
                "trunk_code": f"cust-{number:04d}",
                "zone": ZONES[number % len(ZONES)],
                "currency": "USD",
                "deck": "SALE",
                "caller_prefix": f"44{2000 + number}",
            }
            for number in range(options.accounts)
        ]
        self.suppliers = [
            {
                "supplier_code": code,
                "trunk_code": f"{code.lower()}-out",
                "zone": "UTC",
                "currency": "USD",
                "deck": code,
            }
            for code in SUPPLIERS
        ]
        rows = options.prefixes
        self.decks = {"SALE": sale_deck(f"{SEED}/SALE", rows, self.month, self.zones)}
        for code in SUPPLIERS:
            self.decks[code] = supplier_deck(
                f"{SEED}/{code}", rows, self.month, self.zones
            )

    def records(self, count, faults=None):
        """Iterator of ``count`` generic call records, faults included.

        :param faults: shares of injected faults, the generator's usual ones when None
        """
        return cdrs(
            SEED,
            count,
            self.month,
            self.accounts,
            self.suppliers,
            self.decks,
            self.zones,
            faults=faults,
        )


def seed(env, options):
    """Books, decks, accounts, trunks and one switch."""
    from odoo.addons.voip_rating.calls.claim import TABLES

    world = World(options)
    company = env.company
    env["ir.config_parameter"].set_param("ir_attachment.location", "file")
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    decks = {code: seed_deck(env, code, rates) for code, rates in world.decks.items()}
    partners = env["res.partner"].create(
        [{"name": f"Customer {a['account_code']}"} for a in world.accounts]
    )
    accounts = env["voip.account"].create(
        [
            {
                "name": row["account_code"],
                "code": row["account_code"],
                "partner_id": partner.id,
                "mode": "postpaid",
                "credit_limit": 1_000_000,
                "tz": row["zone"],
                "deck_id": decks["SALE"].id,
            }
            for row, partner in zip(world.accounts, partners, strict=True)
        ]
    )
    seed_trunks(env, world, accounts, decks)
    switch = env["voip.switch"].create({"name": "bench", "code": "bench"})
    month = date.fromisoformat(f"{world.month}-01")
    for table, unique in TABLES.items():
        for offset in (-1, 0, 32):
            day = month + timedelta(days=offset)
            env.cr.execute(
                "SELECT voip_ensure_partition(%s, %s, %s)", [table, day, unique]
            )
    return switch


def seed_deck(env, code, rates):
    deck = env["voip.rate.deck"].create(
        {
            "name": code,
            "code": code,
            "side": "customer" if code == "SALE" else "supplier",
            "tz": "UTC",
            "currency_id": env.company.currency_id.id,
        }
    )
    result = deck._load(rates)
    if not result["applied"]:
        sys.exit(f"deck {code}: {result['errors'][:3]}")
    return deck


def seed_trunks(env, world, accounts, decks):
    values = [
        {
            "name": row["trunk_code"],
            "code": row["trunk_code"],
            "side": "customer",
            "account_id": account.id,
        }
        for row, account in zip(world.accounts, accounts, strict=True)
    ]
    for supplier in world.suppliers:
        partner = env["res.partner"].create({"name": supplier["supplier_code"]})
        values.append(
            {
                "name": supplier["trunk_code"],
                "code": supplier["trunk_code"],
                "side": "supplier",
                "partner_id": partner.id,
                "deck_id": decks[supplier["deck"]].id,
            }
        )
    env["voip.trunk"].create(values)


# === Measuring === #


class Clock:
    """Wall and processor seconds of a block; ``with Clock() as clock``."""

    def __enter__(self):
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_error):
        self.wall = time.perf_counter() - self._wall
        self.cpu = time.process_time() - self._cpu


def backend_cpu(pid):
    """Processor seconds a process of this machine has used, 0 where unreadable."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def processor_by_process(database):
    """{process id: processor seconds} of this process's children, theirs, and the
    backends of a database."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
    below, found = {os.getpid()}, set()
    while below:
        below = {pid for pid, parent in parents.items() if parent in below} - found
        found |= below
    query = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
    found |= {pid for (pid,) in sql("postgres", query, [database])}
    return {pid: backend_cpu(pid) for pid in found}


def peak_megabytes():
    """Largest resident memory of this process so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def show(name, value, unit="", digits=2):
    """One line of the report; flushed, so that a long run shows where it is."""
    print(f"{name:<44}{value:>14,.{digits}f} {unit}".rstrip(), flush=True)
