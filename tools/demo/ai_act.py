"""AI voice: a receptionist that answers calls, by plan, minute and token.

Nora Albu of Clinica Nord rents an AI receptionist: 800.00 a month, 0.56 a minute, and
the tokens of a real-time model. What each session, the month and the invoice must come
to is told by hand here, with Decimal, and never asked of the product.
"""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from stage import Stage

CODE = "CLINICA"
FEE, PER_MINUTE, MINUTES, SESSIONS = Decimal("800"), Decimal("0.56"), 20, 6
MODEL, NEWER = "gpt-4o-realtime-preview", "gpt-4o-realtime-preview-2025-06-03"
# What a session reports: audio and cached tokens are part of the input.
TOTALS = {
    "input": 42_000,
    "input.audio": 39_000,
    "input.cached": 20_000,
    "input.cached.audio": 19_000,
    "output": 9_000,
    "output.audio": 8_400,
}
# What is charged of it: each token once.
LEAVES = {
    "input": 2_000,
    "input.audio": 20_000,
    "input.cached": 1_000,
    "input.cached.audio": 19_000,
    "output": 600,
    "output.audio": 8_400,
}
PRICES = {
    "input": Decimal("0.01"),
    "input.audio": Decimal("0.08"),
    "input.cached": Decimal("0.005"),
    "output": Decimal("0.04"),
    "output.audio": Decimal("0.16"),
}
COST_SHARE = Decimal("0.5")
CENT = Decimal("0.01")


class AiVoice(Stage):
    """From a price list and a plan to sessions, a month and its invoice section."""

    def answer_by_ai(self):
        self.ai_parties()
        self.commit()
        with self.story.step("A price list of a real-time model, and a plan"):
            self.ai_prices()
            self.ai_plan()
        with self.story.step(f"{SESSIONS} AI calls: tokens apart, one model unknown"):
            self.ai_sessions()
        with self.story.step("The month and its section on the invoice"):
            self.ai_invoice()
            self.story.agree("AI voice")

    # === Data === #

    def ai_parties(self):
        env = self.env
        partner = env["res.partner"].create({"name": "Clinica Nord SRL"})
        self.clinic = env["voip.account"].create(
            {"name": "Clinica Nord", "code": CODE, "partner_id": partner.id,
             "mode": "postpaid", "cycle": "monthly", "tz": "UTC",
             "start_date": self.first}
        )
        supplier = env["res.partner"].create({"name": "Realtime Models Inc."})
        provider = env["voip.ai.provider"].create(
            {"name": "Realtime Models", "code": "rtm", "supplier_id": supplier.id}
        )
        self.ai_model = env["voip.ai.model"].create(
            {"name": "Realtime", "code": MODEL, "provider_id": provider.id}
        )

    def ai_prices(self):
        rows = [
            {
                "provider": "rtm", "model": MODEL, "kind": kind,
                "price_per_1000": str(price),
                "cost_per_1000": str(price * COST_SHARE),
                "currency": self.env.company.currency_id.name,
                "effective_from": str(self.first),
            }
            for kind, price in PRICES.items()
        ]  # fmt: skip
        prices = self.env["voip.ai.price"]
        answer = prices.load(rows)
        self.commit()
        self.story.same("AI: prices that are new", answer["new"], 2 * len(PRICES))
        again = prices.load(rows)
        self.story.same("AI: prices loaded again", again["unchanged"], 2 * len(PRICES))

    def ai_plan(self):
        plan = self.env["voip.ai.plan"].create(
            {"name": "AI receptionist", "code": CODE, "monthly_fee": float(FEE),
             "minute_price": float(PER_MINUTE),
             "currency_id": self.clinic.currency_id.id}
        )
        self.env["voip.ai.subscription"].create(
            {"account_id": self.clinic.id, "plan_id": plan.id,
             "date_start": self.first}
        )
        self.commit()

    # === Sessions === #

    def ai_sessions(self):
        sent = [
            {
                "session_id": f"clinica-{place}", "account": CODE, "provider": "rtm",
                "model": NEWER if place == 0 else MODEL, "tokens": TOTALS,
                "seconds": MINUTES * 60, "tools": ["find_slot"],
                "started_at": f"{self.first + timedelta(days=place)}T09:00:00Z",
            }
            for place in range(SESSIONS)
        ]  # fmt: skip
        sessions = self.env["voip.ai.session"]
        answer = sessions.ingest(sent)
        again = sessions.ingest(sent)
        self.story.same("AI: sessions accepted", answer["accepted"], SESSIONS)
        self.story.same("AI: sent again", again["duplicates"], SESSIONS)
        self.commit()
        sessions._charge_waiting(self.env.company.id)
        self.commit()
        lost = sessions.search([("account_code", "=", CODE), ("error", "!=", False)])
        self.story.same("AI: of an unknown model", lost.error, "unknown_model")
        self.ai_model.aliases = f"{MODEL}-*"
        lost.action_again()
        self.commit()
        one = sessions.search([("session_ref", "=", "clinica-1")])
        tokens = sum(self.token_amounts(1).values())
        minutes = PER_MINUTE * MINUTES
        self.story.same("AI: a session", Decimal(f"{one.amount:.6f}"), tokens + minutes)
        cost = Decimal(f"{one.cost:.6f}")
        self.story.same("AI: its cost", cost, tokens * COST_SHARE)
        flat, apart = sum(TOTALS.values()), sum(LEAVES.values())
        self.story.say(f"{apart:,} tokens a session; a flat sum: {flat:,}")

    def token_amounts(self, sessions):
        """{kind: amount} of the tokens of some sessions."""
        return {
            kind: PRICES.get(kind, PRICES["input.cached"]) * units / 1000 * sessions
            for kind, units in LEAVES.items()
        }

    # === Month and invoice === #

    def ai_invoice(self):
        run = self.new_run(self.env)
        run.write({"account_ids": [(6, 0, self.clinic.ids)]})
        run.action_run()
        self.commit()
        move = run.line_ids.move_id
        minutes = PER_MINUTE * MINUTES * SESSIONS
        wanted = FEE + minutes + sum(
            amount.quantize(CENT, ROUND_HALF_UP)
            for amount in self.token_amounts(SESSIONS).values()
        )  # fmt: skip
        self.story.same("AI: fee and 120 minutes", FEE + minutes, Decimal("867.20"))
        untaxed = Decimal(f"{move.amount_untaxed:.2f}")
        self.story.same("AI: invoice before tax", untaxed, wanted)
        month = self.env["voip.ai.month"].search(
            [("account_id", "=", self.clinic.id), ("month", "=", self.first)]
        )
        self.story.same("AI: sessions of the month", month.sessions, SESSIONS)
        told = month.fee_amount + month.minute_amount
        self.story.same("AI: month", Decimal(f"{told:.2f}"), FEE + minutes)
        self.story.table(
            ("line", "amount"),
            [
                (line.name[:60], Decimal(f"{line.price_subtotal:.2f}"))
                for line in move.invoice_line_ids
                if line.voip_service_id
            ],
        )
