"""Rental, invoices and books of random histories against a count by SQL.

The count knows assignments, prices and suspensions, day by day; nothing of what the
program charged, invoiced or deferred.
"""

import random
from datetime import date, timedelta
from decimal import Decimal

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.turns import in_turn

from .deferral_common import DeferralCommon

BEGIN, MONTHS = date(2027, 12, 1), 4
DAY = timedelta(days=1)
# In advance a month is owed on its first day that is paid for.
ORACLE = """
SELECT s.account_id, sum(m.amount)::text
  FROM voip_did_assignment s
 CROSS JOIN LATERAL (
       SELECT round(sum(d.price) / extract(
                    day FROM d.month + interval '1 month - 1 day'), 8) AS amount
         FROM (SELECT date_trunc('month', day)::date AS month,
                      (SELECT r.price FROM voip_did_price r
                        WHERE r.plan_id = s.plan_id AND r.fee = 'monthly'
                          AND r.effective_from <= day
                        ORDER BY r.effective_from DESC LIMIT 1) AS price
                 FROM generate_series(
                      s.date_start,
                      LEAST(COALESCE(s.date_end, 'infinity'),
                            (date_trunc('month', %(today)s::date)
                             + interval '1 month - 1 day')::date), '1 day') day
                WHERE NOT EXISTS (
                      SELECT FROM voip_did_suspension u
                       WHERE u.assignment_id = s.id AND day BETWEEN u.date_start
                             AND COALESCE(u.date_end, 'infinity'))) d
        GROUP BY d.month) m
 WHERE s.account_id = ANY(%(accounts)s) GROUP BY 1
"""
# Usage that is on invoices, and that is not.
BOOKED = """
SELECT account_id, sum(amount)::text FROM voip_usage_summary
 WHERE account_id = ANY(%(accounts)s) GROUP BY 1
"""
INVOICED = """
SELECT m.voip_account_id, sum(CASE m.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                              * l.price_unit * l.quantity)::text,
       (SELECT sum(s.amount) FROM voip_usage_summary s
         WHERE s.account_id = m.voip_account_id AND s.move_id IS NOT NULL)::text,
       count(*)
  FROM account_move m JOIN account_move_line l ON l.move_id = m.id
 WHERE m.voip_account_id = ANY(%(accounts)s) AND l.display_type = 'product'
   AND m.state = 'posted' GROUP BY 1
"""


@tagged("post_install", "-at_install")
class TestHistoriesBooks(DeferralCommon):
    def setUp(self):
        super().setUp()
        self.rates = self.setup_other_currency("EUR", rates=[("2027-01-01", 0.8)])
        self.tax_in = self.env["account.tax"].create(
            {"name": "In", "amount": 19.0, "price_include_override": "tax_included"}
        )
        self.tax_on = self.env["account.tax"].create({"name": "On", "amount": 7.7})
        self.locked = None

    def test_all_that_is_owed_is_booked_once(self):
        taxes = enumerate((self.tax_in, self.tax_on, None))
        for seed, tax in in_turn(taxes, 3):
            with self.subTest(seed=seed):
                begin = BEGIN.replace(year=BEGIN.year + seed)
                self._live(begin, random.Random(f"books {seed}"), tax)

    def _live(self, begin, rng, tax):
        """Some months, each ended by invoices, a month-end and a lock."""
        self._settle_world(begin, rng, tax)
        day, last = begin, date(begin.year + 1, MONTHS, 1)
        while day < last:
            with freeze_time(f"{day} 12:00:00"):
                self._do_something(rng)
                if rng.random() < 0.5:
                    self._run()
            following = day + rng.randrange(1, 9) * DAY
            if following.month != day.month:
                self._end_month(following.replace(day=2), rng)
            day = following
        with freeze_time(f"{day} 12:00:00"):
            self._run()
            self._compare(day)

    def _settle_world(self, begin, rng, tax):
        """Two customers, one in another currency, six numbers, plans of one tax."""
        euro, own, name = self.rates, self.company.currency_id, rng.randrange(10**6)
        self.holders, self.terms = [], {}
        with freeze_time(f"{begin} 09:00:00"):
            for currency in (own, euro):
                code = f"{currency.name}-{name}"
                self.holders.append(
                    self._create_account(
                        code=code, cycle="monthly", currency_id=currency.id,
                        start_date=str(begin),
                    )
                )  # fmt: skip
                self.terms[currency] = self._plan(
                    code, 9.99, currency_id=currency.id, quarantine_days=0
                )
            taxes = [Command.set(tax.ids if tax else [])]
            self.terms[own].service_id.product_id.taxes_id = taxes
            self.dids = [self._did(f"49{name:06}{n:03}") for n in range(6)]

    def _run(self):
        accounts = [account.id for account in self.holders]
        self.env["voip.did.assignment"]._charge_accounts(self.company.id, accounts)

    def _do_something(self, rng):
        """One of what may happen to one of the numbers today."""
        did, today = rng.choice(self.dids), fields.Date.today()
        holder = rng.choice(self.holders)
        terms = self.terms[holder.currency_id]
        one = did._current()
        if not one:
            if did.state == "free":
                self._assign(did, today, False, holder, terms)
            return
        what = rng.choice(("move", "suspend", "price", "release"))
        if what == "suspend" and one.is_suspended:
            did._resume()
        elif what == "suspend":
            did._suspend("Drill.")
        elif what == "price":
            price = rng.randrange(1, 3000) / 100
            value = {"price": price, "effective_from": today + DAY}
            if max(one.plan_id.price_ids.mapped("effective_from")) <= today:
                one.plan_id.write({"price_ids": [(0, 0, value)]})
        elif what == "move" and one.date_start < today and not one.date_end:
            did._move(holder, terms, today)
        elif what == "release" and not one.date_end:
            one.date_end = today + rng.randrange(4) * DAY

    def _end_month(self, day, rng):
        """Invoices of the month, its month-end; then it is locked."""
        moves, last = self.env["account.move"], day.replace(day=1) - DAY
        before = moves.search([], order="id desc", limit=1).id or 0
        for account in self.holders:
            self._bill(str(day), account)
        with freeze_time(f"{day} 12:00:00"):
            deferrals = self.env["voip.did.deferral"]
            for missing in deferrals._missing_days(self.company, 1):
                deferrals._close(self.company.id, missing)
        made = moves.search([("id", ">", before), ("state", "=", "posted")])
        if self.locked:
            self.assertGreater(min(made.mapped("date")), self.locked)
        self.company.fiscalyear_lock_date = self.locked = last
        euro = rng.randrange(70, 95) / 100
        self.env["res.currency.rate"].create(
            {"currency_id": self.rates.id, "name": day, "rate": euro}
        )

    def _compare(self, day):
        self.env.flush_all()
        terms = {"today": day, "accounts": [account.id for account in self.holders]}
        owed = self._rows(ORACLE, terms)
        self.assertTrue(owed)
        self.assertEqual(self._rows(BOOKED, terms), owed)
        for account, invoiced, exact, lines in self._fetched(INVOICED, terms):
            # A line is rounded once.
            gap = abs(float(invoiced) - float(exact))
            self.assertLess(gap, 0.005 * int(lines) + 1e-9, account)
        self.assertWhole()

    def _fetched(self, query, terms):
        self.env.cr.execute(query, terms)
        return self.env.cr.fetchall()

    def _rows(self, query, terms):
        found = self._fetched(query, terms)
        return {account: Decimal(x).normalize() for account, x in found if x}
