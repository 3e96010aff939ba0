"""Without credit: notice, suspension, and back again."""

from datetime import timedelta
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import VoipRatingCommon

NOW = fields.Datetime.to_datetime("2026-11-10 12:00:00")


@tagged("post_install", "-at_install")
class TestCredit(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(rates=[{"prefix": "44", "price_per_minute": "1"}])
        cls._create_switch(code="credit")
        partner = cls.env["res.partner"].create(
            {"name": "Acme", "email": "acme@example.com"}
        )
        cls.account = cls._create_account(deck_id=deck.id, partner_id=partner.id)
        cls._create_trunk(code="credit1", account_id=cls.account.id)

    def _call(self, seconds):
        answer = self.env["voip.cdr"].ingest(
            switch="credit",
            records=[
                {
                    "call_id": f"credit-{seconds}",
                    "called": "442071234567",
                    "start": "2026-11-10T10:00:00Z",
                    "answer": "2026-11-10T10:00:00Z",
                    "duration": str(seconds),
                    "trunk": "credit1",
                }
            ],
            rate_now=True,
        )
        self.assertEqual(answer["rated"], 1)

    def _cron(self, hours):
        with freeze_time(NOW + timedelta(hours=hours)):
            self.env["voip.account"]._cron_credit()

    def _mails(self):
        return self.env["mail.mail"].search_count(
            [("model", "=", "voip.account"), ("res_id", "=", self.account.id)]
        )

    @freeze_time(NOW)
    def test_used_up_credit_gives_notice_then_suspends_and_a_topup_reactivates(self):
        self._topup(self.account, 1)
        self._call(30)
        self._cron(0)
        self.assertFalse(self.account.no_credit_since)
        self._call(60)
        self._cron(0)
        self.assertEqual(self.account.no_credit_since, NOW)
        self.assertEqual((self.account.state, self._mails()), ("active", 1))
        self._cron(23)
        self.assertEqual((self.account.state, self._mails()), ("active", 1))
        self._cron(24)
        self.assertEqual((self.account.state, self._mails()), ("suspended", 2))
        self._cron(30)
        self.assertEqual(self._mails(), 2)
        self._topup(self.account, 5)
        self._cron(31)
        self.assertEqual(self.account.state, "active")
        self.assertFalse(self.account.no_credit_since)
        self.assertWhole()

    @freeze_time(NOW)
    def test_a_credit_limit_is_used_before_notice_is_given(self):
        self.account.write({"mode": "postpaid", "credit_limit": 10})
        self._call(300)
        self._cron(0)
        self.assertFalse(self.account.no_credit_since)
        self._call(600)
        self._cron(0)
        self.assertTrue(self.account.no_credit_since)

    def _asked(self):
        """How often the scheduled action was asked for since the last time."""
        cron = self.env.ref("voip_billing_base.ir_cron_credit")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        count = len(triggers)
        triggers.unlink()
        return count

    @freeze_time(NOW)
    def test_the_action_is_asked_for_only_by_whom_it_gives_notice_to(self):
        self._asked()
        self._call(1)
        self.assertEqual(self._asked(), 1)
        self._cron(0)
        self._call(2)
        self.assertEqual(self._asked(), 0)
        child = self._create_account(parent_id=self.account.id, pay_by_parent=True)
        self._call(3)
        self.assertEqual(self._asked(), 1)
        child._set_state("blocked", "Fraud")
        self._call(4)
        self.assertEqual(self._asked(), 0)
        self.account.sudo().no_credit_since = False
        self.account._set_state("blocked", "Fraud")
        self._call(5)
        self.assertEqual(self._asked(), 0)

    @freeze_time(NOW)
    def test_a_suspension_by_staff_is_not_lifted_by_a_payment(self):
        self._call(60)
        self._cron(0)
        self.account._set_state("suspended", "Fraud suspected")
        self._topup(self.account, 5)
        self._cron(1)
        self.assertEqual(self.account.state, "suspended")

    @freeze_time(NOW)
    def test_rating_asks_for_the_scheduled_action_at_once(self):
        cron = self.env.ref("voip_billing_base.ir_cron_credit")
        triggers = [("cron_id", "=", cron.id)]
        before = self.env["ir.cron.trigger"].search_count(triggers)
        self._call(60)
        self.assertEqual(
            self.env["ir.cron.trigger"].search_count(triggers), before + 1
        )

    @freeze_time(NOW)
    @mute_logger("odoo.addons.voip_billing_base.models.voip_job")
    def test_calls_that_are_stored_are_answered_when_workers_cannot_be_told(self):
        self.env.cr.postcommit.clear()
        away = psycopg2.OperationalError("away")
        with patch.object(
            self.registry["ir.cron"], "_notifydb", side_effect=away
        ) as told:
            self._call(60)
            self.env.cr.postcommit.run()
        told.assert_called()
