"""Rental of random histories against a count day by day."""

import random
from datetime import date, timedelta
from fractions import Fraction

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.voip_billing_base.engine.periods import CYCLES

from ..engine.months import anchor_of, months_between
from .common import NumbersCommon

ZONES = ("America/New_York", "Asia/Kolkata", "Pacific/Auckland")
BEGIN, DAYS = date(2028, 1, 20), 130
DAY = timedelta(days=1)
UNIT = 10**8


@tagged("post_install", "-at_install")
class TestHistories(NumbersCommon):
    def test_every_cycle_zone_and_way_of_charging(self):
        rounds, self.months, self.off = 0, 0, 0
        for cycle in CYCLES:
            for zone in ZONES:
                rng = random.Random(f"{cycle} {zone}")
                advance = rng.choice(("advance", "arrears"))
                with self.subTest(cycle=cycle, zone=zone, advance=advance):
                    self._live(rng, cycle, zone, advance)
                    rounds += 1
        self.assertEqual(rounds, len(CYCLES) * len(ZONES))
        # The histories are rich enough to tell.
        self.assertGreater(self.months, 80)
        self.assertGreater(self.off, 100)
        with freeze_time(f"{BEGIN + DAYS * DAY} 12:00:00"):
            self.assertWhole()

    def _live(self, rng, cycle, zone, advance):
        """A history of some months, then compare."""
        with freeze_time(f"{BEGIN} 12:00:00"):
            self.holders = [
                self._create_account(
                    cycle=cycle, tz=zone, cycle_days=30, start_date=str(BEGIN)
                )
                for _n in range(2)
            ]
            self.terms = self._plan(
                f"{cycle}-{zone}".replace("/", "-"),
                9.99,
                advance=advance,
                quarantine_days=0,
            )
            self.prices = [(date(2025, 1, 1), Fraction("9.99"))]
            self.did = self._did(f"49305{rng.randrange(10**7):07}")
        day = BEGIN
        while day < BEGIN + DAYS * DAY:
            with freeze_time(f"{day} {rng.randrange(24):02}:30:00"):
                self._do_something(rng)
                if rng.random() < 0.6:
                    self._run()
            day += rng.randrange(1, 15) * DAY
        with freeze_time(f"{BEGIN + DAYS * DAY} 12:00:00"):
            self._run()
            self._run()
            for one in self.did.assignment_ids:
                self._compare(one, advance)

    def _run(self):
        accounts = [account.id for account in self.holders]
        self.env["voip.did.assignment"]._charge_accounts(self.env.company.id, accounts)

    def _do_something(self, rng):
        """One of what may happen to the number today."""
        self.did.invalidate_recordset()
        one = self.did._current()
        today = self.holders[0]._did_today()
        if not one:
            ahead = any(o.date_start > today for o in self.did.assignment_ids)
            if not ahead and self.did.state in ("free", "assigned"):
                first = today + rng.randrange(3) * DAY
                self._assign(self.did, first, False, self.holders[0], self.terms)
            return
        what = rng.choice(("move", "suspend", "price", "release", "nothing"))
        if what == "suspend":
            if one.is_suspended:
                self.did._resume()
            else:
                self.did._suspend("Drill.")
        elif what == "price":
            self._new_price(rng, today)
        elif what == "move" and one.date_start < today and not one.date_end:
            other = rng.choice(self.holders)
            self.did._move(other, self.terms, today + rng.randrange(2) * DAY)
        elif what == "release" and not one.date_end:
            one.date_end = today + rng.randrange(5) * DAY

    def _new_price(self, rng, today):
        first = today + rng.randrange(1, 9) * DAY
        if first <= self.prices[-1][0]:
            return
        price = Fraction(rng.randrange(100, 2000), 100)
        self.prices.append((first, price))
        value = {"price": float(price), "effective_from": first}
        self.terms.write({"price_ids": [(0, 0, value)]})

    def _compare(self, one, advance):
        account, today = one.account_id, one._today()
        anchor = anchor_of(account.cycle, account.invoice_day, account.start_date)
        last = min(one.date_end or today, today)
        charged = {}
        for row in self.env["voip.did.charge"].search([("assignment_id", "=", one.id)]):
            amount = round(Fraction(str(row.amount)) * UNIT)
            charged[row.month_first] = charged.get(row.month_first, 0) + amount
        for first, final in months_between(one.date_start, last, anchor):
            paid = [
                day
                for day in _days(first, final)
                if one.date_start <= day <= (one.date_end or date.max)
            ]
            self.months += 1
            self.off += sum(_is_off(one, day) for day in paid)
            due = paid[0] <= today if advance == "advance" else paid[-1] < today
            total = sum(
                (self._price(day) for day in paid if not _is_off(one, day)), Fraction(0)
            )
            wanted = _half_up(total * UNIT / ((final - first).days + 1)) if due else 0
            found = charged.pop(first, 0)
            self.assertEqual(found, wanted, (str(first), one._terms()))
        self.assertFalse({month: sum_ for month, sum_ in charged.items() if sum_})

    def _price(self, day):
        return [price for first, price in self.prices if first <= day][-1]


def _days(first, last):
    return [first + n * DAY for n in range((last - first).days + 1)]


def _is_off(one, day):
    return any(
        row.date_start <= day <= (fields.Date.to_date(row.date_end) or date.max)
        for row in one.suspension_ids
    )


def _half_up(value):
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
