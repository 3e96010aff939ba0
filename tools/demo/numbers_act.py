"""A block of numbers: bought, handed out, called, invoiced, given back, deferred.

Marta Weiss of Alpine Desk rents a block of 100 numbers in Zurich from the first of the
month. What each month, call and day must come to is told by hand here, with Decimal and
calendar days, and never asked of the product.
"""

from calendar import monthrange
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from stage import Stage

CODE, FIRST, SIZE, GIVEN_BACK = "ALPINE", "4144555", 100, 5
ACCOUNT = "247100"
MONTHLY, SETUP, COST = Decimal("2.50"), Decimal("1.00"), Decimal("0.40")
PER_MINUTE = Decimal("0.06")
CALLS = (30, 61, 600)
CENT, UNIT = Decimal("0.01"), Decimal("0.00000001")
SUMS_SQL = """
SELECT COALESCE(sum(amount), 0)::text FROM voip_did_charge
 WHERE account_id = %s AND month_first = %s AND fee = %s
"""


class Numbers(Stage):
    """Rental from a supplier's block to what waits on the deferred revenue account."""

    def rent_numbers(self):
        self.number_parties()
        self.commit()
        with self.story.step(f"A block of {SIZE} numbers is bought and handed out"):
            self.buy_block()
            self.hand_out()
        with self.story.step("A month of rental and calls to a number"):
            self.charge_numbers()
            self.call_number()
        with self.story.step("The invoice lists the numbers; the month to come waits"):
            self.invoice_numbers()
            self.defer_numbers()
        with self.story.step(f"{GIVEN_BACK} numbers go back, unused days are credited"):
            self.give_back()
            self.story.agree("Numbers")

    # === Data === #

    def number_parties(self):
        env = self.env
        company = env.company
        company.voip_deferral_account_id = env["account.account"].create(
            {"name": "Deferred revenue of numbers", "code": ACCOUNT,
             "account_type": "liability_current"}
        )
        names = {"name": "Alpine Desk", "code": CODE, "tz": "UTC"}
        deck = env["voip.rate.deck"].create(
            {"name": "Calls to numbers", "code": f"{CODE}-IN", "tz": "UTC",
             "currency_id": company.currency_id.id}
        )
        begin = f"{self.first:%Y-%m-%d}"
        rate = {"prefix": "41", "destination": "Switzerland",
                "price_per_minute": str(PER_MINUTE), "initial_increment": "60",
                "next_increment": "60", "effective_from": begin}
        self.story.same("numbers: errors of the deck", deck._load([rate])["errors"], [])
        self.number_plan = env["voip.did.plan"].create(
            {
                "name": "Numbers by the month",
                "code": CODE,
                "currency_id": company.currency_id.id,
                "price_ids": [
                    (0, 0, {"fee": fee, "price": float(price), "effective_from": begin})
                    for fee, price in (("monthly", MONTHLY), ("setup", SETUP))
                ],
                "inbound_ids": [(0, 0, {"deck_id": deck.id})],
            }
        )
        partner = env["res.partner"].create({"name": "Alpine Desk GmbH"})
        self.renter = env["voip.account"].create(
            {**names, "partner_id": partner.id, "mode": "postpaid", "cycle": "monthly",
             "start_date": self.first}
        )
        env["voip.switch"].create(names)

    def buy_block(self):
        env = self.env
        carrier = env["res.partner"].create({"name": "Helvetia Numbers AG"})
        wizard = env["voip.did.block.make"].create({"number": FIRST + "000"})
        wizard.size = str(SIZE)
        wizard.action_apply()
        self.block = env["voip.did.block"].search([], order="id desc", limit=1)
        self.dids = self.block.did_ids
        self.dids.write(
            {"supplier_id": carrier.id, "cost_monthly": float(COST),
             "held_from": self.first}
        )
        self.commit()
        self.story.same("numbers: of the block", len(self.dids), SIZE)

    def hand_out(self):
        self.env["voip.did.assign"].create(
            {"did_ids": [(6, 0, self.dids.ids)], "account_id": self.renter.id,
             "plan_id": self.number_plan.id, "date_start": self.first}
        ).action_apply()
        self.commit()
        held = self.env["voip.did.assignment"].search(
            [("account_id", "=", self.renter.id)]
        )
        self.held = held
        self.story.same("numbers: assigned", len(held), SIZE)

    # === Charges and calls === #

    def charge_numbers(self):
        self.held._charge_each(self.env.company.id, self.renter.ids)
        self.commit()
        for month, fee, price in (
            (self.first, "monthly", MONTHLY),
            (self.following, "monthly", MONTHLY),
            (self.first, "setup", SETUP),
        ):
            found = self.number_sum(month, fee)
            self.story.same(f"numbers: {fee} of {month:%B}", found, price * SIZE)
        self.env["voip.did.cost"]._accrue(self.env.company.id)
        self.commit()
        costs = self.env["voip.did.cost"].search(
            [("did_id", "in", self.dids.ids), ("month_first", "=", self.first)]
        )
        cost = Decimal(f"{sum(costs.mapped('amount')):.2f}")
        self.story.same("numbers: cost of the month", cost, COST * SIZE)
        self.story.say(f"{SIZE} numbers at {MONTHLY} a month, setup {SETUP} each")

    def call_number(self):
        called = min(self.dids.mapped("number"))
        records = [
            {
                "call_id": f"alpine-{place}", "caller": "+4917012345678",
                "called": f"+{called}", "direction": "inbound", "answered": "true",
                "start": f"{self.first + timedelta(days=8)}T{9 + place:02}:00:00Z",
                "duration": str(seconds),
            }
            for place, seconds in enumerate(CALLS)
        ]  # fmt: skip
        answer = self.env["voip.cdr"].ingest(
            switch=CODE, records=records, rate_now=True
        )
        self.commit()
        self.story.same("numbers: calls in error", answer["in_error"], 0)
        minutes = sum(-(-seconds // 60) for seconds in CALLS)
        self.call_money = PER_MINUTE * minutes
        found = self.env["voip.usage.summary"].search(
            [("account_id", "=", self.renter.id), ("seconds", ">", 0)]
        )
        amount = Decimal(f"{sum(found.mapped('amount')):.6f}")
        self.story.same("numbers: calls", amount, self.call_money)

    # === Invoice and month-end === #

    def invoice_numbers(self):
        last = self.following - timedelta(days=1)
        run = self.new_run(self.env)
        run.write({"account_ids": [(6, 0, self.renter.ids)], "invoice_date": last})
        run.action_run()
        self.commit()
        self.number_invoice = move = run.line_ids.move_id
        wanted = (2 * MONTHLY + SETUP) * SIZE + self.call_money
        untaxed = Decimal(f"{move.amount_untaxed:.2f}")
        self.story.same("numbers: invoice before tax", untaxed, wanted)
        named = move._voip_numbers_count()
        self.story.same("numbers: named by the invoice", named, SIZE)
        self.story.table(
            ("line", "amount"),
            [
                (line.name[:60], Decimal(f"{line.price_subtotal:.2f}"))
                for line in move.invoice_line_ids
                if line.voip_service_id
            ],
        )

    def defer_numbers(self):
        last = self.following - timedelta(days=1)
        deferrals = self.env["voip.did.deferral"]
        deferrals._close(self.env.company.id, last)
        self.commit()
        month = deferrals.search([("date_end", "=", last)])
        waits = MONTHLY * SIZE
        for name, wanted in (("opening", 0), ("added", waits), ("recognised", 0),
                             ("closing", waits), ("difference", 0)):
            found = Decimal(f"{month[name]:.2f}")
            self.story.same(f"numbers: {name} at {last}", found, Decimal(wanted))
        entry = {
            line.account_id.code: Decimal(f"{-line.balance:.2f}")
            for line in month.move_id.line_ids
        }
        self.story.same("numbers: entry", entry.get(ACCOUNT), waits)
        self.story.say(
            f"{month.move_id.name}: {waits} of {self.number_invoice.name} are revenue"
            f" of {self.following:%B}"
        )

    def give_back(self):
        """Today is the last day of some of the block, once it is split."""
        self.block.action_split()
        tens = self.dids.mapped("block_id").sorted("id")[:1]
        tens.action_split()
        ones = self.dids.filtered(lambda did: not did.block_id)[:GIVEN_BACK]
        held = self.held.filtered(lambda one: one.did_id in ones)
        today = held[:1].account_id._did_today()
        held.write({"date_end": today})
        held._charge_now()
        self.commit()
        begin = max(self.following, today.replace(day=1))
        days = monthrange(begin.year, begin.month)[1]
        left = (begin.replace(day=days) - today).days
        back = (MONTHLY * (days - left) / days).quantize(UNIT, ROUND_HALF_UP) - MONTHLY
        found = self.number_sum(begin, "monthly")
        wanted = MONTHLY * SIZE + GIVEN_BACK * back
        self.story.same("numbers: month after the release", found, wanted)
        unbilled = Decimal(f"{self.renter.wallet_id.unbilled:.8f}")
        # In the first days of a month its rental waits, too, in advance.
        newer = MONTHLY * SIZE if begin > self.following else 0
        waits = newer + GIVEN_BACK * back
        self.story.same("numbers: what waits", unbilled, waits)
        self.story.say(
            f"{GIVEN_BACK} x {left} of {days} days: {-(GIVEN_BACK * back):.2f} go on"
            " the next invoice"
        )

    def number_sum(self, month, fee):
        self.env.cr.execute(SUMS_SQL, [self.renter.id, month, fee])
        return Decimal(self.env.cr.fetchone()[0])
