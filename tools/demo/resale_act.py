"""The customer who topped up resells: a sub-account at a price of his own.

Lark Studio makes a sub-account by himself, adds a fifth to our price, and gives it to
a company that is no customer of ours. What it pays is counted lookup by lookup.
"""

from datetime import datetime, time, timedelta
from decimal import Decimal

from portal_act import CODE, PRICE, SOURCE
from stage import Stage

from odoo.fields import Datetime

SUB, LOOKUPS = f"{CODE}-1", 20
MARKUP, SMALL, LARGE = Decimal(20), Decimal("0.50"), Decimal(10)


class Resale(Stage):
    """What a reseller does in the portal, and what his customer sees of it."""

    def resell(self):
        with self.story.step("He resells: a sub-account, a mark-up, a customer"):
            self.lark_makes_sub()
        with self.story.step(f"{LOOKUPS} lookups of it: our price, and his"):
            self.sub_looks_up()
            self.resold_for()
        with self.story.step("Its limit of the month is reached, then raised"):
            self.sub_is_limited()
            self.story.agree("Resale")

    def lark_makes_sub(self):
        self.lark.write({"sub_account_limit": 2, "may_resell": True})
        self.reseller = self.lark_token.partner_id
        sub = self.lark._make_sub_account("Larkspur", SUB, LARGE, self.reseller)
        self.sub, today = sub, sub._resale_today()
        every = self.env["voip.service"]
        self.lark._set_markup(sub, every, MARKUP, today, self.reseller)
        self.lark._resell_to(sub, "Larkspur Ltd", self.reseller)
        self.commit()
        self.story.same("who pays for it", sub.payer_id.code, CODE)
        self.story.same("its customer is ours", sub.partner_id, self.lark.partner_id)

    def sub_looks_up(self):
        midnight = datetime.combine(self.sub._resale_today(), time())
        moment = max(midnight, Datetime.now() - timedelta(minutes=5))
        answer = self.env["voip.usage.event"].record(
            [
                {"event_id": f"s-{place:05d}", "account": SUB, "source": SOURCE,
                 "event_type": "number_lookup", "units": 1,
                 "occurred_at": f"{moment.isoformat()}Z", "metadata": {}}
                for place in range(LOOKUPS)
            ]
        )  # fmt: skip
        self.story.same("lookups of the sub-account", answer["accepted"], LOOKUPS)
        self.count_events()

    def resold_for(self):
        """Sums from summaries against each lookup by itself."""
        from odoo.addons.voip_portal.resale.figures import resale_sums

        day = self.sub._resale_today()
        (found,) = resale_sums(self.env, self.sub, day, day, "account")
        each = [Decimal(PRICE) for _lookup in range(LOOKUPS)]
        ours = sum(each, Decimal(0))
        his = sum((one + one * MARKUP / 100 for one in each), Decimal(0))
        self.story.same("our price", found["ours"], ours)
        self.story.same("his price", found["amount"], his)
        name = self.sub.currency_id.name
        self.story.say(f"{ours:.2f} {name} to us, {his:.2f} {name} to him")

    def sub_is_limited(self):
        for limit, state in ((SMALL, "suspended"), (LARGE, "active")):
            self.lark._change_sub_account(self.sub, "Larkspur", limit, self.reseller)
            self.commit()
            self.story.same(f"state at a limit of {limit}", self.sub.state, state)
