"""Random lives of numbers: what is deferred is what a sum day by day says."""

import random
from datetime import date, timedelta
from fractions import Fraction

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.turns import in_turn

from .deferral_common import DeferralCommon

START = date(2028, 1, 5)


@tagged("post_install", "-at_install")
class TestDeferralLives(DeferralCommon):
    def test_month_ends_of_random_lives_are_the_sum_of_their_days(self):
        for seed in in_turn(range(3), 3):
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self._live(random.Random(seed))
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def _live(self, chance):
        accounts = [
            self._create_account(code="L1", cycle="monthly", start_date=START),
            self._create_account(
                code="L2", cycle="anniversary", start_date=START,
                invoice_day=chance.randrange(2, 29),
            ),
        ]  # fmt: skip
        plans = [
            self._plan("lives", 30.0, setup=5.0, quarantine_days=0),
            self._plan("whole", 20.0, prorate="whole", quarantine_days=0),
        ]
        lives, day = [], START
        while day < date(2028, 6, 1):
            self._event(chance, lives, accounts, plans, day)
            for account in accounts:
                self._bill(str(day), account)
            after = day + timedelta(days=chance.randrange(3, 16))
            if after.month != day.month and chance.random() < 0.7:
                self._compare(after.replace(day=1) - timedelta(days=1))
            day = after
        self.assertWhole()

    def _event(self, chance, lives, accounts, plans, day):
        what = chance.choice(["assign", "assign", "release", "price", "extend"])
        open_lives = [one for one in lives if not one.date_end]
        if what == "assign" or not open_lives:
            number = f"49305552{len(lives):02}"
            account, plan = chance.choice(accounts), chance.choice(plans)
            lives.append(self._rented(str(day), account, number, plan))
        elif what == "release":
            one = chance.choice(open_lives)
            last = day + timedelta(days=chance.randrange(1, 20))
            self._released(one, str(last), known=day)
        elif what == "extend":
            with freeze_time(f"{day} 12:00:00"):
                ending = [one for one in lives if one.date_end and one.date_end >= day]
                for one in ending[:1]:
                    one.date_end = False
                    self._charge(one.account_id)
        else:
            price = {"price": chance.randrange(10, 60)}
            price["effective_from"] = day + timedelta(days=chance.randrange(1, 30))
            with freeze_time(f"{day} 12:00:00"):
                if not plans[0].price_ids.filtered(
                    lambda p: p.fee == "monthly"
                    and p.effective_from == price["effective_from"]
                ):
                    plans[0].write({"price_ids": [(0, 0, price)]})

    # === The sum day by day === #

    def _compare(self, end):
        deferrals = self.env["voip.did.deferral"]
        with freeze_time(f"{end + timedelta(days=1)} 12:00:00"):
            deferrals._run_company(self.company)
        deferral = deferrals.search([("date_end", "=", end)])
        wanted, rows = self._deferred(end)
        self.assertAlmostEqual(
            deferral.closing, float(wanted), delta=0.01 * rows + 0.005, msg=str(end)
        )
        self.assertEqual(deferral.difference, 0.0)

    def _deferred(self, end):
        """(what is booked by ``end`` less what is earned by then, charges)."""
        charges = self.env["voip.did.charge"].search(
            [("account_id.code", "in", ("L1", "L2"))]
        )
        found, count = Fraction(0), 0
        months = charges.grouped(lambda c: (c.assignment_id, c.fee, c.month_first))
        for rows in months.values():
            paid, booked_any = set(), False
            for charge in rows.sorted("turn"):
                days, paid = self._days(charge, paid)
                move = charge.summary_id.move_line_id.move_id
                booked = move.state == "posted" and move.date <= end
                booked_any |= booked
                known = charge.summary_id.local_day <= end
                if not booked and not (charge.amount < 0 and known and booked_any):
                    continue
                amount = Fraction(str(round(charge.amount, 8)))
                earned = amount * len([d for d in days if d <= end]) / len(days)
                found += (amount if booked else 0) - earned
                count += 1
        return found, count

    def _days(self, charge, paid):
        """(days that a charge is for, days that are paid for after it)."""
        start = max(charge.month_first, charge.assignment_id.date_start)
        now = set(_span(start, charge.through))
        if charge.fee == "setup":
            return {start}, now
        if charge.turn == 1 or now != paid:
            return now ^ paid, now
        found = max(start, min(charge.summary_id.local_day, charge.through))
        return set(_span(found, charge.through)), now


def _span(first, last):
    while first <= last:
        yield first
        first += timedelta(days=1)
