"""What is not posted or taken back, and what the check sees."""

from datetime import date

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .netting_common import NettingCommon


@tagged("post_install", "-at_install")
class TestNettingRefused(NettingCommon):
    def test_nothing_is_posted_where_an_item_changed_since_the_agreement(self):
        account = self._account()
        invoice, bill = self._invoice(100), self._bill(60)
        for name, change in (
            ("paid in part", lambda: self._pay(bill, amount=1)),
            ("paid", lambda: self._pay(invoice)),
            ("disputed", lambda: bill.action_toggle_block_payment()),
            ("not posted", lambda: bill.button_draft()),
            ("another partner's", lambda: self._item(bill).write(
                {"partner_id": self.other.id})),
        ):  # fmt: skip
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                netting = self._agree(self._netting())
                entries = self.env["account.move"].search_count([])
                change()
                more = self.env["account.move"].search_count([])
                words = f"{bill.name}|{invoice.name}"
                with self.assertRefused(UserError, f"({words}) changed since"):
                    netting.with_user(self.approver).action_approve()
                self.assertEqual(self.env["account.move"].search_count([]), more)
                self.assertGreaterEqual(more, entries)
                self.assertEqual(netting.state, "agreed")
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertWallets((account, -100))

    def test_nothing_is_posted_before_its_items_or_in_the_future(self):
        account = self._account()
        self._invoice(100)
        bill = self._bill(60)
        future = fields.Date.add(fields.Date.today(), days=2)
        for day, words in (
            (date(2026, 3, 9), f"03/09/2026 lies before {bill.name} of 03/10/2026"),
            (future, "lies in the future"),
        ):
            with self.subTest(words):
                netting = self._agree(self._netting(date=day))
                with self.assertRefused(UserError, words):
                    netting.with_user(self.approver).action_approve()
                self.assertWallets((account, -100))
                netting.action_cancel()
        netting = self._agree(self._netting(date=self._day))
        netting.with_user(self.approver).action_approve()
        self.assertEqual(self._residuals(bill), [0])

    def test_an_item_that_is_left_out_may_change(self):
        self._account()
        self._invoice(100)
        bill, other = self._bill(60), self._bill(5)
        netting = self._netting()
        self._line(netting, other).withheld = "disputed"
        self._agree(netting)
        self._pay(other)
        netting.with_user(self.approver).action_approve()
        self.assertEqual(self._residuals(bill), [0])

    def test_an_entry_is_taken_back_by_its_netting_only(self):
        self._account()
        self._invoice(100)
        self._bill(60)
        netting = self._post(self._netting())
        for attempt in (
            netting.move_ids.button_draft,
            netting.move_ids._reverse_moves,
        ):
            with self.assertRefused(UserError, netting.name):
                attempt()
        with self.assertRaises(UserError):
            netting.with_user(self.approver).action_approve()
        netting.with_user(self.approver).action_cancel()
        with self.assertRaises(UserError):
            netting.with_user(self.approver).action_cancel()
        self.assertEqual(len(netting.move_ids), 2)

    def test_a_day_without_an_exchange_rate_is_named(self):
        self._account(self.eur)
        self._invoice(10, self.eur)
        self._bill(10, self.eur)
        netting = self._netting(date="2025-12-31")
        with self.assertRefused(UserError, "no exchange rate"):
            netting.action_request()

    def test_a_locked_period_keeps_everything_as_it_is(self):
        account = self._account()
        invoice, bill = self._invoice(100), self._bill(60)
        netting = self._agree(self._netting())
        self.company.hard_lock_date = self._day
        with self.assertRefused(UserError, "locked period"):
            netting.with_user(self.approver).action_approve()
        self.env.invalidate_all()
        self.assertEqual(netting.state, "agreed")
        self.assertEqual(self._residuals(invoice, bill), [100, -60])
        netting.date = date(2026, 4, 10)
        netting.with_user(self.approver).action_approve()
        self.assertEqual(netting.move_ids.date, date(2026, 4, 10))
        self.assertWallets((account, -40))

    def test_the_check_sees_what_was_changed_in_the_database(self):
        self._account()
        self._invoice(100)
        self._bill(60)
        open_one = self._agree(self._netting())
        self.assertWhole()
        self.assertSeen(
            "netting_asked",
            "UPDATE voip_netting_line SET amount = amount - 1 WHERE netting_id",
            open_one,
        )
        self.assertSeen(
            "netting_asked",
            "UPDATE voip_netting_line SET withheld = 'other' WHERE netting_id",
            open_one,
        )
        posted = open_one.with_user(self.approver)
        posted.action_approve()
        audit = self.env["voip.audit"].search(
            [("event", "=", "netting_posted")], limit=1
        )
        self.assertIn("60.00", audit.summary)
        self.assertWhole()
        for name, change in (
            ("netting_state", "UPDATE voip_netting SET state = 'agreed' WHERE id"),
            ("netting_items",
             "UPDATE voip_netting_line SET is_live = true WHERE netting_id"),
            ("netting_entries", "DELETE FROM voip_netting_move_rel WHERE netting_id"),
        ):  # fmt: skip
            with self.subTest(name):
                self.assertSeen(name, change, posted)

    def assertSeen(self, name, change, netting):
        """The check sees a change in the database by an invariant."""
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute(f"{change} = %s", [netting.id])
            self.env.invalidate_all()
            found = self.env["voip.check"].sudo().run()
            broken = {row["name"] for row in found if row["violations"]}
            self.assertIn(name, broken)
            savepoint.rollback()
            self.env.invalidate_all()
