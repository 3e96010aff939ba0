"""What sells for too little is found, and nothing else."""

from decimal import Decimal

import seed
from fees import RATES
from stage import Stage

EXACT = Decimal("0.00000001")


class Margins(Stage):
    """The calls of the act on fees, as the margin watch sees them."""

    def watch_margins(self):
        with self.story.step("Margins are watched: what sells for too little"):
            env = seed.as_user(self.env, "demo")
            env["voip.margin.alert"].action_watch()
            self.commit()
            told = self.low_margins(Decimal(str(env.company.voip_margin_percent)))
            alerts = env["voip.margin.alert"].search(
                [("account_id", "=", self.fee_account.id), ("state", "=", "open")]
            )
            found = {
                line.prefix: (self.exact(line.sale), self.exact(line.cost))
                for line in alerts.line_ids
            }
            self.story.same_all("sale and cost of a low margin", found, told)
            self.story.table(
                ("code", "sale", "cost", "price", "restoring price"),
                [
                    (x.prefix, x.sale, x.cost, x.price, x.restoring_price)
                    for x in alerts.line_ids.sorted("prefix")
                ],
            )
            self.story.agree("The margin watch")

    def low_margins(self, least):
        """{code: (sale, cost)} of codes below the least margin, by the reference."""
        codes = sorted((row[0] for row in RATES), key=len, reverse=True)
        sums = {code: (Decimal(0), Decimal(0)) for code in codes}
        for record, outcome in self.fee_told:
            code = next(code for code in codes if record["called"].startswith(code))
            sale, cost = sums[code]
            sums[code] = sale + outcome.amount, cost + (outcome.cost or 0)
        return {
            code: tuple(value.quantize(EXACT) for value in (sale, cost))
            for code, (sale, cost) in sums.items()
            if (sale - cost) * 100 < sale * least
        }

    @staticmethod
    def exact(value):
        return Decimal(f"{value:.8f}")
