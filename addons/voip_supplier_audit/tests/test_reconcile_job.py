"""Many calls are paired in the background: seen, and safe when it fails."""

from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_rating.imports import rate_import_job

from ..reconcile import voip_supplier_reconciliation as job
from .reconcile_common import ReconcileCommon

CALLED = "447700900123"
JOB = "odoo.addons.voip_billing_base.models.voip_job"


@tagged("post_install", "-at_install")
class TestReconcileJob(ReconcileCommon):
    def setUp(self):
        super().setUp()
        self._calls(("one", CALLED, "10:00:00", "60", True))
        self.invoice = self._invoice(("one", CALLED, "10:00:00", "60", "0.1", "0.1"))

    def _asked(self):
        """The button, as if there were many calls."""
        with patch.object(job, "AT_ONCE", 0):
            self.invoice.action_reconcile()

    def _run(self):
        jobs = self.env["voip.supplier.reconciliation"].sudo()
        cron = type(self.env["ir.cron"])
        with patch.object(cron, "_commit_progress", return_value=60):
            jobs._cron_reconcile()

    def test_few_calls_are_paired_at_once(self):
        self.invoice.action_reconcile()
        self.assertEqual(self.invoice.state, "reconciled")
        self.assertFalse(self.invoice.job_ids)

    def test_many_of_ours_are_as_many_as_theirs(self):
        self.assertEqual(self.invoice.record_count, 1)
        self.invoice.sudo().record_count = 0
        self.assertFalse(self.invoice._is_large())
        with patch.object(job, "AT_ONCE", 0):
            self.assertTrue(self.invoice._is_large())

    def test_many_lines_are_as_many_as_calls(self):
        invoice = self._load_invoice(
            [{"prefix": str(1000 + n), "amount": "1.00"} for n in range(3)], "INV-2"
        )
        with patch.object(job, "AT_ONCE", 3):
            self.assertFalse(invoice._is_large())
        with patch.object(job, "AT_ONCE", 2):
            self.assertTrue(invoice._is_large())

    def test_many_calls_are_paired_by_the_scheduled_action(self):
        self._asked()
        self.assertEqual(
            (self.invoice.state, self.invoice.is_working, self.invoice.progress),
            ("imported", True, 0),
        )
        self.assertFalse(self.invoice.can_reconcile)
        self._run()
        self.assertEqual(
            (self.invoice.state, self.invoice.is_working), ("reconciled", False)
        )
        self.assertEqual(self.invoice.job_ids.state, "done")
        found = self.env["voip.supplier.match"].search(
            [("invoice_id", "=", self.invoice.id)]
        )
        self.assertEqual(found.mapped("found"), ["equal"])

    def test_nothing_else_is_done_meanwhile(self):
        self.invoice.action_reconcile()
        self.invoice.line_ids.action_accept()
        self._asked()
        for action in ("action_decide", "action_reconcile"):
            with self.assertRaisesRegex(UserError, "is being reconciled"):
                with patch.object(job, "AT_ONCE", 0):
                    getattr(self.invoice, action)()
        self._run()
        self.assertFalse(self.invoice.is_working)

    def test_the_progress_is_told_while_the_work_goes_on(self):
        seen, tell = [], job.Progress.__call__

        def told(progress, share):
            tell(progress, share)
            self.env.cr.execute(
                "SELECT percent FROM voip_supplier_progress WHERE job_id = %s",
                [self.invoice.job_ids.id],
            )
            seen.append(self.env.cr.fetchone()[0])

        self._asked()
        with (
            patch.object(rate_import_job, "TELL_SECONDS", 0),
            patch.object(job.Progress, "__call__", told),
            self.enter_registry_test_mode(),
        ):
            self._run()
        self.assertEqual(seen, sorted(set(seen)))
        self.assertGreaterEqual(seen[-1], 80)
        self.assertEqual(self.invoice.progress, 0, "nothing is under way")

    def test_a_passing_trouble_is_tried_again_by_itself(self):
        self._asked()
        away = patch.object(
            type(self.invoice),
            "_match_records",
            side_effect=OperationalError("server closed the connection"),
        )
        with away, mute_logger(JOB):
            self._run()
        work = self.invoice.job_ids
        self.assertEqual((work.state, work.try_count), ("waiting", 1))
        self.assertTrue(work.retry_at)
        self.assertEqual(self.invoice.state, "imported", "nothing of it is kept")
        work.sudo().retry_at = False
        self._run()
        self.assertEqual((work.state, self.invoice.state), ("done", "reconciled"))
        self.assertFalse(self.invoice.job_message)

    def test_what_cannot_be_done_says_why_and_may_be_asked_for_again(self):
        self._asked()
        self.invoice.sudo().line_ids.unlink()
        self._run()
        self.assertEqual(self.invoice.job_ids.state, "failed")
        self.assertIn("has no lines", self.invoice.job_message)
        self.assertFalse(self.invoice.is_working)
