"""A batch among 100,000 accounts against the same batch among 500.

The small database is the one of the other benchmarks, with an address for each trunk
and a number for each account. The large one is a copy that plain SQL fills up: accounts
with partner, wallet, trunk and number, and a year of posted invoices for some thousands
of them. Four kinds of records take turns: by code of the trunk, by its address, by code
of the account, by number of the caller. Every batch goes into both.
"""

import argparse
from ipaddress import IPv4Address

import common
import growth_batches
from generator import Faults

BAR = 1.2


def measure(options):
    few = argparse.Namespace(**{**vars(options), "accounts": common.ACCOUNTS})
    with common.database("bench_growth", few) as source:
        small, large = f"{source}_few", f"{source}_many"
        try:
            common.copy_database(source, small)
            name_all(small)
            common.copy_database(small, large)
            with common.Clock() as clock:
                grow(large, options)
            common.show("grown by SQL in", clock.wall, "s", 1)
            compare(few, options, small, large)
        finally:
            if not options.keep:
                common.drop_database(small)
                common.drop_database(large)


def compare(few, options, small, large):
    count = options.runs + growth_batches.WARM_UP
    batches = batches_of(few, options.records, count)
    common.show("records a batch", options.records, digits=0)
    sides = growth_batches.take_turns((small, large), batches)
    medians = [
        growth_batches.show(f"{accounts:,} accounts, median of {options.runs}", side)
        for accounts, side in zip((few.accounts, options.accounts), sides, strict=True)
    ]
    common.show(f"ratio (at most {BAR})", medians[1] / medians[0])


# === Records === #


def batches_of(options, size, count):
    """``count`` lists of ``size`` records, each account named in all the ways."""
    world = common.World(options)
    places = {row["trunk_code"]: n for n, row in enumerate(world.accounts)}
    records = world.records(size * count, Faults(0, 0, 0))
    owners = (
        owned(record, places[record["trunk"]], row)
        for row, record in enumerate(records)
    )
    return [[next(owners) for _row in range(size)] for _batch in range(count)]


def owned(record, account, row):
    """The record with another way to name its account for each ``row``."""
    owner = (
        {},
        {"trunk": str(FIRST_ADDRESS + account)},
        {"trunk": "", "account": f"C{account:04d}"},
        {"trunk": "", "caller": str(FIRST_NUMBER + account)},
    )
    return {**record, **owner[row % len(owner)]}


# === Accounts by SQL === #


def name_all(database):
    """Give every customer trunk of ``common.seed`` an address, its account a number."""
    common.sql(database, NAMES_SQL, FIRST)
    common.sql(database, "VACUUM ANALYZE")


def grow(database, options):
    """Fill up to ``options.accounts`` accounts, copies of the first one."""
    common.sql(
        database,
        GROW_SQL,
        {"first": common.ACCOUNTS, "last": options.accounts - 1, **FIRST},
    )
    month = f"{common.last_month()}-01"
    common.sql(database, INVOICES_SQL, {"accounts": options.invoiced, "month": month})
    common.sql(database, "VACUUM ANALYZE")


def copies(table, which, **columns):
    """SQL that adds a copy of one row of ``table`` for each row of ``grown``.

    :param which: condition that finds the row to copy
    :param columns: SQL of what differs
    """
    changes = ", ".join(f"'{name}', {value}" for name, value in columns.items())
    return f"""
INSERT INTO {table}
SELECT made.* FROM grown JOIN {table} model ON {which}
 CROSS JOIN LATERAL jsonb_populate_record(model, jsonb_build_object({changes})) made;
"""


def next_id(table):
    return f"nextval('{table}_id_seq')"


FIRST_ADDRESS = IPv4Address("10.0.0.0")
FIRST_NUMBER = 4_930_000_000_000
FIRST = {"address": str(FIRST_ADDRESS), "number": FIRST_NUMBER}
NAMES_SQL = """
UPDATE voip_trunk
   SET ip_addresses = host(%(address)s::inet + substr(code, 6)::int)
 WHERE code ~ '^cust-';
INSERT INTO voip_trunk_network (trunk_id, network)
SELECT id, ip_addresses::inet FROM voip_trunk WHERE ip_addresses IS NOT NULL;
INSERT INTO voip_account_number (account_id, company_id, number)
SELECT id, company_id, %(number)s + substr(code, 2)::int FROM voip_account;
"""
MODEL = "(SELECT {} FROM voip_account WHERE code = 'C0000')"
GROW_SQL = "\n".join(
    (
        f"""
CREATE TEMP TABLE grown ON COMMIT DROP AS
SELECT n, 'grown-' || n AS code, host(%(address)s::inet + n) AS address,
       (%(number)s + n)::text AS number, {next_id("res_partner")}::int AS partner_id,
       {next_id("voip_account")}::int AS account_id,
       {next_id("voip_trunk")}::int AS trunk_id
  FROM generate_series(%(first)s, %(last)s) n;
""",
        copies(
            "res_partner",
            f"model.id = {MODEL.format('partner_id')}",
            id="partner_id",
            name="code",
            complete_name="code",
            commercial_partner_id="partner_id",
        ),
        copies(
            "voip_account",
            "model.code = 'C0000'",
            id="account_id",
            name="grown.code",
            code="grown.code",
            partner_id="grown.partner_id",
            payer_id="account_id",
            bill_account_id="account_id",
            parent_path="account_id || '/'",
        ),
        # Not copied whole: PostgreSQL makes the balance itself.
        f"""
INSERT INTO voip_wallet (account_id, company_id, currency_id, ledger_balance, unbilled,
       unbilled_tax, reserved, limit_amount)
SELECT grown.account_id, model.company_id, model.currency_id, 0, 0, 0, 0, limit_amount
  FROM grown JOIN voip_wallet model ON model.account_id = {MODEL.format("id")};
""",
        copies(
            "voip_trunk",
            "model.code = 'cust-0000'",
            id="trunk_id",
            name="grown.code",
            code="grown.code",
            code_key="grown.code",
            account_id="grown.account_id",
            ip_addresses="address",
        ),
        copies(
            "voip_account_number",
            f"model.account_id = {MODEL.format('id')}",
            id=next_id("voip_account_number"),
            account_id="grown.account_id",
            number="grown.number",
        ),
        "INSERT INTO voip_trunk_network SELECT trunk_id, address::inet FROM grown",
    )
)
# Empty invoices: they bill nothing, so the books stay as they are.
INVOICES_SQL = """
INSERT INTO account_move (
    name, sequence_prefix, sequence_number, state, move_type, auto_post, journal_id,
    company_id, currency_id, partner_id, commercial_partner_id, date, invoice_date,
    voip_account_id, voip_payer_id, voip_period_start, voip_period_end)
SELECT 'GROWN/' || a.id || '/' || back, 'GROWN/' || a.id || '/', back, 'posted',
       'out_invoice', 'no', j.id, a.company_id, a.currency_id, a.partner_id,
       a.partner_id, month, month, a.id, a.id, month - back * interval '1 month',
       month - (back - 1) * interval '1 month' - interval '1 day'
  FROM (SELECT * FROM voip_account ORDER BY id LIMIT %(accounts)s) a
  JOIN (SELECT company_id, min(id) AS id FROM account_journal WHERE type = 'sale'
         GROUP BY 1) j USING (company_id)
 CROSS JOIN generate_series(1, 12) back
 CROSS JOIN (SELECT %(month)s::date AS month) m
"""
