import threading
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from unittest.mock import patch

from psycopg2 import Error
from psycopg2.errors import CheckViolation, GeneratedAlways

from odoo import fields
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.sql import table_columns

from ..charge.bounds import OutOfBounds
from ..charge.transaction import ensure_partitions
from ..wallets.voip_wallet import RESERVE_SQL
from .common import SCRATCH, VoipBillingCommon, execute


@tagged("post_install", "-at_install")
class TestWallet(VoipBillingCommon):
    def setUp(self):
        super().setUp()
        self.account = self._create_account()
        self.wallet = self.account.wallet_id

    def _move(self, **values):
        self.env["voip.wallet"]._move([{"account_id": self.account.id, **values}])

    def test_an_account_has_one_wallet(self):
        self.env["voip.wallet"]._open(self.account)
        wallets = self.env["voip.wallet"].search_count(
            [("account_id", "=", self.account.id)]
        )
        self.assertEqual(wallets, 1)

    def test_the_orm_never_edits_a_wallet_or_an_entry(self):
        self._move(kind="adjustment", ledger=Decimal(1))
        for record in (self.wallet.sudo(), self.wallet.entry_ids.sudo()):
            for attempt in (
                lambda r=record: r.create({}),
                lambda r=record: r.write({"company_id": self.env.company.id}),
                record.unlink,
            ):
                with self.subTest(record._name), self.assertRaises(UserError):
                    attempt()

    def test_balance_and_available_follow_from_the_columns(self):
        self.account.write({"mode": "postpaid", "credit_limit": 10})
        self._move(kind="adjustment", ledger=Decimal("3.1"))
        self._move(kind="usage", unbilled=Decimal("1.00000001"), tax=Decimal("0.2"))
        self.assertTrue(
            self.env["voip.wallet"]._reserve(self.account.id, Decimal("0.5"), "call-1")
        )
        self.assertEqual(self.wallet.balance, 1.89999999)
        self.assertEqual(self.wallet.available, 11.39999999)
        self.assertEqual(self._kept(), ("1.89999999", "11.39999999"))

    def _kept(self):
        self.env.cr.execute(
            "SELECT balance::text, available::text FROM voip_wallet WHERE id = %s",
            [self.wallet.id],
        )
        return self.env.cr.fetchone()

    @mute_logger("odoo.sql_db")
    def test_nobody_writes_what_follows_from_the_columns(self):
        for name in ("balance", "available"):
            with self.subTest(name), self.assertRaises(GeneratedAlways):
                with self.env.cr.savepoint():
                    self.env.cr.execute(f"UPDATE voip_wallet SET {name} = 1")

    def test_an_upgrade_replaces_plain_columns_and_makes_missing_ones(self):
        self._move(kind="adjustment", ledger=Decimal("3.1"))
        cr, wallet = self.env.cr, self.env["voip.wallet"]
        cr.execute(
            "ALTER TABLE voip_wallet DROP COLUMN balance, DROP COLUMN available,"
            " ADD COLUMN balance numeric"
        )
        positions = []
        for _again in range(2):
            columns = table_columns(cr, "voip_wallet")
            for name in ("balance", "available"):
                wallet._fields[name].update_db(wallet, columns)
            self.assertEqual(self._kept(), ("3.1", "3.1"))
            cr.execute(
                "SELECT attname, attnum FROM pg_attribute"
                " WHERE attrelid = 'voip_wallet'::regclass AND attgenerated = 's'"
                " ORDER BY attname"
            )
            positions.append(cr.fetchall())
        self.assertEqual([name for name, _ in positions[0]], ["available", "balance"])
        self.assertEqual(positions[0], positions[1], "the second time changes nothing")

    def test_an_upgrade_makes_a_column_anew_whose_formula_changed(self):
        self._move(kind="adjustment", ledger=Decimal("3.1"))
        self._move(kind="usage", unbilled=Decimal(1), tax=Decimal("0.2"))
        wallet = self.env["voip.wallet"]
        field, formula = wallet._fields["balance"], wallet._fields["balance"].expression
        places = []
        for expression, kept in (
            ("ledger_balance - unbilled", "2.1"),
            ("(ledger_balance  -  UNBILLED)", "2.1"),
            ("ledger_balance", "3.1"),
            (formula, "1.9"),
            (formula, "1.9"),
        ):
            known = {**vars(field), "expression": expression}
            known.pop("column_type", None)
            with self.subTest(expression), patch.dict(vars(field), known, clear=True):
                field.update_db(wallet, table_columns(self.env.cr, "voip_wallet"))
                wallet._add_sql_constraints()
                self.assertEqual(self._kept(), (kept, "1.9"))
                places.append(self._place_of("balance"))
        again = [one == other for one, other in pairwise(places)]
        self.assertEqual(again, [True, False, False, True], places)
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.env.cr.execute(
                "UPDATE voip_wallet SET ledger_balance = 1e15, unbilled = -1"
            )

    def _place_of(self, name):
        self.env.cr.execute(
            "SELECT attnum FROM pg_attribute"
            " WHERE attrelid = 'voip_wallet'::regclass AND attname = %s",
            [name],
        )
        return self.env.cr.fetchone()

    def test_accounts_are_found_by_what_the_paying_wallet_has(self):
        self.account.write({"mode": "postpaid", "credit_limit": 10})
        child = self._create_account(parent_id=self.account.id, pay_by_parent=True)
        rich, both = self._create_account(), self.account | child
        self.env["voip.wallet"]._move(
            [{"account_id": rich.id, "kind": "adjustment", "ledger": Decimal(1)}]
        )
        # unbilled usage, domain, the accounts found
        for usage, domain, found in (
            (0, [("available", "=", 10)], both),
            (9, [("available", "<=", 0)], rich.browse()),
            (1, [("available", "<=", 0)], both),
            (0, [("available", "<", 0)], rich.browse()),
            (1, [("available", "<", 0)], both),
            (0, [("balance", "<", -10)], both),
            (0, [("balance", "not in", [1, 2])], both),
            (0, [("balance", ">", 0)], rich),
        ):
            self._move(kind="usage", unbilled=Decimal(usage))
            with self.subTest(domain):
                ours = [("id", "in", (both | rich).ids)]
                self.assertEqual(rich.search(ours + domain), found)

    def test_each_entry_starts_where_the_last_one_ended(self):
        for ledger in ("5", "-1.25", "0.00000001"):
            self._move(kind="adjustment", ledger=Decimal(ledger))
        self._move(kind="usage", unbilled=Decimal("2"), tax=Decimal("0.38"))
        entries = self.wallet.entry_ids.sorted("id")
        self.assertEqual(
            entries.mapped("balance_after"), [5.0, 3.75, 3.75000001, 1.37000001]
        )
        self.assertEqual(entries.mapped("balance_before"), [0.0, 5.0, 3.75, 3.75000001])

    def test_a_movement_of_nothing_leaves_no_entry(self):
        self._move(kind="adjustment", ledger=Decimal(0))
        self.assertFalse(self.wallet.entry_ids)

    def test_a_movement_without_wallet_is_refused(self):
        with self.assertRaises(UserError):
            self.env["voip.wallet"]._move(
                [{"account_id": 0, "kind": "adjustment", "ledger": Decimal(1)}]
            )

    def test_the_database_refuses_to_change_append_only_rows(self):
        self._move(kind="adjustment", ledger=Decimal(1))
        entry = self.wallet.entry_ids
        ensure_partitions(self.env, "voip_usage_row", [entry.at.date()])
        partition = f"voip_usage_row_{entry.at:%Y%m}"
        for statement in (
            f"UPDATE voip_wallet_entry SET amount = 0 WHERE id = {entry.id}",
            f"DELETE FROM voip_wallet_entry WHERE id = {entry.id}",
            "TRUNCATE voip_wallet_entry CASCADE",
            "TRUNCATE voip_usage_row",
            f"TRUNCATE {partition}",
        ):
            with self.subTest(statement), mute_logger("odoo.sql_db"):
                with self.assertRaisesRegex(Error, "append-only"):
                    with self.env.cr.savepoint():
                        self.env.cr.execute(statement)

    def test_an_entry_that_does_not_add_up_is_refused(self):
        self._move(kind="adjustment", ledger=Decimal(1))
        for changed in ("amount + 1", "amount"):
            after = "balance_after" if changed != "amount" else "balance_after + 1"
            with self.subTest(changed), mute_logger("odoo.sql_db"):
                with self.assertRaises(Error), self.env.cr.savepoint():
                    self.env.cr.execute(
                        "INSERT INTO voip_wallet_entry (wallet_id, account_id,"
                        " company_id, currency_id, kind, ledger_delta, unbilled_delta,"
                        " tax_delta, amount, balance_before, balance_after, at)"
                        " SELECT wallet_id, account_id, company_id, currency_id, kind,"
                        f" ledger_delta, unbilled_delta, tax_delta, {changed},"
                        f" balance_before, {after}, at FROM voip_wallet_entry"
                        " WHERE id = %s",
                        [self.wallet.entry_ids.id],
                    )

    def test_who_would_pass_a_limit_is_named_and_nobody_is_moved(self):
        neighbour = self._create_account()
        most, bit = Decimal(10**15), Decimal("0.00000001")
        half = most / 2
        # movements of one wallet, what passes its limit
        table = (
            ([{"ledger": most}], None),
            ([{"ledger": -most}], None),
            ([{"ledger": most + bit}], "the ledger balance"),
            ([{"ledger": -most - bit}], "the ledger balance"),
            ([{"unbilled": most + bit}], "the unbilled usage"),
            ([{"tax": most + bit}], "the estimated tax"),
            ([{"ledger": -half}, {"unbilled": half, "tax": bit}], "the balance"),
            ([{"ledger": most}, {"ledger": bit}, {"ledger": -1}], "the ledger balance"),
            ([{"ledger": most}, {"unbilled": most, "tax": -most}], None),
            ([{"ledger": most, "unbilled": -bit}], "the balance"),
        )
        for steps, passed in table:
            movements = [
                {"account_id": neighbour.id, "kind": "adjustment", "ledger": Decimal(1)}
            ]
            for step in steps:
                values = {"account_id": self.account.id, "kind": "adjustment"}
                movements.append(values | step)
            with self.subTest(steps=steps), self.env.cr.savepoint() as savepoint:
                if passed is None:
                    self.env["voip.wallet"]._move(movements)
                else:
                    sentence = f"{self.account.code}: {passed} would be"
                    with self.assertRaisesRegex(OutOfBounds, sentence) as caught:
                        self.env["voip.wallet"]._move(movements)
                    self.assertEqual(
                        list(caught.exception.reasons), [self.account.id]
                    )
                    self.assertFalse(neighbour.wallet_id.entry_ids)
                savepoint.close(rollback=True)

    # === RESERVATIONS === #

    def test_a_reservation_holds_no_more_than_what_is_available(self):
        self._move(kind="adjustment", ledger=Decimal("1.00"))
        wallet = self.env["voip.wallet"]
        held = [
            wallet._reserve(self.account.id, Decimal("0.06"), f"call-{number}")
            for number in range(20)
        ]
        self.assertEqual(sum(held), 16)
        self.assertEqual(self.wallet.reserved, 0.96)
        self.assertTrue(wallet._reserve(self.account.id, Decimal("0.04"), "last"))
        self.assertEqual(self.wallet.available, 0.0)

    def test_what_each_mode_may_spend_of_a_balance_of_five(self):
        tomorrow = fields.Date.today() + timedelta(days=1)
        overdraft = {"overdraft_amount": 1, "overdraft_until": tomorrow}
        for values, spent in (
            ({"mode": "prepaid", "credit_limit": 3}, 5),
            ({"mode": "prepaid", **overdraft}, 6),
            ({"mode": "hybrid", "credit_limit": 3}, 8),
            ({"mode": "postpaid", "credit_limit": 3}, 8),
        ):
            account = self._create_account(**values)
            self.env["voip.wallet"]._move(
                [{"account_id": account.id, "kind": "adjustment", "ledger": Decimal(5)}]
            )
            with self.subTest(values):
                held = [
                    self.env["voip.wallet"]._reserve(
                        account.id, Decimal(1), f"{account.id}-{number}"
                    )
                    for number in range(10)
                ]
                self.assertEqual(held, [True] * spent + [False] * (10 - spent))

    def test_the_same_call_reserves_once(self):
        self._move(kind="adjustment", ledger=Decimal(1))
        wallet = self.env["voip.wallet"]
        self.assertTrue(wallet._reserve(self.account.id, Decimal("0.5"), "call"))
        self.assertFalse(wallet._reserve(self.account.id, Decimal("0.5"), "call"))
        self.assertEqual(self.wallet.reserved, 0.5)

    def test_a_release_gives_back_what_was_held_once(self):
        self._move(kind="adjustment", ledger=Decimal(1))
        wallet = self.env["voip.wallet"]
        wallet._reserve(self.account.id, Decimal("0.5"), "call")
        self.assertTrue(wallet._release("call"))
        self.assertFalse(wallet._release("call"))
        self.assertEqual(self.wallet.reserved, 0.0)

    def test_nothing_and_less_than_nothing_are_not_reserved(self):
        self._move(kind="adjustment", ledger=Decimal(1))
        for amount in ("0", "-1", "NaN"):
            with self.subTest(amount), mute_logger("odoo.sql_db"):
                try:
                    with self.env.cr.savepoint():
                        held = self.env["voip.wallet"]._reserve(
                            self.account.id, Decimal(amount), f"call{amount}"
                        )
                except Error:
                    held = False
                self.assertFalse(held)
                self.assertEqual(self.wallet.reserved, 0.0)

    def test_twenty_calls_at_once_on_a_balance_of_one_never_hold_more(self):
        """Real connections on copies of both tables, so that nothing is left over."""
        self._copy_wallet_tables()
        held, barrier = [], threading.Barrier(20)

        def call(number):
            with db_connect(self.env.cr.dbname).cursor() as cr:
                cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                cr.execute(f"SET LOCAL search_path TO {SCRATCH}")
                barrier.wait(30)
                cr.execute(
                    RESERVE_SQL,
                    {"account_id": 1, "amount": Decimal("0.07"), "reference": number},
                )
                held.append(cr.rowcount)

        threads = [
            threading.Thread(target=call, args=(str(number),)) for number in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(len(held), 20)
        self.assertEqual(sum(held), 14)
        rows = execute(
            self.env.cr.dbname,
            "SELECT w.reserved, (SELECT sum(amount) FROM"
            f" {SCRATCH}.voip_wallet_reservation) FROM {SCRATCH}.voip_wallet w",
        )
        self.assertEqual(rows, [(0.98, 0.98)])

