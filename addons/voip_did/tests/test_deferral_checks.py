"""Whatever is changed in the database shows in the invariants of deferred revenue."""

import io

import openpyxl

from odoo.tests import HttpCase, tagged

from .deferral_common import DeferralCommon

TRIGGERS = "ALTER TABLE {} DISABLE TRIGGER voip_no_change"
LINE = "UPDATE voip_did_deferral_line SET {} WHERE closing > 0"
# What is done, and the invariants that say it.
TAMPERED = [
    ("voip_did_deferral_line", LINE.format("share = share + 1"), {"source"}),
    (
        "voip_did_deferral_line",
        LINE.format("added = added - 1, closing = closing - 1"),
        {"steps", "source", "entry"},
    ),
    (
        "voip_did_deferral_line",
        "DELETE FROM voip_did_deferral_line",
        {"steps", "source"},
    ),
    (
        "voip_did_deferral",
        "UPDATE voip_did_deferral SET added = added + 1, closing = closing + 1",
        {"steps", "entry"},
    ),
    (
        "voip_did_deferral",
        "UPDATE voip_did_deferral SET move_id = NULL",
        {"entry"},
    ),
    (
        "voip_did_deferral",
        "UPDATE voip_did_deferral"
        " SET date_end = date_end + 1, date_posted = '2026-07-01'",
        {"steps", "entry", "source"},
    ),
    (
        "account_move_line",
        "UPDATE account_move_line SET balance = balance * 2, debit = debit * 2,"
        " credit = credit * 2 WHERE move_id = (SELECT max(move_id) FROM"
        " voip_did_deferral)",
        {"entry"},
    ),
    (
        "account_move",
        "UPDATE account_move SET date = date + 1 WHERE id = (SELECT max(move_id)"
        " FROM voip_did_deferral)",
        {"entry"},
    ),
]


@tagged("post_install", "-at_install")
class TestDeferralChecks(DeferralCommon):
    def _broken(self):
        found = self.env["voip.check"].sudo().run()
        return {
            r["name"].removeprefix("deferral_")
            for r in found
            if r["violations"] and r["name"].startswith("deferral_")
        }

    def test_whatever_is_changed_shows(self):
        self._rented("2026-05-01")
        self._bill("2026-06-01", invoice_date="2026-05-31")
        self._close("2026-05-31")
        self.env.flush_all()
        self.assertEqual(self._broken(), set())
        for table, statement, wanted in TAMPERED:
            with self.subTest(statement), self.env.cr.savepoint() as savepoint:
                if table.startswith("voip_"):
                    self.env.cr.execute(TRIGGERS.format(table))
                self.env.cr.execute(statement)
                self.env.invalidate_all(flush=False)
                self.assertLessEqual(wanted, self._broken())
                savepoint.rollback()
            self.env.invalidate_all(flush=False)
        self.assertEqual(self._broken(), set())

    def test_a_month_end_whose_trigger_is_gone_shows(self):
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute(TRIGGERS.format("voip_did_deferral"))
            self.assertEqual(self._broken(), {"kept"})
            savepoint.rollback()

    def test_the_workbook_says_what_the_month_end_says(self):
        self._rented("2026-05-01")
        self._bill("2026-06-01", invoice_date="2026-05-31")
        may = self._close("2026-05-31")
        book = openpyxl.load_workbook(io.BytesIO(may._workbook()))
        accounts, lines = book.worksheets
        rows = [row for row in accounts.iter_rows(values_only=True) if any(row)]
        self.assertEqual(rows[-1], ("Total", None, 0, 30, 0, 30))
        self.assertEqual(rows[-2][2:], (0, 30, 0, 30))
        (row,) = list(lines.iter_rows(values_only=True))[1:]
        self.assertEqual(row[6:], (30, 0, 30, 0, 30))
        self.assertEqual(str(row[4].date()), "2026-06-01")


@tagged("post_install", "-at_install")
class TestDeferralFile(DeferralCommon, HttpCase):
    def test_the_file_is_for_who_may_see_the_month_end(self):
        may = self._close("2026-05-31")
        url = f"/voip/did_deferral/{may.id}/deferred-revenue.xlsx"
        self.authenticate(self.env.user.login, self.env.user.login)
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.content.startswith(b"PK"))
        self.assertEqual(
            self.url_open(url.replace(str(may.id), "0")).status_code, 404
        )
