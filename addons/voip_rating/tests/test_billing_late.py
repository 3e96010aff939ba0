"""Late usage, records without a price, and what a run says of them."""

from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import errors

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import VoipRatingCommon

JOB = "odoo.addons.voip_billing_base.models.voip_job"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestBillingLate(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deck = cls._create_deck(rates=[{"prefix": "44", "price_per_minute": "0.6"}])
        cls.switch = cls._create_switch()
        cls.accounts = cls.env["voip.account"].union(*(cls._sender() for _ in range(3)))
        cls.account = cls.accounts[0]
        cls.count = 0

    @classmethod
    def _sender(cls, **values):
        account = cls._create_account(deck_id=cls.deck.id, **values)
        cls._create_trunk(account, code=f"late{account.id}")
        return account

    def _call(self, sender, day="2026-10-05", **values):
        type(self).count += 1
        rate_now = values.pop("rate_now", True)
        switch = values.pop("switch", self.switch)
        start = f"{day}T10:00:00Z"
        record = {
            "call_id": f"late-{self.count}",
            "called": "442071234567",
            "start": start,
            "answer": start,
            "duration": "60",
            **({"trunk": f"late{sender.id}"} if sender else {}),
            **values,
        }
        return self.env["voip.cdr"].ingest(switch.code, [record], rate_now=rate_now)

    def _run(self, accounts=None, month=11, **values):
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, month, 5, 12),
                "invoice_date": date(2026, month, 5),
                "account_ids": [(6, 0, (accounts or self.accounts).ids)],
                **values,
            }
        )
        run.action_run()
        return run

    def _states(self, run):
        return {line.account_id: line.state for line in run.line_ids}

    # === Late usage === #

    def test_late_usage_is_shown_as_late_and_goes_on_the_next_invoice(self):
        self._call(self.account)
        self._run()
        self._call(self.account, "2026-10-06")
        run = self.env["voip.billing.run"].create({"cutoff": datetime(2026, 11, 5, 12)})
        run.action_preview()
        line = run.line_ids.filtered(lambda x: x.account_id == self.account)
        self.assertEqual((line.state, line.calls, line.amount), ("late", 1, 0.6))
        self.assertEqual(run.late_count, 1)
        run.action_run()
        self.assertEqual((run.state, line.state), ("done", "late"))
        self.assertFalse(run.move_ids)
        later = self._run(month=12)
        self.assertEqual(later.move_ids.invoice_line_ids.mapped("voip_late"), [True])
        self.assertWhole()

    def test_late_usage_is_invoiced_at_once_by_its_button(self):
        self._call(self.account)
        first = self._run().move_ids
        for number in (1, 2):
            self._call(self.account, f"2026-10-0{number}")
            line = self._run().line_ids
            self.assertEqual(line.state, "late")
            line.action_invoice_late()
            line.action_invoice_late()
            self.assertEqual((line.state, line.calls), ("invoiced", 1), line.message)
            invoice = line.move_id
            self.assertEqual(invoice.state, "posted")
            self.assertEqual(invoice.voip_period_end, first.voip_period_end)
            self.assertEqual(invoice.sudo().voip_supplement, number)
            self.assertTrue(invoice.invoice_line_ids.voip_late)
            self.assertWhole()
        self.assertFalse(self._run().line_ids)

    def test_who_only_reads_runs_invoices_no_late_usage(self):
        self._call(self.account)
        self._run()
        self._call(self.account)
        line = self._run().line_ids
        viewer = self._user("voip_billing_base.group_voip_viewer")
        with self.assertRaises(AccessError):
            line.with_user(viewer).action_invoice_late()
        self.assertEqual(line.state, "late")

    def _user(self, group):
        return self.env["res.users"].create(
            {
                "name": group,
                "login": group,
                "group_ids": [(6, 0, [self.env.ref(group).id])],
                "company_id": self.env.company.id,
                "company_ids": [(6, 0, self.env.company.ids)],
            }
        )

    def test_a_period_that_another_run_invoiced_meanwhile_is_not_tried_again(self):
        self._call(self.account)
        run = self.env["voip.billing.run"].create(
            {"cutoff": datetime(2026, 11, 5, 12), "invoice_date": date(2026, 11, 5)}
        )
        run.action_preview()
        self._run()
        line = run.line_ids.filtered(lambda x: x.account_id == self.account)
        self._call(self.account)
        run.action_run()
        self.assertEqual((line.state, line.message), ("late", False))
        self.assertEqual(run.state, "done")
        self.assertWhole()

    def test_usage_that_merely_waited_is_not_late(self):
        self._call(self.account, "2026-08-05")
        self._call(self.account, "2026-09-05")
        self._call(self.account, "2026-10-05")
        lines = self._run().move_ids.invoice_line_ids
        self.assertEqual(lines.mapped("voip_late"), [False])
        self.assertEqual(lines.mapped("voip_calls"), [3])
        self.assertWhole()

    def test_what_is_taken_back_after_its_invoice_is_late_too(self):
        answer = self._call(self.account)
        self._run()
        self.env["voip.cdr.batch"].browse(answer["batch"]).action_undo()
        for day in ("2026-11-02", "2026-11-03", "2026-11-04"):
            self._call(self.account, day)
        lines = self._run(month=12).move_ids.invoice_line_ids
        self.assertEqual(
            {(line.voip_late, line.voip_calls) for line in lines},
            {(True, -1), (False, 3)},
        )
        self.assertWhole()

    def test_a_daily_run_is_not_opened_for_late_usage_alone(self):
        self._call(self.account)
        self._run()
        self._call(self.account)
        runs = self.env["voip.billing.run"].search_count([])
        self.env["voip.billing.run"]._cron_due()
        self.assertEqual(self.env["voip.billing.run"].search_count([]), runs)

    # === States === #

    @mute_logger(JOB)
    def test_no_line_shows_what_the_database_said(self):
        self._call(self.account)
        line = type(self.env["voip.billing.run.line"])
        for kind, code, text in (
            (errors.UniqueViolation, "23505", "duplicate key value violates"),
            (errors.NotNullViolation, "23502", "null value in column"),
            (errors.SyntaxError, "42601", "syntax error at or near"),
        ):
            error = type("Said", (kind,), {"pgcode": code})(text)
            with patch.object(line, "_invoice", side_effect=error):
                run = self._run()
            self.assertEqual(run.state, "errors")
            self.assertIn("could not be stored", run.line_ids.message)
            self.assertNotIn(text, run.line_ids.message)

    def test_a_run_with_errors_is_done_once_they_are_mended(self):
        for account in self.accounts:
            self._call(account)
        receivable = self.account.partner_id.property_account_receivable_id.copy(
            {"code": "9999X", "active": False}
        )
        self.account.partner_id.property_account_receivable_id = receivable
        run = self._run()
        self.assertEqual((run.state, run.invoiced_count), ("errors", 2))
        receivable.active = True
        run.action_run()
        self.assertEqual((run.state, run.invoiced_count), ("done", 3))
        self.assertWhole()

    # === Records without a price === #

    def _unrated(self):
        """(what it is, function that makes it, accounts that it stops)."""
        one, other, third = self.accounts
        return (
            ("trunk", lambda: self._call(one, called="9990000"), one),
            ("code", lambda: self._call(None, called="9990000", account=one.code), one),
            (
                "caller",
                lambda: self._call(None, called="9990000", caller="4930999"),
                other,
            ),
            ("unknown trunk", lambda: self._call(None, trunk="none"), self.accounts),
            ("nobody", lambda: self._call(None), self.accounts),
            (
                "corrected trunk",
                lambda: self._correct(self._call(None, trunk="none"), third),
                third,
            ),
            (
                "after the period",
                lambda: self._call(one, "2026-11-03", called="9000000"),
                (),
            ),
            ("waits", lambda: self._call(one, rate_now=False), one),
            (
                "waits, unknown",
                lambda: self._call(None, trunk="none", rate_now=False),
                self.accounts,
            ),
            ("file", self._unread_file, self.accounts),
        )

    def _correct(self, answer, account):
        error = self.env["voip.cdr.error"].search([("batch_id", "=", answer["batch"])])
        error.fix_trunk = f"late{account.id}"

    def _unread_file(self):
        self.env["voip.cdr.batch"]._take_file(self.switch, b"\xff", "large.csv")

    def test_records_without_a_price_stop_the_accounts_they_could_belong_to(self):
        self.env["voip.account.number"].create(
            {"account_id": self.accounts[1].id, "number": "4930999"}
        )
        for account in self.accounts:
            self._call(account)
        for name, make, stopped in self._unrated():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint()
                make()
                run = self._run()
                states = {
                    account: "stopped" if account in stopped else "invoiced"
                    for account in self.accounts
                }
                self.assertEqual(self._states(run), states)
                self.assertEqual(run.state, "stopped" if stopped else "done")
                for line in run.line_ids:
                    self.assertEqual(bool(line.message), line.state == "stopped")
                self.assertEqual(bool(run.stop_reason), bool(stopped))
                savepoint.close(rollback=True)

    def test_a_record_of_another_switch_stops_no_account_that_cannot_send_there(self):
        elsewhere = self._create_switch()
        self.env["voip.trunk"].search(
            [("account_id", "in", self.accounts[:2].ids)]
        ).switch_id = self.switch
        for account in self.accounts:
            self._call(account)
        self._call(None, trunk="none", switch=elsewhere)
        run = self._run()
        self.assertEqual(
            list(self._states(run).values()), ["invoiced", "invoiced", "stopped"]
        )

    def test_stopped_accounts_are_invoiced_once_their_records_are_settled(self):
        for account in self.accounts:
            self._call(account)
        answer = self._call(self.account, called="9990000")
        run = self._run()
        self.assertEqual((run.state, run.invoiced_count), ("stopped", 2))
        run.action_run()
        self.assertEqual((run.state, run.invoiced_count), ("stopped", 2))
        error = self.env["voip.cdr.error"].search([("batch_id", "=", answer["batch"])])
        error.note = "Wrong number"
        error.action_dismiss()
        run.action_run()
        self.assertEqual((run.state, run.invoiced_count), ("done", 3))
        self.assertFalse(run.stop_reason)
        self.assertWhole()

    def test_a_manager_invoices_stopped_accounts_all_the_same(self):
        for account in self.accounts:
            self._call(account)
        self._call(self.account, called="9990000")
        run = self._run()
        run.write({"override_unrated": True, "override_reason": "Agreed"})
        run.action_run()
        self.assertEqual((run.state, run.invoiced_count), ("done", 3))
        self.assertWhole()

    # === Paper === #

    def test_an_accountant_without_voip_groups_prints_a_usage_invoice(self):
        chf = self.env.ref("base.CHF")
        chf.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": chf.id, "name": "2020-01-01", "rate": 0.9}
        )
        self.account.deck_id = self._create_deck(
            currency_id=chf.id, rates=[{"prefix": "44", "price_per_minute": "0.06"}]
        )
        self._call(self.account)
        invoice = self._run().move_ids
        accountant = self._user("account.group_account_invoice")
        report = self.env["ir.actions.report"].with_user(accountant)
        for name in (
            "account.account_invoices",
            "account.account_invoices_without_payment",
        ):
            self.env.invalidate_all()
            html, _kind = report._render_qweb_html(
                name, invoice.ids, {"report_type": "pdf"}
            )
            self.assertIn(self.account.code, html.decode())
            self.assertIn("0.0600 CHF", html.decode())
