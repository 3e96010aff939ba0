"""An invoice run over a month of rated calls, against a plain Odoo create and post of
invoices with the same lines.

Both sides work in this process, in transactions of as many invoices as a run takes. The
plain side makes a sample of the run's invoices again from product, name, price and
taxes, as any module would; the two are then compared field by field.
"""

import sys
import tempfile
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import common
from cdr_file import rate_in_process
from generator import FIELDS, write_csv

MOVE_FIELDS = (
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "amount_residual",
    "currency_id",
    "journal_id",
    "fiscal_position_id",
    "invoice_date_due",
    "invoice_payment_term_id",
    "partner_shipping_id",
    "state",
)
LINE_FIELDS = (
    "account_id",
    "amount_currency",
    "balance",
    "credit",
    "date_maturity",
    "debit",
    "discount",
    "display_type",
    "name",
    "partner_id",
    "price_subtotal",
    "price_total",
    "product_id",
    "product_uom_id",
    "quantity",
    "tax_base_amount",
    "tax_ids",
    "tax_line_id",
    "tax_tag_ids",
)


def main():
    options = common.parser(__doc__, 1_000_000)
    options.add_argument("--sample", type=int, default=100, help="plain invoices")
    options.set_defaults(profile=None)
    options = options.parse_args()
    with common.database("bench_invoice_run", options) as database:
        rate_month(options, database)
        with common.environment(database) as env:
            run = measure_run(env)
            measure_plain(env, run, options)


def rate_month(options, database):
    """Fill the database with usage, unless it was given with usage."""
    if common.sql(database, "SELECT 1 FROM voip_usage_summary LIMIT 1"):
        return
    with tempfile.TemporaryDirectory(prefix="voip-bench-") as folder:
        source = Path(folder) / "calls.csv"
        write_csv(source, common.World(options).records(options.records), FIELDS)
        rate_in_process(options, database, source)
    common.sql(database, "ANALYZE")


def measure_run(env):
    month = date.fromisoformat(f"{common.last_month()}-01") + timedelta(days=32)
    run = env["voip.billing.run"].create(
        {
            "cutoff": datetime(month.year, month.month, 5),
            "invoice_date": month.replace(day=1),
            "override_unrated": True,
            "override_reason": "Measuring: the errors of the demo data stay",
        }
    )
    with common.Clock() as preview:
        run.action_preview()
        env.cr.commit()
    with common.Clock() as clock:
        run.state = "running"
        env.cr.commit()
        while run._work_chunk(product().run_money):
            env.cr.commit()
        run._finish()
        env.cr.commit()
    moves = run.move_ids
    errors = run.line_ids.filtered("message").mapped("message")
    if errors or not moves:
        sys.exit(f"{len(errors)} accounts in error: {errors[:1]}")
    common.show("usage summaries", summaries(env), digits=0)
    common.show("invoices of the run", len(moves), digits=0)
    lines = len(moves.invoice_line_ids) / len(moves)
    common.show("  lines an invoice", lines, digits=1)
    common.show("  preview, all accounts", preview.wall, "s")
    common.show("  invoices a second", len(moves) / clock.wall)
    run_cost = clock.cpu / len(moves), clock.wall / len(moves)
    show_cost("run", run_cost)
    return moves, run_cost


def product():
    """The product's module; there once Odoo knows where add-ons lie."""
    return import_module("odoo.addons.voip_billing_base.runs.voip_billing_run")


def summaries(env):
    env.cr.execute("SELECT count(*) FROM voip_usage_summary")
    return env.cr.fetchone()[0]


def show_cost(name, cost):
    common.show(f"  {name}: processor per invoice", 1000 * cost[0], "ms", 1)
    common.show(f"  {name}: wall per invoice", 1000 * cost[1], "ms", 1)


# === Baseline === #


def measure_plain(env, run, options):
    moves, run_cost = run
    sample = moves.sorted("id")[: options.sample]
    values = [plain_values(move) for move in sample]
    env.cr.commit()
    env.invalidate_all()
    plain = env["account.move"]
    chunk = product().CHUNK
    with common.Clock() as clock:
        for start in range(0, len(values), chunk):
            made = env["account.move"].create(values[start : start + chunk])
            made.action_post()
            env.cr.commit()
            plain |= made
    cost = clock.cpu / len(sample), clock.wall / len(sample)
    common.show("plain invoices with the same lines", len(sample), digits=0)
    show_cost("plain", cost)
    different = compare(sample, plain)
    common.show("fields that differ", len(different), digits=0)
    for text in different[:5]:
        print(" ", text)
    common.show("processor, run to plain (bar 0.7)", run_cost[0] / cost[0])
    common.show("wall, run to plain (bar 0.7)", run_cost[1] / cost[1])


def plain_values(move):
    return {
        "move_type": move.move_type,
        "partner_id": move.partner_id.id,
        "invoice_date": move.invoice_date,
        "invoice_payment_term_id": move.invoice_payment_term_id.id,
        "invoice_line_ids": [
            (
                0,
                0,
                {
                    "product_id": line.product_id.id,
                    "name": line.name,
                    "quantity": line.quantity,
                    "price_unit": line.price_unit,
                    "tax_ids": [(6, 0, line.tax_ids.ids)],
                },
            )
            for line in move.invoice_line_ids.sorted("sequence")
        ],
    }


def compare(ours, plain):
    """Texts of what differs between two lists of invoices."""
    different = []
    for one, other in zip(ours, plain, strict=True):
        different += differences(one, other, MOVE_FIELDS)
        lines, matches = (m.line_ids.sorted(order_key) for m in (one, other))
        for line, match in zip(lines, matches, strict=True):
            different += differences(line, match, LINE_FIELDS)
    return different


def order_key(line):
    return line.display_type, line.name or "", line.balance, line.price_subtotal


def differences(one, other, names):
    found = []
    for name in names:
        ours, plain = value(one, name), value(other, name)
        if ours != plain:
            found.append(f"{one.display_name}: {name} {ours!r}, plain {plain!r}")
    return found


def value(record, name):
    """A field; the invoice's own number, which the due line is named after, as #."""
    if name != "name":
        return record[name]
    return (record.name or "").replace(record.move_name, "#")


if __name__ == "__main__":
    main()
