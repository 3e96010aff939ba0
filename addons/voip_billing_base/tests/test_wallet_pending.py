import threading
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from unittest.mock import patch

from psycopg2 import errors

from odoo import api
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import tagged

from ..wallets.voip_wallet import VoipWallet
from ..wallets.voip_wallet_pending import VoipWallet as VoipWalletPending
from .common import SCRATCH, VoipBillingCommon, execute

LOCK = VoipWallet._lock


def _lock_of_a_busy_wallet(self, account_ids, wait=True):
    if not wait:
        raise errors.LockNotAvailable
    return LOCK(self, account_ids)


@tagged("post_install", "-at_install")
class TestWalletPending(VoipBillingCommon):
    """Movements that wait because the wallet was busy."""

    def setUp(self):
        super().setUp()
        self.account = self._create_account()
        self.wallet = self.account.wallet_id
        self.env.cr.postcommit.clear()

    @contextmanager
    def _busy(self):
        """Every wallet is in the hands of another transaction."""
        with patch.object(VoipWallet, "_lock", _lock_of_a_busy_wallet):
            yield
        self.addCleanup(self.env.cr.postcommit.clear)

    def _move(self, **values):
        self.env["voip.wallet"]._move([{"account_id": self.account.id, **values}])

    def _kept(self):
        self.env.cr.execute(
            "SELECT COALESCE(kind, cause), ledger - unbilled - tax"
            " FROM voip_wallet_pending"
            " WHERE account_id = %s ORDER BY id",
            [self.account.id],
        )
        return self.env.cr.fetchall()

    def _broken(self):
        results = self.env["voip.check"].sudo().run()
        return {row["name"] for row in results if row["violations"]}

    def _fold(self):
        self.env["voip.wallet"]._fold([self.account.id])

    # === Kept === #

    def test_a_payment_on_a_busy_wallet_is_posted_and_kept(self):
        with self._busy():
            payment = self._topup(self.account, 25.5)
        self.assertEqual(payment.move_id.state, "posted")
        self.assertEqual(self._kept(), [("post", 25.5)])
        self.assertEqual(self.wallet.ledger_balance, 0.0)
        self.assertWhole()

    def test_the_checks_miss_a_movement_that_is_neither_kept_nor_booked(self):
        with self._busy():
            self._topup(self.account, 25.5)
        self.env.cr.execute("DELETE FROM voip_wallet_pending")
        self.assertEqual(self._broken(), {"wallet_ledger"})

    def test_the_checks_count_usage_that_is_kept(self):
        with self._busy():
            self._move(kind="usage", unbilled=Decimal(2), tax=Decimal("0.38"))
        self.assertEqual(self._broken(), {"wallet_unbilled"})

    def test_an_entry_brought_in_line_twice_is_kept_once(self):
        with self._busy():
            move = self._topup(self.account, 25.5).move_id
            move._voip_sync_wallets()
        move._voip_sync_wallets()
        self._fold()
        move._voip_sync_wallets()
        self.assertEqual(self.wallet.entry_ids.mapped("amount"), [25.5])

    def test_an_entry_whose_movement_is_kept_is_not_deleted(self):
        with self._busy():
            payment = self._topup(self.account, 25.5)
            payment.action_draft()
        self.assertEqual(self._kept(), [("post", 25.5), ("unpost", -25.5)])
        with self.assertRaises(UserError):
            payment.move_id.with_context(force_delete=True).unlink()
        self._fold()
        self.assertWhole()

    def test_a_busy_movement_without_wallet_is_refused(self):
        with self._busy(), self.assertRaises(UserError):
            self.env["voip.wallet"]._move(
                [{"account_id": 0, "kind": "adjustment", "ledger": Decimal(1)}]
            )

    # === Folded === #

    def test_what_would_pass_a_limit_holds_up_nobody_else(self):
        neighbour = self._create_account()
        with self._busy():
            self._move(kind="adjustment", ledger=Decimal(1))
            self.env["voip.wallet"]._move(
                [
                    {
                        "account_id": neighbour.id,
                        "kind": "adjustment",
                        "ledger": Decimal(2),
                    }
                ]
            )
        self.env.cr.execute(
            "UPDATE voip_wallet SET ledger_balance = 1e15 WHERE id = %s",
            [self.wallet.id],
        )
        with self.assertLogs("odoo.addons.voip_billing_base", "WARNING") as logged:
            self.env["voip.wallet"]._cron_fold()
        self.assertIn(self.account.code, logged.output[0])
        self.assertEqual(self._kept(), [("adjustment", 1.0)])
        self.assertEqual(neighbour.wallet_id.ledger_balance, 2.0)


    def test_what_is_kept_is_booked_once_as_it_was_meant(self):
        staff = self.env.ref("base.user_admin")
        usage = {
            "account_id": self.account.id,
            "kind": "usage",
            "unbilled": Decimal("1.00000001"),
            "tax": Decimal("0.2"),
            "batch_id": 7,
            "origin": "batch",
        }
        with self._busy():
            payment = self._topup(self.account, 25.5)
            self.env["voip.wallet"].with_user(staff)._move([usage])
        for _time in range(3):
            self._fold()
        self.assertRecordValues(
            self.wallet.entry_ids.sorted("id"),
            [
                {
                    "kind": "topup",
                    "amount": 25.5,
                    "balance_before": 0.0,
                    "move_id": payment.move_id.id,
                    "batch_id": 0,
                    "origin": payment.move_id.name,
                    "user_id": self.env.uid,
                },
                {
                    "kind": "usage",
                    "amount": -1.20000001,
                    "balance_before": 25.5,
                    "move_id": False,
                    "batch_id": 7,
                    "origin": "batch",
                    "user_id": staff.id,
                },
            ],
        )
        self.assertFalse(self._kept())

    def test_a_later_movement_books_what_is_kept_first_and_in_order(self):
        with self._busy():
            for ledger in ("5", "-2", "1"):
                self._move(kind="adjustment", ledger=Decimal(ledger))
        self._move(kind="adjustment", ledger=Decimal(10))
        entries = self.wallet.entry_ids.sorted("id")
        self.assertEqual(entries.mapped("amount"), [5.0, -2.0, 1.0, 10.0])
        self.assertEqual(entries.mapped("balance_before"), [0.0, 5.0, 3.0, 4.0])
        self.assertEqual(self.wallet.ledger_balance, 14.0)

    def test_the_commit_books_what_is_kept(self):
        with self._busy():
            self._move(kind="adjustment", ledger=Decimal(3))
            self._move(kind="adjustment", ledger=Decimal(4))
        self.assertEqual(len(self.env.cr.postcommit), 1)
        self.env.cr.postcommit.run()
        self.assertEqual(self.wallet.ledger_balance, 7.0)
        self.assertFalse(self._kept())

    def test_a_commit_whose_fold_fails_stands_and_the_schedule_books_it(self):
        with self._busy():
            self._move(kind="adjustment", ledger=Decimal(3))
        failing = patch.object(
            VoipWalletPending, "_take_kept", side_effect=errors.IoError
        )
        with failing, self.assertLogs("odoo.addons.voip_billing_base", "WARNING"):
            self.env.cr.postcommit.run()
        self.assertEqual(len(self._kept()), 1)
        self.env["voip.wallet"]._cron_fold()
        self.assertEqual(self.wallet.ledger_balance, 3.0)
        self.assertFalse(self._kept())

    # === What is decided === #

    def test_a_reservation_sees_a_topup_that_is_kept(self):
        with self._busy():
            self._topup(self.account, 2)
        wallet = self.env["voip.wallet"]
        self.assertTrue(wallet._reserve(self.account.id, Decimal(2), "call"))
        self.assertFalse(wallet._reserve(self.account.id, Decimal("0.01"), "more"))
        self.assertEqual(self.wallet.available, 0.0)
        self.assertWhole()

    def test_a_reservation_sees_a_charge_that_is_kept(self):
        self._move(kind="adjustment", ledger=Decimal(2))
        with self._busy():
            self._move(kind="adjustment", ledger=Decimal("-1.5"))
        wallet = self.env["voip.wallet"]
        self.assertFalse(wallet._reserve(self.account.id, Decimal(1), "call"))

    def test_a_release_books_what_is_kept(self):
        self._move(kind="adjustment", ledger=Decimal(2))
        wallet = self.env["voip.wallet"]
        wallet._reserve(self.account.id, Decimal(2), "call")
        with self._busy():
            self._move(kind="adjustment", ledger=Decimal(1))
        self.assertTrue(wallet._release("call"))
        self.assertEqual(self.wallet.available, 3.0)

    def test_credit_counts_what_is_kept(self):
        other = self._create_account()
        self._move(kind="adjustment", ledger=Decimal(-1))
        with self._busy():
            self._move(kind="adjustment", ledger=Decimal(1))
            charge = {"kind": "adjustment", "ledger": Decimal("-0.01")}
            self.env["voip.wallet"]._move([{"account_id": other.id, **charge}])
        without = self.env["voip.account"]._ids_without_credit()
        self.assertNotIn(self.account.id, without)
        self.assertIn(other.id, without)

    def test_the_limit_of_a_busy_wallet_follows_the_account(self):
        with self._busy():
            self.account.write({"mode": "postpaid", "credit_limit": 10})
            self.account.credit_limit = 30
        self.assertEqual(self.wallet.limit_amount, 0.0)
        wallet = self.env["voip.wallet"]
        self.assertTrue(wallet._reserve(self.account.id, Decimal(30), "call"))
        self.assertEqual(self.wallet.limit_amount, 30.0)
        self.assertFalse(self.wallet.entry_ids)


@tagged("post_install", "-at_install")
class TestWalletTransactions(VoipBillingCommon):
    """Real transactions, one at REPEATABLE READ beside those that move the wallet."""

    def setUp(self):
        super().setUp()
        self._copy_wallet_tables()

    @contextmanager
    def _wallets(self, isolation):
        """``voip.wallet`` in a transaction of its own, committed without hooks."""
        with db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
            cr.execute(f"SET LOCAL search_path TO {SCRATCH}, public")
            # The snapshot is taken now.
            cr.execute("SELECT FROM voip_wallet")
            yield api.Environment(cr, self.env.uid, {})["voip.wallet"]
            cr.postcommit.clear()

    def _add(self, wallets, ledger):
        wallets._move(
            [{"account_id": 1, "kind": "adjustment", "ledger": Decimal(ledger)}]
        )

    def _state(self):
        """(ledger balance, amounts of the entries, amounts kept), all committed."""
        return execute(
            self.env.cr.dbname,
            f"SELECT ledger_balance,"
            f" ARRAY(SELECT amount FROM {SCRATCH}.voip_wallet_entry ORDER BY id),"
            f" ARRAY(SELECT ledger FROM {SCRATCH}.voip_wallet_pending ORDER BY id)"
            f" FROM {SCRATCH}.voip_wallet",
        )[0]

    def test_a_wallet_at_rest_is_moved_directly(self):
        with self._wallets("REPEATABLE READ") as wallets:
            self._add(wallets, "5")
        self.assertEqual(self._state(), (6.0, [5.0], []))

    def test_a_wallet_that_changed_since_is_left_alone(self):
        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            with self._wallets("REPEATABLE READ") as request:
                with self._wallets("READ COMMITTED") as rater:
                    self._add(rater, "-0.25")
                self._add(request, "5")
                self._add(request, "-2")
        self.assertEqual(self._state(), (0.75, [-0.25], [5.0, -2.0]))

    def test_a_wallet_that_another_holds_is_not_waited_for(self):
        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            with self._wallets("READ COMMITTED") as rater:
                self._add(rater, "-0.25")
                with self._wallets("REPEATABLE READ") as request:
                    self._add(request, "5")
        self.assertEqual(self._state(), (0.75, [-0.25], [5.0]))

    def test_what_is_kept_goes_with_its_transaction(self):
        with self._wallets("REPEATABLE READ") as request:
            with self._wallets("READ COMMITTED") as rater:
                self._add(rater, "-0.25")
            self._add(request, "5")
            request.env.cr.rollback()
        self.assertEqual(self._state(), (0.75, [-0.25], []))

    def test_the_next_money_transaction_books_what_a_dead_process_left(self):
        for work, left in (
            (lambda wallets: self._add(wallets, "1"), [-0.25, 5.0, 1.0]),
            (lambda wallets: wallets._reserve(1, Decimal("5.75"), "a"), [-0.25, 5.0]),
            (lambda wallets: wallets._cron_fold(), [-0.25, 5.0]),
        ):
            self._copy_wallet_tables()
            with self.subTest(left), self._wallets("REPEATABLE READ") as request:
                with self._wallets("READ COMMITTED") as rater:
                    self._add(rater, "-0.25")
                self._add(request, "5")
            with self._wallets("READ COMMITTED") as wallets:
                work(wallets)
            self.assertEqual(self._state(), (1 + sum(left), left, []))

    def test_a_request_that_comes_late_books_nothing_twice(self):
        with self._wallets("REPEATABLE READ") as request:
            with self._wallets("READ COMMITTED") as rater:
                self._add(rater, "-0.25")
            self._add(request, "5")
        with self._wallets("REPEATABLE READ") as late:
            with self._wallets("READ COMMITTED") as wallets:
                wallets._fold([1])
            self._add(late, "2")
        with self._wallets("READ COMMITTED") as wallets:
            wallets._fold([1])
        self.assertEqual(self._state(), (7.75, [-0.25, 5.0, 2.0], []))

    def test_four_that_fold_at_once_book_once(self):
        with self._wallets("REPEATABLE READ") as request:
            with self._wallets("READ COMMITTED") as rater:
                self._add(rater, "-0.25")
            for ledger in range(1, 21):
                self._add(request, ledger)
        barrier = threading.Barrier(4)

        def fold(wallets):
            barrier.wait(30)
            wallets._fold([1])
            wallets.env.cr.commit()

        with ExitStack() as stack:
            threads = [
                threading.Thread(
                    target=fold,
                    args=[stack.enter_context(self._wallets("READ COMMITTED"))],
                )
                for _number in range(4)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        entries = [-0.25, *map(float, range(1, 21))]
        self.assertEqual(self._state(), (210.75, entries, []))
