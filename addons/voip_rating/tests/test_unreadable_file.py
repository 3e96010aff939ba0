"""A file that cannot be read: what it stops, and what is told to do about it."""

from base64 import b64encode
from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.voip_billing_base.charge.transaction import RetryTransaction

from .common import VoipRatingCommon

MENDED = b"call_id,called,start,trunk\nx,4420000,2026-10-05T10:00:00Z,file-in\n"
UNREADABLE = MENDED.replace(b"start", b"st\xffrt")


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestUnreadableFile(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(rates=[{"prefix": "44", "price_per_minute": "0.6"}])
        cls.account = cls._create_account(deck_id=deck.id)
        cls._create_trunk(cls.account, code="file-in")
        cls.switch = cls._create_switch()
        cls.run_ = cls.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "invoice_date": date(2026, 11, 5),
                "account_ids": [(6, 0, cls.account.ids)],
            }
        )

    def _failed(self):
        """A batch as a large file makes it, which is read in the background."""
        batch = self.env["voip.cdr.batch"]._take_file(
            self.switch, UNREADABLE, "large.csv"
        )
        batch._work()
        self.assertEqual(batch.state, "failed")
        return batch

    def _upload(self, data):
        return self.env["voip.cdr.upload"].create(
            {
                "switch_id": self.switch.id,
                "file": b64encode(data),
                "file_name": "small.csv",
            }
        )

    def test_a_small_file_leaves_nothing_and_is_to_be_uploaded_again(self):
        with self.assertRaises(UserError) as refused:
            self._upload(UNREADABLE).action_upload()
        said = str(refused.exception)
        self.assertIn("small.csv: the file is not UTF-8", said)
        self.assertIn("Mend the file and upload it again", said)
        self.assertNotIn("Undo", said)
        self.assertFalse(
            self.env["voip.cdr.batch"].search([("switch_id", "=", self.switch.id)])
        )

    def test_a_failed_batch_says_that_it_is_undone_and_the_file_uploaded_again(self):
        batch = self._failed()
        self.assertRegex(batch.message, "large.csv: the file is not UTF-8")
        self.assertIn(f"Undo batch {batch.name}", batch.message)
        self.assertIn("upload it again", batch.message)

    def test_a_run_stopped_by_it_names_the_batch_and_what_to_do(self):
        batch = self._failed()
        self.run_.action_run()
        self.assertEqual(self.run_.state, "stopped")
        said = self.run_.stop_reason
        self.assertIn(f"{batch.name} (large.csv)", said)
        self.assertIn("Undo", said)
        self.assertIn("upload", said)
        self.assertNotIn("error queue", said)
        batch.action_undo()
        self._upload(MENDED).action_upload()
        self.run_.action_run()
        self.assertEqual((self.run_.state, self.run_.stop_reason), ("done", False))
        self.assertWhole()

    def test_errors_after_the_periods_that_are_due_stop_no_run(self):
        after = {"call_id": "x", "called": "44", "trunk": "none-such"}
        for start, state in (
            ("2026-11-02T12:00:00Z", "done"),
            ("2026-11-01T09:00:00Z", "stopped"),
        ):
            record = {**after, "start": start}
            self.env["voip.cdr"].ingest(self.switch.code, [record], rate_now=True)
            run = self.run_.copy()
            run.action_run()
            self.assertEqual(run.state, state, start)

    def test_a_small_file_waits_where_others_are_in_its_way(self):
        batches, crowded = self.env["voip.cdr.batch"], RetryTransaction("at once")
        with patch.object(type(batches), "_rate", side_effect=crowded):
            action = self._upload(MENDED).action_upload()
        batch = batches.browse(action["res_id"])
        self.assertEqual(batch.state, "waiting")
        batch._work()
        self.assertEqual((batch.state, batch.rated), ("done", 0))

    def test_a_file_without_records_is_refused(self):
        for data in (b"call_id,called,start", b"call_id,called,start\r\n\r\n"):
            with self.assertRaisesRegex(UserError, "no records"):
                self._upload(data).action_upload()

    def test_a_run_tells_what_waits_from_what_failed_and_what_is_in_error(self):
        failed = self.env["voip.cdr.batch"].union(*(self._failed() for _ in range(7)))
        record = {"call_id": "w", "called": "44", "start": "2026-10-05T10:00:00Z"}
        self.env["voip.cdr"].ingest(
            self.switch.code, [{**record, "trunk": "file-in"}]
        )
        self.env["voip.cdr"].ingest(
            self.switch.code, [{**record, "trunk": "none-such"}], rate_now=True
        )
        self.run_.action_run()
        said = self.run_.stop_reason
        for part in ("1 records in the error queue", "1 batches wait", "2 more"):
            self.assertIn(part, said)
        named = [batch for batch in failed if f"{batch.name} (" in said]
        self.assertEqual(named, list(failed[:5]))
