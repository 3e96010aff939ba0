"""Messages and queries: tiers, free units, a carrier's fee, a campaign's own price.

Parcel Post tells people of their parcels by SMS. What each part must come to is counted
here unit by unit with Decimal, and never asked of the product.
"""

from collections import Counter
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from stage import Stage

CODE, SOURCE = "PARCEL", "smsc-1"
MESSAGES, LOOKUPS = 6_000, 1_500
FREE = 500
# From which unit of the month on a message costs what.
TIERS = ((1, "0.05"), (2_001, "0.04"), (8_001, "0.03"))
CAMPAIGN, CAMPAIGN_PRICE, CAMPAIGN_FEE = "otp", "0.06", "0.001"
CARRIER_FEE = "0.003"
COST, COST_FEE = "0.021", "0.002"
# All queries of a month cost what the last one's tier says.
QUERY_TIERS = ((1, "0.002"), (1_001, "0.0012"))
CENT, MILLIONTH = Decimal("0.01"), Decimal("0.000001")


class Messages(Stage):
    """From price lists to events, their charges and the invoice."""

    def send_messages(self):
        self.message_party()
        self.commit()
        with self.story.step("Prices of messages and queries, and what they cost us"):
            self.message_prices()
        with self.story.step(f"{MESSAGES:,} SMS and {LOOKUPS:,} queries as events"):
            self.message_events()
        with self.story.step("A refused event is corrected and counted"):
            self.message_mended()
        with self.story.step("Tiers, free units, fees, a campaign; the invoice"):
            self.message_charges()
            self.message_invoice()
            self.story.agree("Messages")

    # === Data === #

    def message_party(self):
        env = self.env
        partner = env["res.partner"].create({"name": "Parcel Post Ltd"})
        self.parcel = env["voip.account"].create(
            {"name": "Parcel Post", "code": CODE, "partner_id": partner.id,
             "mode": "postpaid", "cycle": "monthly", "tz": "UTC",
             "start_date": self.first}
        )  # fmt: skip
        for code in ("sms_outbound", "lrn_query"):
            env.ref(f"voip_billing_base.event_type_{code}").is_priced = True

    def message_prices(self):
        sale = self.env["voip.event.pricelist"].create(
            {"name": "Messages", "code": "MESSAGES",
             "currency_id": self.parcel.currency_id.id}
        )  # fmt: skip
        self.parcel.event_pricelist_id = sale
        tiers = self.tier_lines
        self.event_price(
            sale, "sms_outbound", TIERS[0][1], free_units=FREE,
            tiering="progressive", tier_ids=tiers(TIERS),
        )  # fmt: skip
        self.event_price(sale, "sms_outbound", CAMPAIGN_PRICE, campaign=CAMPAIGN)
        fee = {"part": "carrier_fee"}
        self.event_price(sale, "sms_outbound", CARRIER_FEE, prefix="1", **fee)
        self.event_price(sale, "sms_outbound", CAMPAIGN_FEE, campaign=CAMPAIGN, **fee)
        self.event_price(
            sale, "lrn_query", QUERY_TIERS[0][1], tiering="whole",
            tier_ids=tiers(QUERY_TIERS),
        )  # fmt: skip
        supplier = self.env["res.partner"].create({"name": "Short Messages SA"})
        cost = self.env["voip.event.pricelist"].create(
            {"name": "Short Messages SA", "code": "SMSA", "side": "cost",
             "supplier_id": supplier.id,
             "currency_id": self.env.company.currency_id.id}
        )  # fmt: skip
        self.event_price(cost, "sms_outbound", COST)
        self.event_price(cost, "sms_outbound", COST_FEE, prefix="1", **fee)
        self.commit()

    def tier_lines(self, tiers):
        return [
            (0, 0, {"from_unit": first, "price": float(price)})
            for first, price in tiers[1:]
        ]

    def event_price(self, pricelist, code, price, **values):
        kind = self.env.ref(f"voip_billing_base.event_type_{code}")
        given = {"pricelist_id": pricelist.id, "type_id": kind.id}
        given |= {"price": float(price), "effective_from": self.first}
        return self.env["voip.event.price"].create(given | values)

    # === Events === #

    def message(self, place):
        """The event of a message; one in four goes to the United States."""
        at = datetime.combine(self.first, time(6)) + timedelta(minutes=7 * place)
        to = "1212" if place % 4 == 0 else "4930"
        said = {"to": f"+{to}555{place:04d}", "supplier": "SMSA"}
        if place % 10 == 3:
            said["campaign"] = CAMPAIGN
        return {
            "event_id": f"m-{place:05d}", "account": CODE, "source": SOURCE,
            "event_type": "sms_outbound", "units": 1 + place % 3,
            "occurred_at": f"{at.isoformat()}Z", "metadata": said,
        }  # fmt: skip

    def query(self, place):
        at = datetime.combine(self.first, time(7)) + timedelta(minutes=20 * place)
        return {
            "event_id": f"q-{place:05d}", "account": CODE, "source": SOURCE,
            "event_type": "lrn_query", "units": 1,
            "occurred_at": f"{at.isoformat()}Z", "metadata": {},
        }  # fmt: skip

    def message_events(self):
        self.messages = [self.message(place) for place in range(MESSAGES)]
        queries = [self.query(place) for place in range(LOOKUPS)]
        # The last message is sent with what is no number of units.
        sent = [*self.messages[:-1], {**self.messages[-1], "units": "two"}, *queries]
        events = self.env["voip.usage.event"]
        answer = events.record(sent)
        again = events.record(sent)
        good = len(sent) - 1
        self.story.same("events accepted", answer["accepted"], good)
        self.story.same("events refused", len(answer["errors"]), 1)
        self.story.same("events sent again", again["duplicates"], good)
        self.count_events()

    def count_events(self):
        self.commit()
        while self.env["voip.usage.event"]._count_waiting(self.env.company.id):
            self.commit()
        self.commit()

    def message_mended(self):
        refused = self.env["voip.usage.event.refused"].search([("source", "=", SOURCE)])
        self.story.same("refused events listed", len(refused), 1)
        self.story.say(refused.message)
        refused.fix = f'{{"units": {self.messages[-1]["units"]}}}'
        refused.action_again()
        self.count_events()
        self.story.same("refused event", refused.state, "taken")
        self.story.same("events in error", self.events_in_error(), 0)

    def events_in_error(self):
        own = [("account_code", "=", CODE), ("state", "=", "error")]
        return self.env["voip.usage.event"].search_count(own)

    # === What it must come to === #

    def reference(self):
        """({(part, price): Decimal}, cost) of all messages and queries, unit by unit.

        A correction of units before is a part of its own.
        """
        sums, cost, before = Counter(), Decimal(0), 0
        for event in self.messages:
            said, abroad = event["metadata"], event["metadata"]["to"].startswith("+1")
            for _unit in range(event["units"]):
                cost += Decimal(COST) + (Decimal(COST_FEE) if abroad else 0)
                if said.get("campaign"):
                    sums["usage", CAMPAIGN_PRICE] += Decimal(CAMPAIGN_PRICE)
                    sums["carrier_fee", CAMPAIGN_FEE] += Decimal(CAMPAIGN_FEE)
                    continue
                before += 1
                price = max(t for t in TIERS if t[0] <= before)[1]
                price = "0" if before <= FREE else price
                sums["usage", price] += Decimal(price)
                if abroad:
                    sums["carrier_fee", CARRIER_FEE] += Decimal(CARRIER_FEE)
        (_first, dear), (border, cheap) = QUERY_TIERS
        sums["query", dear] = (border - 1) * Decimal(dear)
        sums["query", cheap] = (LOOKUPS - border + 1) * Decimal(cheap)
        sums["volume", cheap] = (border - 1) * (Decimal(cheap) - Decimal(dear))
        return sums, cost

    def message_charges(self):
        sums, cost = self.reference()
        groups = self.env["voip.usage.event.charge"]._read_group(
            [("account_id", "=", self.parcel.id)],
            ["part", "word", "price_id", "unit_price"],
            ["amount:sum", "units:sum"],
        )
        product, units = Counter(), Counter()
        for part, word, price, unit_price, amount, some in groups:
            kind = "query" if price.type_id.code == "lrn_query" else part
            named = "volume" if word == "volume" else kind
            key = named, f"{Decimal(f'{unit_price:.8f}').normalize():f}"
            product[key] += Decimal(f"{amount:.8f}").quantize(MILLIONTH)
            units[kind] += some
        self.story.same_all("charge", product, dict(sums), default=0)
        wanted = sum(event["units"] for event in self.messages)
        self.story.same("units of messages", units["usage"], wanted)
        self.story.same("units of queries", units["query"], LOOKUPS)
        unbilled = Decimal(f"{self.parcel.wallet_id.unbilled:.6f}")
        self.story.same("unbilled messages", unbilled, sum(sums.values()))
        self.story.table(
            ("part", "price", "amount"),
            [(*key, amount) for key, amount in sorted(sums.items())],
        )
        found = self.env["voip.usage.event.charge"]._read_group(
            [("account_id", "=", self.parcel.id)], [], ["cost:sum"]
        )
        self.story.same("cost", Decimal(f"{found[0][0]:.6f}"), cost.quantize(MILLIONTH))

    def message_invoice(self):
        run = self.new_run(self.env)
        run.write({"account_ids": [(6, 0, self.parcel.ids)]})
        run.action_run()
        self.commit()
        move = run.line_ids.move_id
        sums, _cost = self.reference()
        lines = [amount.quantize(CENT, ROUND_HALF_UP) for amount in sums.values()]
        untaxed = Decimal(f"{move.amount_untaxed:.2f}")
        self.story.same("messages: invoice before tax", untaxed, sum(lines))
        printed = move.invoice_line_ids.filtered("voip_service_id")
        units = printed._voip_units()
        self.story.table(
            ("line", "units", "amount"),
            [
                (line.name.replace("\n", " "), units[line.id],
                 Decimal(f"{line.price_subtotal:.2f}"))
                for line in printed
            ],
        )  # fmt: skip
