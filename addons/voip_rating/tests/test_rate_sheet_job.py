"""A large rate sheet is worked on in the background."""

import io
from contextlib import contextmanager, nullcontext
from datetime import datetime
from unittest.mock import patch

from openpyxl import load_workbook
from psycopg2 import OperationalError

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..imports import rate_import_job, work
from ..imports.ahead import Ahead
from .import_common import ImportCommon, sheet, workbook


@tagged("post_install", "-at_install")
class TestRateSheetJob(ImportCommon):
    @contextmanager
    def _background(self):
        """Every file counts as large, every figure of the progress is told."""
        with (
            patch.object(rate_import_job, "AT_ONCE_BYTES", 0),
            patch.object(rate_import_job, "TELL_SECONDS", 0),
            patch.object(work, "PART_ROWS", 1),
            # Here the progress is told on the connection that takes the parts.
            patch.object(Ahead, "meanwhile", lambda ahead: nullcontext(ahead.take)),
        ):
            yield

    def _run(self):
        """Work off what is due, as the scheduled action does."""
        imports = self.env["voip.rate.import"]
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=60
        ):
            imports.sudo()._cron_work()

    def test_a_large_sheet_is_previewed_and_applied_by_the_scheduled_action(self):
        rows = ("44;UK;0.012;", "33;France;0.02;2026-12-01")
        with self._background():
            found = self._import(sheet(*rows))
            found.action_preview()
            self.assertEqual((found.state, found.row_count), ("working", 0))
            self._run()
            self.assertEqual((found.state, found.row_count), ("previewed", 2))
            self.assertFalse(found.message)
            before = self._table()
            found.action_apply()
            self.assertEqual((found.state, self._table()), ("working", before))
            self._run()
        self.assertEqual(found.state, "applied")
        self.assertEqual(found.applied_by, self.env.user)
        self.assertEqual(len(self._table()), 4)

    def test_the_progress_is_told_while_the_work_goes_on(self):
        seen = []
        tell = rate_import_job.Progress.__call__

        def told(progress, share):
            tell(progress, share)
            found.invalidate_recordset(["progress"])
            self.env.cr.execute(
                "SELECT percent FROM voip_rate_import_progress WHERE import_id = %s",
                [found.id],
            )
            seen.append(self.env.cr.fetchone()[0])

        with self._background(), patch.object(
            rate_import_job.Progress, "__call__", told
        ):
            found = self._import(sheet("44;UK;0.012;", "33;France;0.02;"))
            found.action_preview()
            self.assertEqual(found.progress, 0)
            with self.enter_registry_test_mode():
                self._run()
        self.assertEqual(seen, sorted(seen))
        self.assertGreater(seen[-1], 90)
        self.assertEqual(found.progress, 0, "nothing is under way")

    def test_what_cannot_be_done_is_given_back_with_the_reason(self):
        with self._background():
            found = self._import(sheet("44;UK;abc;"))
            found.action_preview()
            self._run()
            found.action_apply()
            self._run()
        self.assertEqual(found.state, "previewed")
        self.assertIn("Row 2: Price per minute", found.message)
        self.assertFalse(found.activity_ids)
        found.leave_faulty = True
        self.assertEqual(found.state, "draft")

    def test_a_passing_trouble_is_tried_again_by_itself(self):
        away = patch.object(
            type(self.env["voip.rate.import"]),
            "_preview",
            side_effect=OperationalError("server closed the connection"),
        )
        with self._background():
            found = self._import(sheet("44;UK;0.012;"))
            found.action_preview()
            with away, mute_logger("odoo.addons.voip_billing_base.models.voip_job"):
                self._run()
            self.assertEqual((found.state, found.try_count), ("working", 1))
            self.assertTrue(found.retry_at and found.message)
            found._keep({"retry_at": False})
            self._run()
        self.assertEqual((found.state, found.try_count), ("previewed", 0))

    def test_nothing_is_changed_while_it_works_and_waiting_work_is_stopped(self):
        with self._background():
            found = self._import(sheet("44;UK;0.012;"))
            found.action_preview()
            for change in (
                lambda: setattr(found, "mode", "full"),
                lambda: found.column_ids[0].write({"target": False}),
                found.action_preview,
                found.action_apply,
            ):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    change()
            found.action_stop()
            self.assertEqual(found.state, "draft")
            self._run()
        self.assertEqual((found.state, found.row_count), ("draft", 0))
        with self.assertRaisesRegex(UserError, "right now, or is done"):
            found.action_stop()

    def test_it_is_done_with_the_rights_of_who_asked(self):
        manager = new_test_user(
            self.env, "sheet_manager", "voip_billing_base.group_voip_manager"
        )
        with self._background():
            found = self._import(sheet("44;UK;0.012;"))
            found.with_user(manager).action_preview()
            viewer = self.env.ref("voip_billing_base.group_voip_viewer")
            manager.write({"group_ids": [(6, 0, viewer.ids)]})
            self._run()
        self.assertEqual(found.state, "draft")
        self.assertTrue(found.message)
        with self.assertRaises(AccessError):
            found.with_user(manager).action_stop()

    def test_back_dated_rows_name_the_calls_and_their_batches(self):
        account = self._create_account(deck_id=self.deck.id)
        trunk = self._create_trunk(account)
        record = {
            "call_id": "late",
            "called": "442071234567",
            "start": "2026-03-05T10:00:00Z",
            "duration": "60",
            "answered": True,
            "trunk": trunk.code,
        }
        switch, early = self._create_switch(), "2026-03-01T10:00:00Z"
        answer = self.env["voip.cdr"].ingest(
            switch=switch.code,
            records=[record, {**record, "call_id": "early", "start": early}],
            rate_now=True,
        )
        self.assertEqual(answer["rated"], 2)
        found = self._preview(sheet("44;UK;0.012;2026-03-04"), past="back")
        self.assertEqual((found.late_count, found.late_batch_count), (1, 1))
        usage = self.env["voip.usage"].search(found.action_view_late()["domain"])
        self.assertEqual(usage.mapped("started_at"), [datetime(2026, 3, 5, 10)])
        batches = found.action_view_late_batches()
        batch = self.env[batches["res_model"]].search(batches["domain"])
        self.assertEqual(batch.id, answer["batch"])
        # A longer code would have rated them, and one call more since the preview.
        found = self._preview(sheet("4420;UK;0.012;2026-03-04"), past="back")
        self.assertEqual(found.late_count, 1)
        self.env["voip.cdr"].ingest(
            switch=switch.code,
            records=[{**record, "call_id": "later"}],
            rate_now=True,
        )
        found.action_apply()
        self.assertEqual((found.late_count, len(found.late_calls)), (2, 2))

    def test_the_faulty_rows_of_a_workbook_are_a_workbook(self):
        header = ["Code", "Destination", "Price per minute", "Note"]
        found = self._preview(
            workbook(
                header,
                ["44", "UK", "abc", "+1+1"],
                ["33", "France", 0.02, ""],
                ["4.4E+11", "Moon", 0.5],
            ),
            name="rates.xlsx",
        )
        self.assertEqual(found.faulty_count, 2)
        self.assertRegex(found.action_download_faults()["url"], "faulty.xlsx$")
        page = load_workbook(io.BytesIO(found._faulty_rows("xlsx"))).active
        rows = list(page.iter_rows(values_only=True))
        self.assertEqual(rows[0], (*header, "Reason"))
        self.assertEqual(rows[1][:4], ("44", "UK", "abc", "+1+1"))
        self.assertEqual(page["D2"].data_type, "s", "a text, no formula")
        self.assertEqual(rows[2][:3], ("4.4E+11", "Moon", 0.5))
        self.assertRegex(rows[2][4], "Code")

    def test_no_head_of_the_faulty_rows_is_cut(self):
        header = ["Code", "Price per minute in US Dollars, without taxes"]
        found = self._preview(workbook(header, ["44", "abc"]), name="rates.xlsx")
        page = load_workbook(io.BytesIO(found._faulty_rows("xlsx"))).active
        self.assertTrue(page["B1"].alignment.wrap_text)
        lines = len(header[1]) / page.column_dimensions["A"].width
        self.assertGreater(page.row_dimensions[1].height, 15 * lines)

    def test_what_is_remembered_of_a_header_can_be_read(self):
        self._preview(sheet("44;UK;0.012;"))
        maps = self.env["voip.rate.import.map"]
        known = maps.search([("deck_id", "=", self.deck.id)])
        self.assertEqual(
            known.columns_text,
            "A: Code, B: Destination, C: Price per minute, D: Valid from",
        )
