"""A supplier's invoice, killed at every step that writes, from import to true cost.

SIGKILL before each statement that writes our tables or the books, each COPY and commit,
and after each commit, of import, reconciling, decision and correction of cost: nothing
is half done, and the next try does it once.
"""

import common
from common import World, check, expect, ingest, query, tell, transaction
from seal_kill import at_every_step
from steps import killed_writing

NUMBER = "KILL-1"
SIZE = 12
INVOICE = "SELECT id FROM voip_supplier_invoice WHERE company_id = %s"
STATE = """
SELECT i.state, COALESCE(i.record_count, 0),
       (SELECT count(*) FROM voip_supplier_record_row r WHERE r.invoice_id = i.id),
       (SELECT count(*) FROM voip_supplier_invoice_line l WHERE l.invoice_id = i.id),
       (SELECT count(*) FROM voip_supplier_match_row m WHERE m.invoice_id = i.id),
       (SELECT count(*) FROM account_move m WHERE m.voip_supplier_invoice_id = i.id),
       (SELECT count(*) FROM voip_supplier_claim k WHERE k.invoice_id = i.id),
       (SELECT count(*) FROM voip_supplier_correction k WHERE k.invoice_id = i.id),
       (SELECT count(*) FROM voip_audit a WHERE a.res_id = i.id
          AND a.res_model = 'voip.supplier.invoice'
          AND a.event = 'supplier_invoice_decide')
  FROM voip_supplier_invoice i WHERE i.company_id = %s
"""
NAMES = ("state", "records", "stored", "lines", "pairs", "moves", "claims")
NAMES += ("corrections", "decisions")
COST = """
SELECT sum(s.cost)::text, (SELECT count(*) FROM voip_supplier_correction_row c
                            WHERE c.company_id = %s)
  FROM voip_usage_summary s WHERE s.company_id = %s
"""


class Supplied(World):
    """A world whose calls a supplier carries."""

    def __init__(self, registry, name):
        super().__init__(registry, name)
        with transaction(registry) as env:
            self.reference = f"{name}-carrier"
            partner = env["res.partner"].create(
                {"name": self.reference, "ref": self.reference}
            )
            deck = env["voip.rate.deck"].create(
                {
                    "name": self.reference,
                    "code": self.reference,
                    "side": "supplier",
                    "partner_id": partner.id,
                    "tz": "UTC",
                    "currency_id": self.currency,
                }
            )
            rates = [
                {"prefix": "44", "price_per_minute": "0.006"},
                {"prefix": "49", "price_per_minute": "0.01"},
            ]
            expect(deck._load(rates)["applied"], True, "rates loaded")
            env["voip.trunk"].create(
                {
                    "name": self.reference,
                    "code": self.reference,
                    "side": "supplier",
                    "deck_id": deck.id,
                    "partner_id": partner.id,
                }
            )
            self.code = env["res.currency"].browse(self.currency).name

    def record(self, number, account=0, days=2):
        found = super().record(number, account, days)
        length = {"duration": str(60 + number), "answered": True}
        return found | length | {"supplier_trunk": self.reference}

    def charged(self, number):
        """The supplier's record of a call; what he charges is too much."""
        call = self.record(number)
        names = ("call_id", "caller", "called", "start", "duration")
        return {name: call[name] for name in names} | {"amount": "0.05", "line": number}


def found(registry, world):
    """What there is of the invoice, by name; empty where there is none."""
    rows = query(registry, STATE, [world.company])
    expect(len(rows) <= 1, True, "one invoice")
    return dict(zip(NAMES, rows[0], strict=True)) if rows else {}


def load(env, world):
    day = f"{common.today():%Y-%m-%d}"
    past = f"{common.today() - common.timedelta(days=2):%Y-%m-%d}"
    return env["voip.supplier.invoice"].load(
        supplier=world.reference,
        number=NUMBER,
        period_start=past,
        period_end=day,
        date=day,
        currency=world.code,
        total="0.70",
        tz="UTC",
        lines=[
            {"prefix": "44", "amount": "0.40"},
            {"prefix": "49", "amount": "0.30"},
        ],
    )


def bring(registry, world, strike):
    """Import: the invoice with its lines, and its records, whole or not at all."""

    def work():
        with transaction(registry) as env:
            answer = load(env, world)
        with transaction(registry) as env:
            records = [world.charged(n) for n in range(SIZE)]
            env["voip.supplier.invoice"].load_records(answer["invoice"], records)

    def whole():
        if state := found(registry, world):
            expect(state["lines"], 2, "lines")
            expect(state["records"], state["stored"], "records")
            expect(state["stored"] in (0, SIZE), True, f"{state['stored']} records")

    return at_every_step(registry, strike, work, whole)


def reconcile(registry, world, strike):
    """Reconciling: every record paired, or the invoice is as it was imported."""
    [[invoice]] = query(registry, INVOICE, [world.company])

    def work():
        with transaction(registry) as env:
            env["voip.supplier.invoice"].browse(invoice).action_reconcile()

    def whole():
        state = found(registry, world)
        paired = SIZE if state["state"] == "reconciled" else 0
        expect(state["pairs"], paired, f"pairs of an {state['state']} invoice")

    return at_every_step(registry, strike, work, whole)


def decide(registry, world, strike):
    """Decision: bills, claim, state and audit record together, or none of them."""
    [[invoice]] = query(registry, INVOICE, [world.company])

    def work():
        with transaction(registry) as env:
            decided = env["voip.supplier.invoice"].browse(invoice)
            if not decided.is_open:
                return
            disputed, accepted = decided.line_ids
            disputed.action_dispute()
            disputed.reason = "Not as agreed."
            accepted.action_accept()
            decided.action_decide()

    def whole():
        state = found(registry, world)
        done = int(state["state"] == "disputed")
        expect(state["state"] in ("reconciled", "disputed"), True, state["state"])
        expect(state["moves"], 2 * done, "bills")
        for name in ("claims", "decisions", "corrections"):
            expect(state[name], done, name)

    return at_every_step(registry, strike, work, whole)


def correct(registry, world, strike):
    """True cost: on all calls of the line or on none, and once."""
    before = query(registry, COST, [world.company] * 2)[0][0]

    def work():
        with transaction(registry) as env:
            env["voip.supplier.correction"]._cron_correct()

    def whole():
        cost, rows = query(registry, COST, [world.company] * 2)[0]
        [[state]] = query(
            registry,
            "SELECT state FROM voip_supplier_correction WHERE company_id = %s",
            [world.company],
        )
        expect(state in ("waiting", "booked"), True, state)
        expect(bool(rows), state == "booked", f"rows of a {state} correction")
        expect(cost != before, state == "booked", f"cost of a {state} correction")
        with registry.cursor() as cr:
            cr.execute("UPDATE voip_supplier_correction SET retry_at = NULL")

    return at_every_step(registry, strike, work, whole)


def main(database):
    registry = common.open_registry(database)
    with common.company_of_its_own(registry, "auditkill"):
        world = Supplied(registry, "auditkill")
        with transaction(registry) as env:
            records = [world.record(n) for n in range(SIZE)]
            answer = ingest(env, world, records, rate_now=True)
            expect(answer["rated"], SIZE, "calls rated")
        counts = []
        for step in (bring, reconcile, decide, correct):
            counts.append(len(step(registry, world, killed_writing)))
            check(registry, quiet=True)
        tell(
            "  killed at {} steps of import, {} of reconciling, {} of the"
            " decision, {} of the true cost: done or not at all, then done"
            " once".format(*counts)
        )
        cost = query(registry, COST, [world.company] * 2)
        with transaction(registry) as env:
            load(env, world)
            env["voip.supplier.correction"]._cron_correct()
        expect(query(registry, COST, [world.company] * 2), cost, "done again")
    check(registry)


if __name__ == "__main__":
    common.run(main)
