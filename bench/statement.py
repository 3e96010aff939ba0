"""A statement over 100,000 journal items of one customer, from the journal items.

One invoice and the payment that it is reconciled with are made by Odoo; plain SQL
copies both, pair by pair over three years. The statement is then asked for as data, of
all years and of the last month. Baseline: PostgreSQL's plain sum of the same items.
"""

import time
from datetime import date
from functools import partial
from statistics import median

import common
from growth_accounts import copies, next_id

BAR = 2.0
FIRST, LAST = date(2023, 1, 1), date(2025, 12, 31)
ITEMS = """
SELECT count(*), sum(l.amount_residual_currency)
  FROM account_move_line l JOIN account_account a ON a.id = l.account_id
 WHERE l.partner_id = %s AND l.parent_state = 'posted'
   AND a.account_type = 'asset_receivable'
"""


def main():
    options = common.parser(__doc__, 50_000)
    options.add_argument("--runs", type=int, default=5)
    options = options.parse_args()
    name = options.db or common.make_database(
        "bench_statement", options, "voip_documents"
    )
    try:
        with common.environment(name) as env:
            partner, models = seed(env)
        with common.Clock() as clock:
            grow(name, options.records, models)
        common.show("grown by SQL in", clock.wall, "s", 1)
        with common.environment(name) as env:
            measure(env, env["res.partner"].browse(partner), options.runs)
    finally:
        if not (options.db or options.keep):
            common.drop_database(name)


def seed(env):
    """(id of the customer, ids of the records to copy)."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    partner = env["res.partner"].create({"name": "Long", "ref": "LONG"})
    env["voip.account"].create(
        {"name": "Long", "code": "LONG", "partner_id": partner.id}
    )
    line = {"name": "Line", "quantity": 1, "price_unit": 12.34, "tax_ids": []}
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": FIRST,
            "invoice_line_ids": [(0, 0, line)],
        }
    )
    move.action_post()
    wizard = env["account.payment.register"].with_context(
        active_model="account.move", active_ids=move.ids
    )
    wizard.create({"payment_date": FIRST}).action_create_payments()
    owed = move.line_ids.filtered(lambda item: item.account_type == "asset_receivable")
    met = owed.matched_credit_ids
    paid = met.credit_move_id
    return partner.id, {
        "invoice": move.id,
        "owed": owed.id,
        "earned": (move.line_ids - owed).id,
        "payment": paid.move_id.id,
        "paid": paid.id,
        "banked": (paid.move_id.line_ids - paid).id,
        "partial": met.id,
    }


def grow(database, pairs, models):
    """Copy the invoice and its payment ``pairs`` times, days spread evenly."""
    days = (LAST - FIRST).days
    day = f"date '{FIRST}' + (n::bigint * {days} / {pairs})::int"
    columns = ", ".join(
        f"{next_id(table)}::int AS {name}" for name, table in TABLES.items()
    )
    grown = f"""
CREATE TEMP TABLE grown AS
SELECT n, {day} AS day, {columns} FROM generate_series(1, {pairs}) n;
"""
    replica = "SET session_replication_role = replica;"
    common.sql(database, "\n".join((replica, grown, *parts(models))))
    common.sql(database, "VACUUM ANALYZE")


TABLES = {
    "invoice": "account_move",
    "payment": "account_move",
    "owed": "account_move_line",
    "earned": "account_move_line",
    "paid": "account_move_line",
    "banked": "account_move_line",
    "partial": "account_partial_reconcile",
}
ITEMS_OF = {"invoice": ("owed", "earned"), "payment": ("paid", "banked")}


def parts(models):
    """SQL that copies each record; the copies name one another."""
    of_move = {
        name: copies(
            "account_move",
            f"model.id = {models[name]}",
            id=f"grown.{name}",
            name=f"'{name} ' || n",
            sequence_number="n",
            date="day",
            invoice_date="day",
            invoice_date_due="day",
        )
        for name in ("invoice", "payment")
    }
    of_line = [
        copies(
            "account_move_line",
            f"model.id = {models[name]}",
            id=f"grown.{name}",
            move_id=f"grown.{move}",
            move_name=f"'{move} ' || n",
            date="day",
            invoice_date="day",
            date_maturity="day",
        )
        for move, names in ITEMS_OF.items()
        for name in names
    ]
    met = copies(
        "account_partial_reconcile",
        f"model.id = {models['partial']}",
        id="grown.partial",
        debit_move_id="grown.owed",
        credit_move_id="grown.paid",
        max_date="day",
    )
    return [*of_move.values(), *of_line, met]


def measure(env, partner, runs):
    # A parallel worker's time would be counted nowhere.
    env.cr.execute("SET max_parallel_workers_per_gather = 0")
    env.cr.execute(ITEMS, [partner.id])
    items, left = env.cr.fetchone()
    common.show("journal items of the customer", items, digits=0)
    baseline = timed(lambda: env.cr.execute(ITEMS, [partner.id]), runs)
    for title, first in (("three years", FIRST), ("the last month", date(2025, 12, 1))):
        made = partner._voip_statement(env.company, first, LAST)
        if sum(one.closing for one in made) != left:
            raise SystemExit("the statement does not close with what is open")
        days = {"date_from": str(first), "date_to": str(LAST)}
        ask = partial(env["voip.account"].statement, customer="LONG", **days)
        spent = processor(env)
        seconds = timed(ask, runs)
        common.show(f"statement of {title} (bar {BAR:.0f} s)", seconds, "s")
        common.show("  of processor", (processor(env) - spent) / runs, "s")
        common.show("  times the plain sum", seconds / baseline)
    common.show("peak memory", common.peak_megabytes(), "MB", 0)


def processor(env):
    """Processor seconds that this process and PostgreSQL's for it have used."""
    env.cr.execute("SELECT pg_backend_pid()")
    return time.process_time() + common.backend_cpu(env.cr.fetchone()[0])


def timed(work, runs):
    """Median wall seconds of ``runs`` runs."""
    seconds = []
    for _run in range(runs):
        with common.Clock() as clock:
            work()
        seconds.append(clock.wall)
    return median(seconds)


if __name__ == "__main__":
    main()
