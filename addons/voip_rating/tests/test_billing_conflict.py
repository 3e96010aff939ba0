"""Billing runs beside others that work on the same accounts."""

from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import SerializationFailure

from odoo.tests import tagged

from odoo.addons.voip_billing_base.runs import voip_billing_run_line

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestBillingConflict(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(rates=[{"prefix": "44", "price_per_minute": "0.6"}])
        cls._create_switch(code="conflict")
        cls.account = cls._create_account(deck_id=deck.id)
        cls._create_trunk(code="conflict1", account_id=cls.account.id)
        start = "2026-10-05T10:00:00Z"
        cls.env["voip.cdr"].ingest(
            switch="conflict",
            records=[
                {
                    "call_id": "1",
                    "called": "442071234567",
                    "start": start,
                    "answer": start,
                    "duration": "60",
                    "trunk": "conflict1",
                }
            ],
            rate_now=True,
        )
        cls.run_ = cls.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "invoice_date": date(2026, 11, 5),
                "account_ids": [(6, 0, cls.account.ids)],
            }
        )

    def _cron(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("voip_billing_base.ir_cron_billing_run")
            cron.method_direct_trigger()

    def _assert_invoiced_once(self):
        self.env.invalidate_all()
        self.assertEqual(self.run_.line_ids.mapped("message"), [False])
        self.assertEqual((self.run_.state, self.run_.invoiced_count), ("done", 1))
        invoice = self.env["account.move"].search(
            [("voip_account_id", "=", self.account.id)]
        )
        self.assertEqual(invoice.mapped("amount_untaxed"), [0.6])
        broken = [r for r in self.env["voip.check"].sudo().run() if r["violations"]]
        self.assertEqual(broken, [])

    def test_a_run_in_whose_way_rating_is_goes_on_in_the_background(self):
        line = type(self.env["voip.billing.run.line"])
        busy = SerializationFailure("could not serialize access")
        with patch.object(line, "_invoice", side_effect=busy):
            self.run_.action_run()
        self.assertEqual(self.run_.state, "running")
        self.assertEqual(self.run_.line_ids.mapped("state"), ["pending"])
        self.assertFalse(self.run_.move_ids)
        cron = self.env.ref("voip_billing_base.ir_cron_billing_run")
        self.assertTrue(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        )
        self._cron()
        self._assert_invoiced_once()

    def test_a_run_that_cannot_be_closed_is_closed_in_the_background(self):
        audit = type(self.env["voip.audit"])
        busy = SerializationFailure("could not serialize access")
        with patch.object(audit, "_log", side_effect=busy):
            self.run_.action_run()
        self.assertEqual((self.run_.state, self.run_.invoiced_count), ("running", 1))
        self._cron()
        self._assert_invoiced_once()

    def test_a_line_that_another_worker_took_meanwhile_is_left_alone(self):
        taken, lock = [], voip_billing_run_line.lock_company

        def late(cr, company):
            lock(cr, company)
            if not taken:
                taken.append(self.run_.line_ids)
                self.run_.sudo().line_ids._invoice()

        with patch.object(voip_billing_run_line, "lock_company", late):
            self.run_.action_run()
        self.assertEqual(len(taken), 1)
        self._assert_invoiced_once()
