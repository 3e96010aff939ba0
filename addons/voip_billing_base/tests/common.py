"""Accounts and money for the tests of the suite."""

import tempfile
from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import db_connect
from odoo.tests.common import get_db_name
from odoo.tools import SQL

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.base.tests.common import BaseCommon

from . import books_kept

ANCHOR = "odoo.addons.voip_billing_base.checks.voip_anchor"
SCRATCH = "voip_test_scratch"
COPIED = (
    "voip_wallet",
    "voip_wallet_entry",
    "voip_wallet_reservation",
    "voip_wallet_pending",
)


class VoipBillingCommon(AccountTestInvoicingCommon):
    """A company with books, and factories."""

    @classmethod
    def setUpClass(cls):
        if books_kept.kept_in(get_db_name()):
            super(BaseCommon, cls).setUpClass()
            cls.maxDiff = None
            books_kept.take(cls)
            return
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("voip_billing_base.group_voip_admin")

    def setUp(self):
        super().setUp()
        # What a test anchors is rolled back: no other test may compare with it.
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.startPatcher(patch(f"{ANCHOR}.config", {"data_dir": folder.name}))

    @classmethod
    def _create_account(cls, **values):
        """An account of a new partner, unless one is given."""
        if "partner_id" not in values:
            partner = cls.env["res.partner"].create({"name": "Customer"})
            values["partner_id"] = partner.id
        return cls.env["voip.account"].create(
            {"name": "Account", "tz": "UTC", **values}
        )

    @classmethod
    def _topup(cls, account, amount):
        """Top up as staff do."""
        wizard = cls.env["voip.topup.wizard"].create(
            {
                "account_id": account.id,
                "amount": amount,
                "journal_id": cls.company_data["default_journal_bank"].id,
            }
        )
        wizard.action_topup()
        return wizard.payment_id

    def assertWhole(self):
        """All invariants hold."""
        broken = [r for r in self.env["voip.check"].sudo().run() if r["violations"]]
        self.assertEqual(broken, [])

    @contextmanager
    def assertRefused(self, error, words):
        """What is tried is refused in these words, and nothing of it stays."""
        with self.assertRaisesRegex(error, words), self.env.cr.savepoint():
            yield

    def _empty(self, tables):
        """Delete all rows of tables, past what refuses that."""
        for name in map(SQL.identifier, tables):
            self.env.cr.execute(SQL("ALTER TABLE %s DISABLE TRIGGER USER", name))
            self.env.cr.execute(SQL("DELETE FROM %s", name))
            self.env.cr.execute(SQL("ALTER TABLE %s ENABLE TRIGGER USER", name))
        self.env.invalidate_all()

    def _copy_wallet_tables(self):
        """A schema of its own with one wallet, of account 1, that holds 1.00.

        Real connections can work on it at once, and nothing of it is left over.
        """
        dbname = self.env.cr.dbname
        self.addCleanup(execute, dbname, f"DROP SCHEMA IF EXISTS {SCRATCH} CASCADE")
        copies = "".join(
            f"CREATE TABLE {SCRATCH}.{table} (LIKE public.{table} INCLUDING ALL);"
            for table in COPIED
        )
        execute(
            dbname,
            f"DROP SCHEMA IF EXISTS {SCRATCH} CASCADE; CREATE SCHEMA {SCRATCH};"
            f"{copies}"
            f"INSERT INTO {SCRATCH}.voip_wallet (id, account_id, company_id,"
            " currency_id, ledger_balance, unbilled, unbilled_tax, reserved,"
            " limit_amount) VALUES (1, 1, 1, 1, 1.00, 0, 0, 0, 0)",
        )


def execute(dbname, statement):
    """Run and commit outside the test's transaction; rows of a SELECT."""
    with db_connect(dbname).cursor() as cr:
        cr.execute(statement)
        return cr.fetchall() if cr.description else []
