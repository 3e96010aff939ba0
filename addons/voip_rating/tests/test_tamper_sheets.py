"""Rate sheets, notices and agreements that are changed behind the product's back."""

import base64

from odoo.exceptions import UserError
from odoo.tests import tagged

from .import_common import sheet
from .notice_common import NoticeCommon
from .tamper_common import TamperCommon


@tagged("post_install", "-at_install")
class TestTamperSheets(TamperCommon, NoticeCommon):
    def _apply(self, *rows, **values):
        found = self.env["voip.rate.import"].create(
            {
                "deck_id": self._create_deck(
                    [{"prefix": "44"}, {"prefix": "49", "effective_from": "2026-12-01"}]
                ).id,
                "file": base64.b64encode(sheet(*rows)),
                "file_name": "rates.csv",
                **values,
            }
        )
        found.action_preview()
        found.action_apply()
        return found

    def test_what_a_delivered_notice_said_is_as_it_was(self):
        notice = self._deliver()
        self._witness()
        self.assertNotIn("same_notices", self._violated())
        row = "UPDATE voip_rate_notice_row SET {} WHERE notice_id = %(notice)s"
        own = "UPDATE voip_rate_notice SET {} WHERE id = %(notice)s"
        for statement in (
            row.format("price = price + 1"),
            row.format("starts = starts - interval '1 day'"),
            row.format("terms = '{}'"),
            row.format("status = 'closed'"),
            row.format("reason = 'another'"),
            "DELETE FROM voip_rate_notice_row WHERE notice_id = %(notice)s",
            own.format("delivered_at = delivered_at - interval '1 day'"),
            own.format("recipients = 'another@castor.example'"),
            own.format("approved_by = NULL"),
        ):
            with self.subTest(statement):
                self.assertSeen("same_notices", statement, notice=notice.id)

    def test_what_an_applied_sheet_did_is_as_it_was(self):
        found = self._apply("44;;0.02;", "49;;0.03;2026-12-01")
        self._witness()
        row = "UPDATE voip_rate_import_row SET {} WHERE import_id = %(sheet)s"
        own = "UPDATE voip_rate_import SET {} WHERE id = %(sheet)s"
        for statement in (
            row.format("price = price + 1"),
            row.format("old_price = 7"),
            row.format("status = 'faulty'"),
            row.format("starts = starts - interval '1 day'"),
            "DELETE FROM voip_rate_import_row WHERE import_id = %(sheet)s",
            own.format("applied_by = NULL"),
            own.format("applied_at = applied_at - interval '1 day'"),
            own.format("mode = 'full'"),
            own.format("file_name = 'another'"),
        ):
            with self.subTest(statement):
                self.assertSeen("same_imports", statement, sheet=found.id)
        found.action_undo()
        self.assertEqual(self._violated(), set())

    def test_what_an_undo_would_give_back_is_as_audited(self):
        found = self._apply("44;;0.02;", "49;;0.03;2026-12-01")
        self.assertEqual(self._violated(), set())
        table = "voip_rate_import_change"
        for statement in (
            f"""UPDATE {table} SET before = jsonb_set(
                    before, '{{price_per_minute}}', '9')
                 WHERE import_id = %(sheet)s AND kind = 'removed'""",
            f"""UPDATE {table} SET before = jsonb_set(
                    before, '{{effective_to}}', '"2099-01-01"')
                 WHERE import_id = %(sheet)s AND kind = 'changed'""",
            f"""DELETE FROM {table} WHERE import_id = %(sheet)s AND kind = 'made'""",
            f"""INSERT INTO {table} VALUES (%(sheet)s, 1, 'changed', '{{}}')""",
        ):
            with self.subTest(statement):
                self.assertSeen("undo", statement, sheet=found.id)
                with self.env.cr.savepoint() as savepoint:
                    self.env.cr.execute(statement, {"sheet": found.id})
                    with self.assertRaisesRegex(UserError, "not as it was audited"):
                        found.action_undo()
                    savepoint.rollback()
        found.action_undo()
        self.assertNotIn("undo", self._violated())

    def test_what_is_agreed_is_what_was_last_audited(self):
        own = "UPDATE voip_rate_agreement SET {} WHERE id = %(agreement)s"
        decks = "voip_rate_agreement_voip_rate_deck_rel"
        for statement in (
            own.format("days_increased = 0"),
            own.format("days_closed = 366"),
            own.format("direction = 'supplier'"),
            own.format("active = FALSE"),
            own.format("tz = 'Asia/Tokyo'"),
            f"DELETE FROM {decks} WHERE voip_rate_agreement_id = %(agreement)s",
        ):
            with self.subTest(statement):
                self.assertSeen("agreements", statement, agreement=self.agreement.id)
        self.agreement.write({"days_increased": 9, "tz": "Europe/Berlin"})
        self.agreement.deck_ids = [(4, self._create_deck().id)]
        self.agreement.active = False
        self.assertNotIn("agreements", self._violated())
