"""Customers are told of a low balance once per crossing, and again after a top-up."""

from decimal import Decimal

from odoo.tests import tagged

from .common import VoipBillingCommon


@tagged("post_install", "-at_install")
class TestLowBalance(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create(
            {"name": "Acme", "email": "acme@example.com"}
        )
        cls.account = cls._create_account(partner_id=cls.partner.id, code="low-1")

    def _spend(self, amount, account=None):
        self.env["voip.wallet"]._move(
            [
                {
                    "account_id": (account or self.account).id,
                    "kind": "usage",
                    "unbilled": Decimal(amount),
                }
            ]
        )

    def _told(self, account=None):
        """Texts of the mails about low balances since the last look."""
        self.env["voip.account"]._cron_low_balance()
        mails = self.env["mail.mail"].search(
            [
                ("model", "=", "voip.account"),
                ("res_id", "=", (account or self.account).id),
                ("subject", "like", "is low"),
            ],
            order="id",
        )
        texts = [str(mail.body_html) for mail in mails]
        mails.unlink()
        return texts

    def _levels(self, account=None):
        """Levels that are told and still below."""
        return sorted((account or self.account).alert_ids.filtered(
            lambda alert: not alert.over_at
        ).mapped("level"))

    def test_each_level_is_told_once(self):
        self._topup(self.account, 100)
        self.assertEqual(self._told(), [])
        for spent, percent in (("80.00", None), ("0.01", 20), ("9.99", None),
                               ("0.01", 10), ("5.00", 5), ("1.00", None)):
            self._spend(spent)
            texts = self._told()
            if percent is None:
                self.assertEqual(texts, [], spent)
            else:
                self.assertEqual(len(texts), 1, spent)
                self.assertIn(f"below {percent} % of the last top-up", texts[0])
        self.assertEqual(self._levels(), [5, 10, 20])
        self.assertTrue(self.account.low_balance)

    def test_levels_crossed_at_once_make_one_mail_of_the_lowest(self):
        self._topup(self.account, 100)
        self._spend("93")
        (text,) = self._told()
        self.assertIn("below 10 % of the last top-up", text)
        self.assertIn("7.00", text)
        self.assertEqual(self._levels(), [10, 20])

    def test_a_topup_lets_it_be_told_again(self):
        self._topup(self.account, 100)
        self._spend("90.01")
        self.assertEqual(len(self._told()), 1)
        self._topup(self.account, 50)
        self.assertEqual(self._told(), [])
        self.assertEqual(self._levels(), [])
        self.assertFalse(self.account.low_balance)
        self._spend("50")
        (text,) = self._told()
        self.assertIn("below 20 % of the last top-up", text)
        self.assertIn("10.00", text, "20 % of 50, the last top-up")

    def test_a_topup_that_was_spent_before_anybody_looked_counts(self):
        self._topup(self.account, 100)
        self._spend("85")
        self.assertEqual(len(self._told()), 1)
        self.env.cr.execute("UPDATE voip_balance_alert SET at = at - interval '1 hour'")
        self._topup(self.account, 100)
        self._spend("100")
        self.assertEqual(len(self._told()), 1)
        first, again = self.account.alert_ids.sorted("id")
        self.assertTrue(first.over_at)
        self.assertFalse(again.over_at)

    def test_a_topup_that_does_not_reach_the_level_is_no_news(self):
        self.account.low_balance_amount = 10
        self._topup(self.account, 20)
        self._spend("19")
        self.assertEqual(len(self._told()), 1)
        self._topup(self.account, 5)
        self.assertEqual(self._told(), [])

    def test_a_fixed_amount_takes_the_place_of_percents(self):
        self.account.low_balance_amount = 7.5
        self._topup(self.account, 100)
        self._spend("92.50")
        self.assertEqual(self._told(), [])
        self._spend("0.01")
        (text,) = self._told()
        self.assertIn("The balance is below", text)
        self.assertIn("7.50", text)

    def test_limit_and_overdraft_are_not_the_customers_money(self):
        self.account.write({"overdraft_amount": 50, "overdraft_until": "2099-01-01"})
        self._topup(self.account, 100)
        self._spend("85")
        self.assertEqual(len(self._told()), 1)

    def test_a_postpaid_account_is_told_what_is_left_of_its_limit(self):
        self.account.write({"mode": "postpaid", "credit_limit": 1000})
        self._spend("800")
        self.assertEqual(self._told(), [])
        self._spend("1")
        (text,) = self._told()
        self.assertIn("Less than 20 % of the credit limit is left", text)

    def test_who_never_paid_anything_is_told_of_no_percents(self):
        self._spend("1")
        self.assertEqual(self._told(), [])

    def test_a_topup_that_was_cancelled_is_none(self):
        self._topup(self.account, 100)
        second = self._topup(self.account, 1000)
        second.action_draft()
        second.action_cancel()
        self._spend("50")
        self.assertEqual(self._told(), [], "half of the last top-up is left")

    def test_the_account_that_pays_is_told(self):
        child = self._create_account(
            partner_id=self.partner.id, parent_id=self.account.id, pay_by_parent=True
        )
        self._topup(self.account, 100)
        self._spend("85")
        self.assertEqual(self._told(child), [])
        self.assertEqual(self._levels(), [20])
        self.assertTrue(child.low_balance)
        low = self.env["voip.account"].search([("low_balance", "=", True)])
        self.assertLessEqual(self.account | child, low)

    def test_a_closed_account_is_not_told(self):
        self._topup(self.account, 100)
        self._spend("85")
        self.account._write_state("closed")
        self.assertEqual(self._told(), [])

    def test_charging_wakes_the_action_where_a_level_is_crossed(self):
        cron = self.env.ref("voip_billing_base.ir_cron_low_balance")
        triggers = self.env["ir.cron.trigger"].search
        self._topup(self.account, 100)
        self._spend("50")
        self.env["voip.account"]._watch_credit([self.account.id])
        self.assertFalse(triggers([("cron_id", "=", cron.id)]))
        self._spend("40")
        self.env["voip.account"]._watch_credit([self.account.id])
        self.assertTrue(triggers([("cron_id", "=", cron.id)]))
