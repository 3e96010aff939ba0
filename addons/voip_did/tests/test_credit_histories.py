"""Releases, extensions and credits of what they gave back, against a count by day."""

import random
from fractions import Fraction

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.turns import in_turn

from .common import NumbersCommon

DAYS, PRICE = 31, 310


@tagged("post_install", "-at_install")
class TestCreditHistories(NumbersCommon):
    """A day of May is paid to a share, and so much of it is given back by a line.

    A release gives back what is paid of the days after it, an extension pays what was
    given back of its days, a credit of days given back pays its part of them again.
    """

    def test_days_are_given_back_once_whatever_is_credited(self):
        self.credits = 0
        for seed in in_turn(range(4), 2):
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self._live(random.Random(f"credits {seed}"))
                savepoint.rollback()
                self.env.invalidate_all(flush=False)
        self.assertTrue(self.credits)

    def _live(self, rng):
        self.account = self._create_account(
            code="days", cycle="daily", start_date="2026-05-01"
        )
        plan = self._plan("may", float(PRICE), quarantine_days=0)
        self.other = self._plan("other", 9999.0, quarantine_days=0)
        self.paid, self.end = [Fraction(1)] * DAYS, DAYS
        self.lines, self.day = [], 1
        with self._noon():
            self.one = self._assign(
                self._did(), "2026-05-01", "2026-05-31", self.account, plan
            )
        self._bill()
        for _step in range(10):
            step = rng.choice(("release", "extend", "credit", "credit"))
            getattr(self, f"_{step}")(rng)
            with self.subTest(step=_step, what=step):
                self._compare()
        self.assertWhole()

    def _noon(self):
        return freeze_time(f"2026-06-{self.day:02} 12:00:00")

    def _bill(self):
        """The invoice of all by today; another number keeps its total above zero."""
        with self._noon():
            number = self._did(f"49305551{self.day:02}")
            first = f"2026-06-{self.day:02}"
            self._assign(number, first, False, self.account, self.other)
            self._charge()
        self.day += 1
        with self._noon():
            values = {"account_ids": [(6, 0, self.account.ids)]}
            run = self.env["voip.billing.run"].create(values)
            run.action_run()
        return run.line_ids.move_id.sorted("id")[-1:]

    def _until(self, end):
        """Make ``end`` the last day, and an invoice of what that changes."""
        with self._noon():
            self.one.date_end = f"2026-05-{end:02}"
            self._charge()
        self.end = end
        return self._bill()

    def _release(self, rng):
        if self.end == 1:
            return
        end = rng.randrange(1, self.end)
        given = {day: self.paid[day] for day in range(end, self.end)}
        self.paid[end:] = [
            Fraction(0) if day in given else self.paid[day] for day in range(end, DAYS)
        ]
        move = self._until(end)
        line = move.invoice_line_ids.filtered(lambda x: x.price_unit < 0)
        self.assertEqual(len(line), 1)
        self.lines.append((line, given))

    def _extend(self, rng):
        if self.end == DAYS:
            return
        end = rng.randrange(self.end, DAYS) + 1
        for day in range(self.end, end):
            self.paid[day] = Fraction(1)
            for _line, given in self.lines:
                given.pop(day, None)
        self._until(end)

    def _credit(self, rng):
        """A part of a line that gives days back, and of what is beside it."""
        part = Fraction(rng.choice((10, 50, 100)), 100)
        for line, given in rng.sample(self.lines, len(self.lines)):
            left = sum(given.values()) * Fraction(PRICE, DAYS)
            wanted = part * Fraction(f"{-line.price_unit:.2f}")
            if left and wanted <= left + Fraction(1, 100):
                break
        else:
            return
        share = min(wanted / left, Fraction(1))
        for day in given:
            self.paid[day] += given[day] * share
            given[day] *= 1 - share
        with self._noon():
            wizard = self.env["voip.credit.wizard"].create(
                {
                    "move_id": line.move_id.id,
                    "reason": "Not agreed",
                    "scope": "percent",
                    "percentage": float(part * 100),
                }
            )
            wizard.action_credit()
        self.credits += 1

    def _compare(self):
        """What the papers charge of May is what is paid of its days."""
        lines = self.env["account.move.line"].search(
            [
                ("move_id.voip_account_id", "=", self.account.id),
                ("display_type", "=", "product"),
                ("name", "like", "05/01/2026"),
            ]
        )
        notes = lines.filtered(lambda x: x.move_id.move_type == "out_refund")
        paid = sum(x.price_unit * x.quantity for x in lines - notes)
        paid -= sum(x.price_unit * x.quantity for x in notes)
        wanted = float(sum(self.paid) * PRICE / DAYS)
        self.assertAlmostEqual(paid, wanted, delta=0.02 * len(lines))
