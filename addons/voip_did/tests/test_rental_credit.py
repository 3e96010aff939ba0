"""Invoice lines of rental are credited; no call is behind them that is rated again."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import NumbersCommon


@tagged("post_install", "-at_install")
class TestRentalCredit(NumbersCommon):
    def setUp(self):
        super().setUp()
        plan = self._plan("p", 3.0, setup=5.0, quarantine_days=0)
        with freeze_time("2026-04-01 12:00:00"):
            self.one = self._assign(self._did(), "2026-04-01", plan=plan)
            self._charge()
        with freeze_time("2026-05-02 12:00:00"):
            values = {"account_ids": [(6, 0, self.account.ids)]}
            run = self.env["voip.billing.run"].create(values)
            run.action_run()
        self.invoice = run.line_ids.move_id

    def _credit(self, outcome, **values):
        wizard = self.env["voip.credit.wizard"].create(
            {
                "move_id": self.invoice.id,
                "reason": "Not agreed",
                "outcome": outcome,
                **values,
            }
        )
        wizard.action_credit()
        return wizard.credit_id

    def test_rental_that_is_credited_stays_charged_once(self):
        with freeze_time("2026-05-03 12:00:00"):
            credit = self._credit("credited")
            self.assertEqual(credit.total, self.invoice.amount_total)
            self.assertEqual(self._charge(), {})
        self.assertWhole()

    def test_rental_is_not_rated_again(self):
        for outcome in ("next", "now"):
            with (
                self.subTest(outcome),
                freeze_time("2026-05-03 12:00:00"),
                self.assertRefused(UserError, "DID rental.*of no call"),
            ):
                self._credit(outcome)
        self.assertWhole()
