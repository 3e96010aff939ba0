"""The daily run takes suppliers' files once, reconciles, flags and tells staff."""

import base64
import os
import shutil
import tempfile
import time
from datetime import date
from unittest.mock import patch

from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import config, mute_logger

from odoo.addons.voip_rating.models.voip_intake_folder import ROOT_OPTION

from ..daily.names import Named, named
from .cost_common import CostCommon

LINES = "Code,Minutes,Rate,Amount\n447,4,0.1,{}\nTotal,4,,{}\n"
CALLS = "call_id,caller,called,start,duration,answered,amount\n"
RUN = "odoo.addons.voip_supplier_audit.daily.invoice_daily"
LARGE = "odoo.addons.voip_supplier_audit.reconcile.voip_supplier_reconciliation"
NAME = "INV-9_2026-09-01_2026-09-30.csv"


@tagged("post_install", "-at_install")
class TestNames(BaseCase):
    def test_a_name_says_what_a_file_is(self):
        first, last = date(2026, 9, 1), date(2026, 9, 30)
        cases = {
            NAME: Named("lines", "INV-9", first, last),
            "A_B_2026-09-01_2026-09-30.XLSX": Named("lines", "A_B", first, last),
            "INV-9_calls.csv.gz": Named("calls", "INV-9"),
            "INV-9.pdf": Named("pdf", "INV-9"),
            "INV-9_2026-09-30_2026-09-01.csv": None,
            "INV-9_2026-13-01_2026-13-30.csv": None,
            "INV-9.csv": None,
        }
        for name, expected in cases.items():
            with self.subTest(name):
                self.assertEqual(named(name), expected)


@tagged("post_install", "-at_install")
class TestDaily(CostCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbox = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.inbox)
        cls.startClassPatcher(patch.dict(config.options, {ROOT_OPTION: cls.inbox}))
        cls.agreement = cls._agree(tz="UTC")
        cls.manager = new_test_user(
            cls.env,
            login="daily_manager",
            groups="voip_billing_base.group_voip_manager",
            email="daily@example.com",
        )
        cls.files = cls.env["voip.supplier.file"]

    def _drop(self, name, text, agreement=None):
        path = (agreement or self.agreement)._folder()
        os.makedirs(path, exist_ok=True)
        path = os.path.join(path, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.utime(path, (time.time() - 600,) * 2)

    def _run(self):
        """Run it; the mail that it wrote to the manager, or none."""
        mails = self.env["mail.mail"].search([])
        with self.enter_registry_test_mode():
            self.env.ref(self.files._job_cron).method_direct_trigger()
        self.env.invalidate_all()
        mails = self.env["mail.mail"].search([]) - mails
        return mails.filtered(lambda m: m.email_to == self.manager.email_formatted)

    def _invoice(self, number="INV-9"):
        return self.env["voip.supplier.invoice"].search([("number", "=", number)])

    def _ours(self):
        for day in ("05", "06"):
            self._call("447700900123", f"2026-09-{day}T10:00:00Z", "120")

    def test_a_sheet_becomes_an_invoice_that_is_reconciled_and_told_once(self):
        self._ours()
        self._drop(NAME, LINES.format("0.50", "0.50"))
        mails = self._run()
        invoice = self._invoice()
        self.assertRecordValues(
            invoice,
            [{"state": "reconciled", "total": 0.5, "difference": 0.1}],
        )
        self.assertTrue(invoice.flagged_on, "25 % are above 5 %")
        self.assertEqual(len(mails), 1)
        self.assertIn("INV-9<strong>: look at it", mails.body_html)
        company = self.env.company.name
        self.assertIn(f"What is new of suppliers at {company}:", mails.body_html)
        self.assertIn("supplier invoices: 1, to look at: 1", mails.subject)
        self.assertEqual(os.listdir(self.agreement._folder()), ["done"])
        self.assertFalse(self._run(), "nothing is new")
        self.assertEqual(len(self._invoice()), 1)

    def test_a_manager_without_an_address_is_told_so_once(self):
        self.manager.email = False
        domain = [
            ("user_id", "=", self.manager.id),
            (
                "activity_type_id",
                "=",
                self.env.ref("voip_supplier_audit.mail_activity_address").id,
            ),
        ]
        tasks = self.env["mail.activity"]
        for number in ("INV-9", "INV-8"):
            amount = f"0.{number[-1]}0"
            lines = LINES.format(amount, amount)
            self._drop(NAME.replace("INV-9", number), lines)
            self.assertFalse(self._run())
            told = tasks.search(domain)
            self.assertEqual(told.mapped("res_name"), [self.manager.partner_id.name])
            self.assertIn("My Preferences", told.note)
        self.manager.email = "daily@example.com"
        self._drop(NAME.replace("INV-9", "INV-7"), LINES.format("0.70", "0.70"))
        self.assertEqual(len(self._run()), 1)
        self.assertFalse(tasks.search(domain))

    def test_files_of_an_agreement_that_has_ended_are_taken(self):
        self.agreement.date_to = "2026-09-30"
        self._drop(NAME, LINES.format("0.40", "0.40"))
        self._run()
        self.assertEqual(self._invoice().total, 0.4)
        self._agree(date_from="2026-10-01", tz="UTC")
        self.assertEqual(len(self.env["voip.supplier.invoice"]._daily_agreements()), 1)

    def test_what_is_within_is_not_flagged(self):
        self._ours()
        self._drop(NAME, LINES.format("0.42", "0.42"))
        mails = self._run()
        self.assertFalse(self._invoice().flagged_on)
        self.assertNotIn("look at it", mails.body_html)

    def test_the_same_file_again_brings_nothing(self):
        self._drop(NAME, LINES.format("0.50", "0.50"))
        self._run()
        self._drop(NAME, LINES.format("0.50", "0.50"))
        self.assertFalse(self._run(), "nobody says something else by it")
        self.assertEqual(len(self.files.search([])), 1)

    def test_the_same_content_under_another_name_is_told(self):
        self._drop(NAME, LINES.format("0.50", "0.50"))
        self._run()
        self._drop(f"again-{NAME}", LINES.format("0.50", "0.50"))
        mails = self._run()
        file = self.files.search([])
        self.assertEqual(file.name, NAME)
        self.assertIn(f"again-{NAME} is the same as {NAME}", mails.body_html)
        self.assertIn(f"again-{NAME} is the same", file.message_ids[0].body)
        self.assertFalse(self._run(), "it is told once")

    def test_what_another_supplier_brought_before_waits_for_somebody(self):
        other = self.env["res.partner"].create({"name": "Other Carrier"})
        agreement = self._agree(partner_id=other.id)
        self._drop(NAME, LINES.format("0.50", "0.50"), agreement)
        self._run()
        self._drop(NAME, LINES.format("0.50", "0.50"))
        mails = self._run()
        self.assertIn("which came from Other Carrier", mails.body_html)
        file = self.files.search([("partner_id", "=", self.supplier.id)])
        self.assertEqual(file.state, "draft")
        self.assertEqual(self._invoice().partner_id, other)
        self.assertFalse(self._run(), "it is told once")
        file.action_take()
        self.assertEqual(self._invoice().partner_id, other | self.supplier)
        self.assertFalse(file.message)

    def test_what_another_supplier_brought_before_is_told_on_upload(self):
        other = self.env["res.partner"].create({"name": "Other Carrier"})
        invoices = {
            partner: self.env["voip.supplier.invoice"].create(
                {"partner_id": partner.id, "number": "INV-1", "total": 1}
            )
            for partner in (other, self.supplier)
        }
        content = LINES.format("0.50", "0.50")
        self._drop(NAME, content, self._agree(partner_id=other.id))
        self._run()
        for model in ("voip.supplier.upload", "voip.supplier.upload.records"):
            for partner, invoice in invoices.items():
                with self.subTest(model, partner=partner.name):
                    wizard = self.env[model].with_user(self.manager)
                    wizard = wizard.new(
                        {"invoice_id": invoice.id, "file_name": "mine.csv"}
                    )
                    self.assertFalse(wizard.warning)
                    wizard.file = base64.b64encode(content.encode())
                    said = wizard.warning or ""
                    told = f"mine.csv is the same as {NAME}" in said
                    told &= "came from Other Carrier" in said
                    self.assertEqual(told, partner == self.supplier)
                    kept = wizard.create(wizard._convert_to_write(wizard._cache))
                    kept.invalidate_recordset()
                    # A browser reads back how large a file is, not the file.
                    shown = kept.with_context(bin_size=True)
                    self.assertEqual(shown.warning, wizard.warning)

    def test_what_is_no_file_is_told_and_left(self):
        self._ours()
        self._drop(NAME, LINES.format("0.40", "0.40"))
        path = self.agreement._folder()
        os.symlink("/etc/hostname", os.path.join(path, "link.csv"))
        os.mkfifo(os.path.join(path, "pipe.csv"))
        mails = self._run()
        self.assertEqual(self._invoice().state, "reconciled")
        self.assertIn("link.csv is no file", mails.body_html)
        self.assertIn("pipe.csv is no file", mails.body_html)
        left = {"done", "link.csv", "pipe.csv"}
        self.assertEqual(set(os.listdir(path)), left)

    def test_what_other_transactions_commit_is_told(self):
        """The run's own transaction began before, and does not see it."""
        self._ours()
        self._september([{"prefix": "447", "amount": "0.50"}], tz="UTC")

        def unseen(env, func):
            with env.cr.savepoint(flush=False) as point:
                found = func(env)
                env.flush_all()
                point.rollback()
            return found

        with patch(f"{RUN}.run_money", unseen):
            told = self._invoice("INV-1").sudo()._reconcile_daily()
        self.assertEqual(told, self._invoice("INV-1"))
        self.assertEqual(told.state, "imported", "as this transaction sees it")

    def test_an_invoice_of_many_calls_is_flagged_on_the_same_day(self):
        self._ours()
        with patch(f"{LARGE}.AT_ONCE", 1):
            self._drop(NAME, LINES.format("0.50", "0.50"))
            mails = self._run()
        self.assertTrue(self._invoice().flagged_on)
        self.assertIn("look at it", mails.body_html)

    def test_the_subject_says_what_the_mail_is_about(self):
        self._drop("nobody knows.csv", "Code,Amount\n44,1\n")
        subject = self._run().subject
        self.assertIn("suppliers' files: 1, failed: 1", subject)
        self.assertNotIn("invoices", subject)

    def test_quality_that_cannot_be_proposed_is_told(self):
        name = "odoo.addons.voip_supplier_audit.quality.voip_supplier_proposal"
        self.env["voip.supplier.quality"].create(
            {"agreement_id": self.agreement.id, "threshold": 50, "percent": 2}
        )
        fails = patch.object(
            type(self.env["voip.supplier.proposal"]),
            "_propose_terms",
            side_effect=ValueError("no exchange rate"),
        )
        with mute_logger(name), fails:
            mails = self._run()
        self.assertIn("no exchange rate", mails.body_html)
        self.assertIn("Carrier One", mails.body_html)

    def test_call_records_and_pdf_go_to_their_invoice_whatever_came_first(self):
        self._ours()
        day = "c0,442071838750,447700900123,2026-09-05T10:00:00Z,120,1,0.25\n"
        self._drop("INV-9_calls.csv", CALLS + day)
        self._drop("INV-9.pdf", "%PDF-1.4")
        self._drop(NAME, LINES.format("0.50", "0.50"))
        self._run()
        self.assertEqual(self.files.search([]).mapped("state"), ["taken"] * 3)
        invoice = self._invoice()
        self.assertRecordValues(
            invoice,
            [{"record_count": 1, "pdf_name": "INV-9.pdf", "state": "reconciled"}],
        )
        self.assertWhole()

    def test_a_bad_supplier_is_told_and_stops_no_other(self):
        self._ours()
        other = self.env["res.partner"].create({"name": "Bad Carrier"})
        bad = self.env["voip.supplier.agreement"].create(
            {"partner_id": other.id, "date_from": "2026-01-01", "tz": "UTC"}
        )
        self._drop("nobody knows.csv", "Code,Amount\n44,1\n", bad)
        self._drop("B_2026-09-01_2026-09-30.csv", "no,header\n1,2\n", bad)
        self._drop(NAME, LINES.format("0.40", "0.40"))
        mails = self._run()
        self.assertEqual(self._invoice().state, "reconciled")
        failed = self.files.search([("partner_id", "=", other.id)])
        self.assertEqual(set(failed.mapped("state")), {"failed"})
        self.assertIn("its name does not say", mails.body_html)
        self.assertFalse(self._invoice("B"))
        self.assertFalse(self._run(), "what failed is told once")
        failed[:1].action_retry()
        self.assertEqual(failed[:1].state, "waiting")

    def test_a_folder_that_cannot_be_read_is_told(self):
        self._ours()
        path = self.agreement._folder()
        os.makedirs(path, exist_ok=True)
        with (
            mute_logger("odoo.addons.voip_supplier_audit.daily.agreement_folder"),
            patch(
                "odoo.addons.voip_rating.intake.folders.LocalFolder.entries",
                side_effect=OSError("the disk is away"),
            ),
        ):
            mails = self._run()
        self.assertIn("the disk is away", mails.body_html)

    def test_an_invoice_that_cannot_be_reconciled_is_told_once(self):
        invoice = self._september([{"prefix": "447", "amount": "0.20"}], tz="UTC")
        fails = patch.object(
            type(invoice), "_reconcile_now", side_effect=ValueError("no rates")
        )
        with mute_logger(RUN), fails:
            self.assertIn("no rates", self._run().body_html)
            self.assertFalse(self._run())
        self.assertIn(invoice.number, self._run().body_html)
        self.assertEqual(invoice.state, "reconciled")

    def test_what_somebody_began_to_decide_is_left_alone(self):
        self._ours()
        invoice = self._september([{"prefix": "447", "amount": "0.20"}], tz="UTC")
        invoice.action_reconcile()
        invoice.line_ids.action_accept()
        self._call("447700900123", "2026-09-07T10:00:00Z", "120")
        self._run()
        self.assertEqual(invoice.line_ids.ours_amount, 0.4)

    def test_calls_that_were_rated_since_are_beside_it_the_next_day(self):
        self._ours()
        self._drop(NAME, LINES.format("0.42", "0.42"))
        self._run()
        self._call("447700900123", "2026-09-07T10:00:00Z", "120")
        mails = self._run()
        self.assertEqual(self._invoice().line_ids.ours_amount, 0.6)
        self.assertIn("look at it", mails.body_html)
