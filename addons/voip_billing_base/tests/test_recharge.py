"""A stored payment method is charged once, within caps, never in a loop."""

from datetime import datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..recharge import voip_account_recharge
from .recharge_common import RechargeCommon

LOGGER = voip_account_recharge.__name__


@tagged("post_install", "-at_install")
class TestRecharge(RechargeCommon):
    def _mails(self, words):
        mails = self.env["mail.mail"].search(
            [
                ("model", "=", "voip.account"),
                ("res_id", "=", self.account.id),
                ("subject", "like", words),
            ]
        )
        return [str(mail.body_html) for mail in mails]

    def _later(self, **span):
        """As if what was recharged had been so long ago."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE voip_recharge SET at = at - %s WHERE account_id = %s",
            [timedelta(**span), self.account.id],
        )
        self.env.cr.execute(
            "UPDATE voip_account SET auto_recharge_since = auto_recharge_since - %s"
            " WHERE id = %s",
            [timedelta(**span), self.account.id],
        )
        self.env.invalidate_all()

    def test_a_balance_below_the_threshold_is_recharged_once(self):
        self._on()
        recharge = self._run()
        self.assertEqual(recharge.state, "done")
        self.assertEqual(self.account.available, 20)
        payment = recharge.transaction_id.payment_id
        self.assertEqual(payment.move_id.state, "posted")
        self.assertEqual(payment.voip_account_id, self.account)
        self.assertTrue(payment.voip_topup)
        entry = self.env["voip.wallet.entry"].search(
            [("account_id", "=", self.account.id)]
        )
        self.assertEqual((entry.kind, entry.amount), ("topup", 20))
        self.assertEqual(self._run(), recharge, "20 is not below 10")
        self.assertEqual(len(self._mails("was topped up")), 1)
        self.assertWhole()

    def test_the_threshold_itself_is_not_below_it(self):
        self._on()
        self._topup(self.account, 10)
        self.assertFalse(self._run())
        self.env["voip.wallet"]._move(
            [{"account_id": self.account.id, "kind": "usage",
              "unbilled": Decimal("0.00000001")}]
        )
        self.assertEqual(self._run().state, "done")

    def test_the_caps_of_a_day_and_a_month_hold(self):
        self._on(auto_recharge_threshold=1000, auto_recharge_daily_cap=50)
        for _minute in range(5):
            self._run()
        self.assertEqual(self.asked, [20, 20])
        self.assertEqual(self.account.auto_recharge_status, "Cap of the day reached")
        self.account.auto_recharge_monthly_cap = 70
        self.assertEqual(self.account._recharged_since(days=True), 40)
        self.account.auto_recharge_daily_cap = 0
        self._run()
        self.assertEqual(len(self.asked), 2, "a cap of 0 a day recharges nothing")
        self.account.auto_recharge_daily_cap = 1000
        self._run()
        self._run()
        self.assertEqual(self.asked, [20, 20, 20])
        self.assertEqual(self.account.auto_recharge_status, "Cap of the month reached")

    def test_a_day_begins_at_midnight_of_the_account(self):
        self._on(auto_recharge_threshold=1000, auto_recharge_daily_cap=20)
        self.account.tz = "Europe/Bucharest"
        recharge = self._run()
        for at, counted in (
            (datetime(2026, 3, 28, 21, 59), 0),  # 23:59 of the day before
            (datetime(2026, 3, 28, 22, 0), 20),  # midnight, the night clocks go on
            (datetime(2026, 3, 29, 20, 59), 20),
        ):
            recharge.sudo().at = at
            now = datetime(2026, 3, 29, 20, 59, 30)
            with patch.object(type(self.env.cr), "now", lambda cr, now=now: now):
                self.assertEqual(self.account._recharged_since(days=True), counted)

    def test_a_failure_is_told_and_tried_again_later_and_later(self):
        self._on()
        self.answer = "refused"
        for tries, hours in ((1, 1), (2, 6), (3, 24)):
            self._run()
            self._run()
            self.assertEqual(len(self.asked), tries)
            self.assertIn("Failed, next try", self.account.auto_recharge_status)
            self._later(hours=hours, minutes=-1)
            self._run()
            self.assertEqual(len(self.asked), tries, "a minute before its time")
            self._later(minutes=1)
        self._run()
        self.assertEqual(self.account.auto_recharge_status, "Paused after 4 failures")
        self._later(days=30)
        self._run()
        self.assertEqual(len(self.asked), 4)
        texts = self._mails("could not be topped up")
        self.assertEqual(len(texts), 4)
        self.assertTrue(all("Insufficient funds" in text for text in texts))
        self.assertEqual(self.account.available, 0)
        self.assertTrue(
            self.account.activity_ids.filtered(
                lambda a: a.activity_type_id.get_external_id()[a.activity_type_id.id]
                == voip_account_recharge.ACTIVITY
            )
        )

    def test_it_goes_on_when_it_is_resumed_or_the_settings_change(self):
        self._on()
        self.answer = "invalid"
        self._run()
        self.assertEqual(self.account.recharge_ids.reason, "The card has expired")
        self.answer = "done"
        self._later(seconds=1)
        self.account.action_resume_recharge()
        self._run()
        self.assertEqual(self.account.available, 20)

    def test_a_pending_charge_is_waited_for(self):
        self._on()
        self.answer = "pending"
        recharge = self._run()
        self._run()
        self.assertEqual((len(self.asked), recharge.state), (1, "sent"))
        self.assertEqual(self.account.available, 0)
        recharge.transaction_id._set_done()
        recharge.transaction_id._post_process()
        recharge.transaction_id._post_process()
        self.assertEqual(recharge.state, "done")
        self.account.invalidate_recordset(["available"])
        self.assertEqual(self.account.available, 20)

    @mute_logger(LOGGER)
    def test_an_answer_that_was_lost_is_decided_by_a_person(self):
        self._on()
        self.answer = "lost"
        recharge = self._run()
        self.assertEqual(recharge.state, "sent")
        self._later(minutes=14)
        self._run()
        self.assertEqual(recharge.state, "sent")
        self._later(minutes=2)
        self._run()
        self.assertEqual(recharge.state, "unknown")
        self._later(days=9)
        self._run()
        self.assertEqual(len(self.asked), 1, "never charged again by itself")
        recharge.action_charged()
        self.assertEqual(recharge.state, "done")
        self.assertEqual(self.account.available, 20)
        with self.assertRaises(UserError):
            recharge.action_charged()
        self.assertWhole()

    @mute_logger(LOGGER)
    def test_a_charge_that_never_was_is_tried_again(self):
        self._on()
        self.answer = "lost"
        recharge = self._run()
        self._later(minutes=20)
        self._run()
        recharge.action_not_charged()
        self.assertEqual(recharge.state, "failed")
        self.answer = "done"
        self._later(hours=2)
        self._run()
        self.assertEqual(self.account.available, 20)

    def test_one_account_that_fails_keeps_no_other_from_its_recharge(self):
        self._on()
        other = self._create_account(partner_id=self.partner.id, code="auto-2")
        for account in (self.account, other):
            account.write(
                {
                    "auto_recharge": True,
                    "auto_recharge_token_id": self.token.id,
                    "auto_recharge_threshold": 10,
                    "auto_recharge_amount": 20,
                    "auto_recharge_daily_cap": 100,
                }
            )
        begin = type(self.env["voip.recharge"])._begin

        def fail_first(recharges, account):
            if account == self.account:
                raise ValueError("broken")
            return begin(recharges, account)

        with (
            patch.object(type(self.env["voip.recharge"]), "_begin", fail_first),
            mute_logger(LOGGER),
        ):
            self._run()
        self.assertEqual((self.account.available, other.available), (0, 20))

    def test_a_test_provider_fills_no_live_wallet(self):
        self._on()
        self.provider.state = "test"
        # Odoo archives the methods of a provider whose mode changes.
        self.token.active = True
        self.assertFalse(self._run())
        self.assertEqual(self.account.auto_recharge_status, "Cards is in test mode")
        transaction = self.env["payment.transaction"].sudo().create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.token.payment_method_id.id,
                "amount": 50,
                "currency_id": self.account.currency_id.id,
                "partner_id": self.partner.id,
                "reference": "play-1",
                "operation": "online_direct",
            }
        )
        transaction._set_done()
        with mute_logger("odoo.addons.voip_billing_base.recharge.payment_transaction"):
            transaction._post_process()
        self.assertFalse(transaction.payment_id)
        self.assertTrue(transaction.is_post_processed)
        self.env.company.voip_test_payments = True
        self.assertEqual(self._run().state, "done")

    def test_what_pays_and_what_is_paid_belong_together(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        with self.assertRaisesRegex(ValidationError, "customer's own"):
            self._on(auto_recharge_token_id=self._token(stranger).id)

    def test_only_a_manager_says_how_a_card_is_charged(self):
        self._on()
        user = new_test_user(
            self.env,
            login="recharge_user",
            groups="voip_billing_base.group_voip_user",
            company_id=self.env.company.id,
        )
        account = self.account.with_user(user)
        for values in (
            {"auto_recharge_amount": 500},
            {"auto_recharge_daily_cap": 5000},
            {"auto_recharge_token_id": self.token.copy().id},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                account.write(values)
        account.name = "Renamed"

    def test_charging_looks_at_the_wallets_that_it_moved(self):
        self._on()
        accounts = self.env["voip.account"]
        for payers, found in ((set(), []), ({self.account.id}, self.account.ids)):
            self.assertEqual(accounts._ids_to_recharge(payers), found)
        cron = self.env.ref("voip_billing_base.ir_cron_recharge")
        triggers = self.env["ir.cron.trigger"].search
        accounts._watch_credit(set())
        self.assertFalse(triggers([("cron_id", "=", cron.id)]))
        accounts._watch_credit({self.account.id})
        self.assertTrue(triggers([("cron_id", "=", cron.id)]))

    def test_a_blocked_or_closed_account_is_not_recharged(self):
        self._on()
        for state in ("blocked", "closed"):
            self.account._write_state(state)
            self.assertFalse(self._run())
        self.account._write_state("suspended")
        self.assertEqual(self._run().state, "done")

    def test_a_payment_method_that_was_archived_is_not_charged(self):
        self._on()
        self.token.active = False
        self.assertFalse(self._run())
        self.assertEqual(
            self.account.auto_recharge_status, "Choose a stored payment method"
        )

    def test_who_pays_by_parent_is_not_charged_himself(self):
        self._on()
        parent = self._create_account(partner_id=self.partner.id)
        self.account.write({"parent_id": parent.id, "pay_by_parent": True})
        self.assertFalse(self._run())
        self.assertIn("pays for this account", self.account.auto_recharge_status)

    def test_a_returned_payment_takes_the_credit_back(self):
        self._on()
        recharge = self._run()
        self.account.auto_recharge = False
        self.env["voip.wallet"]._move(
            [{"account_id": self.account.id, "kind": "usage", "unbilled": Decimal(5)}]
        )
        recharge.transaction_id.payment_id.action_reject()
        self.assertEqual(self.account.available, -5)
        self.account.suspend_notice_hours = 0
        with freeze_time(datetime(2026, 4, 1)):
            self.env["voip.account"]._cron_credit()
        self.assertEqual(self.account.state, "suspended")

    def test_settings_are_in_the_audit_trail(self):
        self._on()
        self.account.auto_recharge_amount = 25
        last = self.env["voip.audit"].search(
            [("event", "=", "recharge_settings")], limit=1
        )
        self.assertIn('"auto_recharge_amount": 25', last.data)
