"""Files go once nobody need keep them; their records, hashes and the trail stay."""

from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .outbox_common import OutboxCommon


@tagged("post_install", "-at_install")
class TestRetention(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.env.company.write({"voip_keep_years": 3, "voip_legal_years": 10})
        self.document = self.env["voip.document"]._make(self.invoice, "csv")

    def _dated(self, made, sent=None):
        """The file was made, and sent, on these days."""
        self.env.flush_all()
        state = "sent" if sent else "made"
        self.env.cr.execute(
            "UPDATE voip_document SET create_date = %s, sent_at = %s, state = %s"
            " WHERE id = %s",
            [made, sent, state, self.document.id],
        )
        self.env.invalidate_all()

    def _is_there_on(self, day):
        now = datetime.fromisoformat(day)
        with patch.object(type(self.env.cr), "now", lambda _cr: now):
            while self.env["voip.document"]._remove_due():
                pass
        self.env.invalidate_all()
        return not self.document.removed_at

    def _violations(self):
        found = self.env["voip.check"].sudo().run(full=True)
        return next(row["violations"] for row in found if row["name"] == "files")

    def test_what_was_not_sent_goes_after_the_years_that_were_set(self):
        self._dated("2020-03-01 12:00:00")
        for day in ("2023-12-31", "2024-01-01"):
            self.assertTrue(self._is_there_on(day), day)
        self.assertFalse(self._is_there_on("2024-01-02"))

    def test_what_was_sent_is_kept_for_the_legal_time(self):
        self._dated("2015-03-01 12:00:00", sent="2016-05-01 12:00:00")
        for day in ("2020-01-02", "2026-12-31", "2027-01-01"):
            self.assertTrue(self._is_there_on(day), day)
        self.assertFalse(self._is_there_on("2027-01-02"))

    def test_a_night_of_the_year_counts_for_the_later_year(self):
        # 23:30 UTC of the last day is the next year in most of the world.
        self._dated("2020-12-31 23:30:00")
        self.assertTrue(self._is_there_on("2024-12-31"))
        self.assertFalse(self._is_there_on("2025-01-02"))

    def test_more_years_than_the_law_asks_are_kept(self):
        self.env.company.voip_keep_years = 20
        self._dated("2000-01-01", sent="2000-06-01")
        self.assertTrue(self._is_there_on("2020-12-31"))
        self.assertFalse(self._is_there_on("2021-01-02"))

    def test_without_a_rule_nothing_goes(self):
        self.env.company.voip_keep_years = 0
        self._dated("1990-01-01", sent="1990-01-01")
        self.assertTrue(self._is_there_on("2090-01-02"))

    def test_another_company_has_a_rule_of_its_own(self):
        other = self.setup_other_company(name="Other Ltd")["company"]
        other.voip_keep_years = 1
        self._dated("2020-03-01")
        self.assertTrue(self._is_there_on("2022-01-02"))

    def test_what_a_mail_is_to_carry_stays(self):
        self.invoice.action_voip_send()
        mail = self.env["voip.delivery"].search([("move_id", "=", self.invoice.id)])
        self.assertIn(self.document, mail.document_ids)
        self._dated("2001-03-01")
        for state in ("waiting", "held", "sending", "unsure", "failed"):
            mail.sudo().state = state
            self.assertTrue(self._is_there_on("2090-01-02"), state)
        mail.sudo().state = "cancelled"
        self.assertFalse(self._is_there_on("2090-01-02"))
        with self.assertRefused(UserError, "removed"):
            mail.action_resend()

    def test_record_hash_and_trail_remain_and_the_check_understands(self):
        digest = self.document.sha256
        self._dated("2001-03-01")
        before = self._violations()
        self.assertFalse(self._is_there_on("2024-01-02"))
        self.assertEqual(self.document.sha256, digest)
        self.assertFalse(self.document.with_context(bin_size=False).content)
        files = self.env["ir.attachment"].sudo()
        mine = [("res_model", "=", "voip.document"), ("res_id", "=", self.document.id)]
        self.assertFalse(files.search([*mine, ("res_field", "!=", False)]))
        trail = [("res_model", "=", "voip.document"), ("res_id", "=", self.document.id)]
        entry = self.env["voip.audit"].search(trail)
        self.assertEqual(entry.event, "document_removed")
        self.assertIn(digest, entry.data)
        self.assertEqual(self._violations(), before)
        for action in ("action_download", "action_check"):
            with self.assertRefused(UserError, digest):
                getattr(self.document, action)()

    def test_the_check_finds_a_file_that_went_without_the_trail(self):
        before = self._violations()
        now = datetime(2024, 1, 2)
        self.document._put({"content": False, "removed_at": now})
        self.env.flush_all()
        self.assertEqual(self._violations(), before + 1)

    def test_made_again_it_is_there_again(self):
        self._dated("2001-03-01")
        self.assertFalse(self._is_there_on("2024-01-02"))
        again = self.env["voip.document"]._make(self.invoice, "csv")
        self.assertEqual(again, self.document)
        self.assertFalse(again.removed_at)
        again.action_check()
        self.assertEqual(self._violations(), 0)

    def test_nobody_removes_a_file_by_hand(self):
        with self.assertRefused(UserError, "never changed"):
            self.document.sudo().write({"content": False})
        self._dated("2020-03-01", sent="2020-03-01")
        with self.assertRefused(UserError, "kept"):
            self.document.unlink()
