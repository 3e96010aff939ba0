"""First act: companies, users, decks, customers, suppliers, money."""

from decimal import Decimal

import seed
from stage import Stage


class Opening(Stage):
    """Everything there is before the first call."""

    def set_up(self):
        story = self.story
        with story.step("Two companies, each with books of its own"):
            self.env = seed.company(self.root, self.world, first=True)
            self.env2 = seed.company(self.root, self.other, first=False)
            companies = self.env.company | self.env2.company
            story.table(
                ("company", "currency", "chart of accounts", "accounts"),
                [
                    (c.name, c.currency_id.name, c.chart_template, self.chart(c))
                    for c in companies
                ],
            )
            weeks = seed.exchange_rates(self.env, self.world, self.month)
            seed.users(self.root, companies)
            story.say(f"{weeks} weekly exchange rates; users of every role")
            self.commit()
        with story.step("Rate decks, customers, suppliers, trunks, switches"):
            self.parties = self.people(self.env, self.world)
            self.people(self.env2, self.other)
            self.commit()
        with story.step("Top-ups, and credit for one customer"):
            self.money()
            self.commit()

    def chart(self, company):
        return self.env["account.account"].search_count(
            [("company_ids", "in", company.ids)]
        )

    def people(self, env, world):
        rates = world.decks(self.month, self.zones)
        made = seed.decks(env, world, rates)
        for code, deck in made.items():
            result = deck._load(rates[code])
            self.story.same(f"errors loading {code}", result["errors"], [])
            deck.invalidate_recordset()
            self.story.same(f"rates of {code}", len(deck.rate_ids), len(rates[code]))
            prefixes = len({rate["prefix"] for rate in rates[code]})
            self.story.say(
                f"{env.company.name}: {deck.name} {deck.currency_id.name}:"
                f" {prefixes:,} prefixes, {len(rates[code]):,} rates"
            )
        seed.suppliers(env, world, made)
        seed.switch(env, world)
        return made, seed.accounts(env, world, made)

    def money(self):
        story, found = self.story, self.parties[1]
        staff = seed.as_user(self.env, "user")
        for code, amount in seed.TOP_UPS.items():
            account = found[code].with_env(staff)
            payment = seed.top_up(staff, account, amount)
            again = payment.currency_id
            story.say(f"{code}: {again.name} {amount:,} topped up, {payment.name}")
        self.ledgers = {c: Decimal(a) for c, a in seed.TOP_UPS.items()}
        refused = seed.approve_postpaid(self.env, found["BAYOU"], 10_000)
        story.same("a billing user may not give credit", refused, True)
        limit = found["BAYOU"].credit_limit
        story.say(f"BAYOU: postpaid, credit limit {limit:,.0f}, by an approver")
        self.show_wallets("before the calls", {})
