"""Invoices with planted errors through the real tables: found, named, exact?

Calls of a month are rated by the product. A supplier, who charges by code of the tests'
own and not by ours, invoices them with each kind of error alone, then with three at
once, and rightly. Each invoice is loaded by the machine door, its call records lie in
their table, and it is reconciled. A row says what was named, and what of the money is
explained. False is what is claimed of an invoice that is right.

python bench/audit_proof.py --records 200000 --triples 8
"""

import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent))

import common
import numpy as np

DATABASE = "bench_audit_proof"
EPOCH = datetime(1970, 1, 1)
SLICE = 10_000
# Of calls that nobody took we have no length, and a minimum is known to nobody: without
# records such money stays unexplained, and nothing else may be named.
UNSEEN = {"minimum", "unanswered"}


def main():
    options = common.parser(__doc__, 200_000)
    options.add_argument("--triples", type=int, default=8)
    options.add_argument("--only", help="names of plants, by comma")
    options = options.parse_args()
    name = options.db or common.make_database(DATABASE, options, "voip_supplier_audit")
    try:
        with common.environment(name) as env:
            proof = Proof(env, options.records)
        with common.environment(name) as env:
            sys.exit(1 if proof.run(env, options) else 0)
    finally:
        if not (options.db or options.keep):
            common.drop_database(name)


class Proof:
    """The world, its rows in the database, and one invoice after the other."""

    def __init__(self, env, calls):
        from odoo.addons.voip_supplier_audit.tests import audit_world

        self.plants = audit_world
        begun = perf_counter()
        self.world = audit_world.World(calls=calls)
        self.ids = set_up(env, audit_world, self.world)
        env.cr.commit()
        rate(env, audit_world, self.world)
        common.show("calls rated in", perf_counter() - begun, "s", 1)

    def run(self, env, options):
        """All invoices; how many are not as they should be."""
        print(f"{'planted':<58} {'money':>10} {'explained':>10} {'rest':>6}  named")
        only = options.only and options.only.split(",")
        single = [[name] for name in self.plants.PLANTS if not only or name in only]
        triples = [] if only else list(some_triples(self.plants, options.triples))
        wrong = 0
        for names in single + triples:
            kinds = {self.plants.PLANTS[name][0] for name in names}
            # Copies, foreign and lost calls only show in records.
            alone = any(self.plants.PLANTS[name][2] for name in names)
            for records in (True,) if alone or len(names) > 1 else (True, False):
                bill = self.plants.planted(self.fresh(), names)
                what = " + ".join(names) + ("" if records else ", lines only")
                if not records and UNSEEN & set(names):
                    wrong += self.tell(env, what, bill, set(), False, all_of_it=False)
                else:
                    wrong += self.tell(env, what, bill, kinds, records)
        for what, terms, values in self.honest():
            bill = self.fresh().bill(terms)
            for records in (True, False):
                told = what + ("" if records else ", lines only")
                wrong += self.tell(env, told, bill, set(), records, **values)
        common.show("not as they should be", wrong, "", 0)
        return wrong

    def fresh(self):
        """The world with its random numbers at their beginning."""
        self.world.random = np.random.default_rng(5)
        return self.world

    def honest(self):
        terms, hour = self.plants.Terms, self.plants.HOUR
        yield "right", terms(), {}
        two = terms(zone=2 * hour, change=self.plants.CHANGE + 2 * hour)
        yield "right, days of UTC+2", two, {"tz": "Etc/GMT-2"}
        yield "right, printed in whole units", terms(), {"decimals": 0}

    def tell(self, env, what, bill, kinds, records, all_of_it=True, **values):
        """Reconcile a bill; 1 where it is not found as planted.

        :param all_of_it: the money is to be explained to the last cent
        """
        begun = perf_counter()
        invoice, planted = self.invoice(env, bill, values)
        if records:
            keep_records(env, invoice, bill, self.plants.PERIOD[0])
        # The button has so many calls reconciled in the background; this waits.
        env[invoice._name].reconcile(invoice=invoice.id)
        unit = Decimal(1).scaleb(-values.get("decimals", 2))
        lines = invoice.line_ids
        named = {e["kind"] for line in lines for e in line.explanations or []}
        rest = sum(abs(exact(line.unexplained)) for line in lines)
        explained = sum(
            Decimal(e["amount"]) for line in lines for e in line.explanations or []
        )
        if invoice.ours_unbilled:
            named.add("missing_there")
        # What a line hides by its print is half of its last decimal.
        is_right = named == kinds and not (
            all_of_it and any(abs(exact(line.unexplained)) > unit / 2 for line in lines)
        )
        print(
            f"{what:<58} {planted:>10.2f} {explained:>10.2f} {rest:>6.3f}"
            f"  {', '.join(sorted(named)) or '–'}{'' if is_right else '  WRONG'}"
            f"  {perf_counter() - begun:.0f} s",
            flush=True,
        )
        invoice.unlink()
        env.cr.commit()
        return int(not is_right)

    def invoice(self, env, bill, values):
        """The invoice of a bill, and by how much it is beside a right one."""
        unit = 10 ** (8 - values.get("decimals", 2))
        amount, calls = bill.printed()
        if unit != self.plants.CENT:
            amount = (2 * bill.summed(bill.amount) + unit) // (2 * unit) * unit
        agreed = env["voip.supplier.agreement"].browse(self.ids["agreement"])
        agreed.amount_decimals = values.get("decimals", 2)
        lines = [
            {
                "prefix": str(447_100 + line),
                "calls": int(calls[line]),
                "rate": str(Decimal(int(bill.printed_price[line])).scaleb(-8)),
                "amount": str(Decimal(int(amount[line])).scaleb(-8)),
            }
            for line in range(self.world.lines)
        ]
        answer = env["voip.supplier.invoice"].load(
            supplier="PROOF",
            number=f"P-{perf_counter()}",
            period_start="2026-10-01",
            period_end="2026-10-30",
            currency=env.company.currency_id.name,
            total=str(sum(Decimal(line["amount"]) for line in lines)),
            tz=values.get("tz", "UTC"),
            lines=lines,
        )
        assert not answer["errors"], answer["errors"][:3]
        right = self.world.bill(self.plants.Terms())
        gap = Decimal(int(amount.sum()) - int(right.printed()[0].sum())).scaleb(-8)
        return env["voip.supplier.invoice"].browse(answer["invoice"]), gap


def exact(value):
    return Decimal(repr(value))


def some_triples(plants, count):
    """Names of three plants that change nothing in common."""
    from odoo.addons.voip_supplier_audit.tests import test_engine_diagnose

    return test_engine_diagnose.triples(Random(3), count) if count else []


# === What is in the database === #


def set_up(env, plants, world):
    """Parties, decks, a foreign currency and a tax; ids by name."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    currencies(env)
    partner = env["res.partner"].create({"name": "Proof", "ref": "PROOF"})
    customer = env["res.partner"].create({"name": "Customer"})
    sale = deck(env, "SALE", [{"prefix": "44", "price_per_minute": "0.5"}])
    buy = deck(env, "BUY", list(rates(plants, world)), "supplier", partner)
    # Stated earlier than agreed: what a notice leaves.
    env.cr.execute(
        "UPDATE voip_rate SET stated_from = %s WHERE deck_id = %s AND id IN ("
        " SELECT max(id) FROM voip_rate WHERE deck_id = %s GROUP BY prefix"
        " HAVING count(*) > 1)",
        [moment(plants.STATED), buy.id, buy.id],
    )
    account = env["voip.account"].create(
        {"name": "A", "code": "A", "partner_id": customer.id, "deck_id": sale.id}
    )
    trunk = env["voip.trunk"].create
    trunk({"name": "in", "code": "in", "side": "customer", "account_id": account.id})
    trunk(
        {
            "name": "out",
            "code": "out",
            "side": "supplier",
            "deck_id": buy.id,
            "partner_id": partner.id,
        }
    )
    env["voip.switch"].create({"name": "s", "code": "s", "tz": "UTC"})
    agreed = env["voip.supplier.agreement"].create(
        {"partner_id": partner.id, "date_from": "2026-01-01", "tz": "UTC"}
    )
    return {"agreement": agreed.id}


def currencies(env):
    """Another currency at 1.13, and a purchase tax of 19 %, and nothing beside."""
    others = env["res.currency"].search([("id", "!=", env.company.currency_id.id)])
    others.active = False
    other = others.with_context(active_test=False).search(
        [("id", "!=", env.company.currency_id.id)], limit=1
    )
    other.active = True
    other.rate_ids.unlink()
    values = {"currency_id": other.id, "name": "2026-01-01", "rate": 1.13}
    env["res.currency.rate"].create(values)
    taxes = env["account.tax"].search([("type_tax_use", "=", "purchase")])
    taxes.active = False
    env["account.tax"].create(
        {"name": "19 %", "amount": 19.0, "type_tax_use": "purchase"}
    )


def deck(env, code, rows, side="customer", partner=None):
    made = env["voip.rate.deck"].create(
        {
            "name": code,
            "code": code,
            "side": side,
            "partner_id": partner and partner.id,
            "tz": "UTC",
            "currency_id": env.company.currency_id.id,
            "decimals": 6,
        }
    )
    answer = made._load(rows)
    assert answer["applied"], answer
    return made


def rates(plants, world):
    for line in range(world.lines):
        code = {
            "prefix": str(447_100 + line),
            "initial_increment": int(world.initial[line]),
            "next_increment": int(world.following[line]),
        }
        prices = [(world.old[line], datetime(2026, 1, 1))]
        if world.old[line] != world.price[line]:
            prices.append((world.price[line], moment(plants.CHANGE)))
        for price, begins in prices:
            yield code | {
                "price_per_minute": str(Decimal(int(price)).scaleb(-8)),
                "effective_from": f"{begins:%Y-%m-%d %H:%M:%S}",
            }


def rate(env, plants, world):
    """Have the product rate the calls."""
    columns = world.start, world.seconds, world.answered, world.caller, world.called
    calls = list(zip(*(column.tolist() for column in columns), strict=True))
    for first in range(0, len(calls), SLICE):
        records = [
            {
                "call_id": f"c{first + place}",
                "caller": str(caller),
                "called": str(called),
                "start": f"{moment(start):%Y-%m-%dT%H:%M:%SZ}",
                "duration": str(seconds),
                "answered": answered,
                "trunk": "in",
                "supplier_trunk": "out",
            }
            for place, (start, seconds, answered, caller, called) in enumerate(
                calls[first : first + SLICE]
            )
        ]
        answer = env["voip.cdr"].ingest(switch="s", records=records, rate_now=True)
        assert answer["accepted"] == len(records), answer["errors"][:3]
        env.cr.commit()


def keep_records(env, invoice, bill, begin):
    """The supplier's records, without call ids and in another order, in their table."""
    from odoo.addons.voip_supplier_audit.records.store import store

    order = bill.world.random.permutation(len(bill.of)).tolist()
    company = invoice.company_id.id
    columns = bill.start, bill.seconds, bill.amount, bill.called, bill.caller
    start, seconds, amount, called, caller = (column.tolist() for column in columns)
    rows = [
        (
            moment(start[row]),
            key,
            key,
            company,
            invoice.id,
            key,
            seconds[row] * 1000,
            Decimal(amount[row]).scaleb(-8),
            None,
            str(called[row]),
            "",
            None,
            str(caller[row]),
            None,
        )
        for key, row in enumerate(order)
    ]
    stored, _known, _conflicts = store(env, rows)
    assert stored == len(rows)
    invoice.sudo().record_count = stored


def moment(microseconds):
    return EPOCH + timedelta(microseconds=int(microseconds))


if __name__ == "__main__":
    main()
