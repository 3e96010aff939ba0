"""Billing runs that fail: accounts and runs are tried again by themselves."""

from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import LockNotAvailable

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import VoipRatingCommon

LOCKED = LockNotAvailable("canceling statement due to lock timeout")
JOB = "odoo.addons.voip_billing_base.models.voip_job"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestRunJob(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deck = cls._create_deck(
            rates=[{"prefix": "44", "price_per_minute": "0.6"}]
        )
        cls.switch = cls._create_switch()
        cls.accounts = cls.env["voip.account"].union(
            *(cls._account() for _number in range(3))
        )
        cls.run_ = cls.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "invoice_date": date(2026, 11, 5),
                "account_ids": [(6, 0, cls.accounts.ids)],
            }
        )

    @classmethod
    def _account(cls):
        account = cls._create_account(deck_id=cls.deck.id)
        trunk = cls._create_trunk(account)
        start = "2026-10-05T10:00:00Z"
        cls.env["voip.cdr"].ingest(
            switch=cls.switch.code,
            records=[
                {
                    "call_id": trunk.code,
                    "called": "442071234567",
                    "start": start,
                    "answer": start,
                    "duration": "60",
                    "trunk": trunk.code,
                }
            ],
            rate_now=True,
        )
        return account

    def _cron(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("voip_billing_base.ir_cron_billing_run")
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _broken(self, error, account):
        """A patch: invoicing that account raises the error."""
        invoice = type(self.env["voip.billing.run.line"])._invoice

        def broken(lines):
            if account in lines.account_id:
                raise error
            return invoice(lines)

        return patch.object(
            type(self.env["voip.billing.run.line"]), "_invoice", broken
        )

    def _line(self, number):
        return self.run_.line_ids.filtered(
            lambda line: line.account_id == self.accounts[number]
        )

    def _assert_done(self):
        self.assertEqual((self.run_.state, self.run_.invoiced_count), ("done", 3))
        invoices = self.env["account.move"].search(
            [("voip_account_id", "in", self.accounts.ids)]
        )
        self.assertEqual(invoices.mapped("amount_untaxed"), [0.6] * 3)
        self.assertFalse(self.run_.activity_ids)
        self.assertWhole()

    def test_an_account_that_is_locked_is_invoiced_at_the_next_try(self):
        with self._broken(LOCKED, self.accounts[1]):
            self.run_.action_run()
            self.assertEqual(self.run_.state, "running")
            self._cron()
        self.assertEqual((self.run_.state, self.run_.invoiced_count), ("running", 2))
        line = self._line(1)
        self.assertEqual((line.state, line.try_count), ("pending", 1))
        self.assertGreater(line.retry_at, fields.Datetime.now())
        self.assertNotIn("lock timeout", line.message)
        self.assertEqual(self.run_.put_off_count, 1)
        self._cron()
        self.assertEqual(line.state, "pending", "its time has not come")
        line.sudo().retry_at = fields.Datetime.now()
        self._cron()
        self.assertEqual((line.state, line.message), ("invoiced", False))
        self._assert_done()

    def test_an_account_that_can_never_be_invoiced_is_told_once(self):
        with self._broken(UserError("No receivable account."), self.accounts[1]):
            self.run_.action_run()
            told = self.run_.activity_ids
            self.run_.action_run()
        line = self._line(1)
        self.assertEqual(
            (line.state, line.message), ("error", "No receivable account.")
        )
        self.assertEqual((self.run_.state, self.run_.error_count), ("errors", 1))
        self.assertIn(self.env.user, told.user_id)
        self.assertEqual(self.run_.activity_ids, told)
        self.run_.action_run()
        self._assert_done()

    @mute_logger(JOB)
    def test_an_error_of_the_program_stays_on_its_line_as_a_sentence(self):
        with self._broken(KeyError("tax"), self.accounts[1]):
            self.run_.action_run()
        self.assertIn("does not know: KeyError", self._line(1).message)
        self.assertEqual(self.run_.invoiced_count, 2)

    def test_a_run_that_cannot_be_closed_is_closed_at_the_next_try(self):
        run = type(self.run_)
        with patch.object(run, "_finish", side_effect=LOCKED):
            self.run_.action_run()
            self._cron()
        self.assertEqual((self.run_.state, self.run_.try_count), ("running", 1))
        self.assertTrue(self.run_.message)
        self.run_.sudo().retry_at = False
        self._cron()
        self._assert_done()

    @mute_logger(JOB)
    def test_a_run_that_can_never_be_closed_stops_and_another_goes_on(self):
        run = type(self.run_)
        self.run_.action_preview()
        self.run_.sudo().write({"state": "running"})
        with patch.object(run, "_finish", side_effect=KeyError("total")):
            self._cron()
        self.assertEqual((self.run_.state, self.run_.invoiced_count), ("stopped", 3))
        self.assertTrue(self.run_.activity_ids)
        self.run_.action_run()
        self._assert_done()

    def test_a_run_stays_in_its_company(self):
        run = self.env["voip.billing.run"].create({})
        other = self.env["res.company"].create({"name": "Other"})
        for work in (run, run.sudo()):
            with self.assertRaises(UserError):
                work.write({"company_id": other.id})

    def _events(self, event="billing_run"):
        return self.env["voip.audit"].search_count(
            [("event", "=", event), ("res_id", "=", self.run_.id)]
        )

    def test_a_run_that_is_done_is_not_worked_again(self):
        for _press in range(2):
            self.run_.action_run()
            self.assertEqual(self._events(), 1)
        self._assert_done()

    def test_a_press_while_the_run_is_worked_off_does_nothing(self):
        with patch.object(type(self.run_), "_work", return_value=False) as work:
            for _press in range(2):
                self.run_.action_run()
                self.assertEqual(work.call_count, 1)
                self.assertEqual((self.run_.state, self._events()), ("running", 0))
        self._cron()
        self.assertEqual(self._events(), 1)
        self._assert_done()

    def test_a_press_takes_accounts_that_wait_for_their_next_try_at_once(self):
        with self._broken(LOCKED, self.accounts[1]):
            self.run_.action_run()
            self._cron()
        self.assertEqual((self.run_.state, self.run_.put_off_count), ("running", 1))
        self.run_.action_run()
        self.assertEqual(self._events(), 1)
        self._assert_done()

    def test_of_two_presses_at_one_moment_the_second_sees_what_the_first_did(self):
        run, lock = type(self.run_), type(self.run_)._lock
        first = []

        def late(later):
            if not first:
                first.append(self.run_)
                self.run_.action_run()
            lock(later)

        with patch.object(run, "_lock", late):
            self.run_.action_run()
        self.assertTrue(first)
        self.assertEqual(self._events(), 1)
        self._assert_done()

    def test_two_workers_close_a_run_once(self):
        self.run_.action_run()
        self.run_.sudo()._finish()
        self.assertEqual(self._events(), 1)

    def test_a_preview_leaves_a_run_alone_that_another_began_meanwhile(self):
        run, lock = type(self.run_), type(self.run_)._lock

        def late(later):
            self.env.cr.execute(
                "UPDATE voip_billing_run SET state = 'running' WHERE id = %s",
                [later.id],
            )
            lock(later)

        with patch.object(run, "_lock", late):
            self.run_.action_preview()
        self.assertEqual((self.run_.state, self.run_.line_count), ("running", 0))
