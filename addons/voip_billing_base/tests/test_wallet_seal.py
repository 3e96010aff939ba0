"""Sealed wallet entries are left out by the daily check; what is changed shows."""

from datetime import date
from unittest.mock import patch

from odoo.tests import tagged

from ..charge import wallet_seal
from .common import VoipBillingCommon


@tagged("post_install", "-at_install")
class TestWalletSeal(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account, cls.other = cls._create_account(), cls._create_account()
        cls._topup(cls.account, 10)
        cls._topup(cls.account, 5)
        cls._topup(cls.other, 7)

    def _seal(self, quiet="-1 day"):
        """Seal a month long ago, or the one after it; what the seal says."""
        Seal, company = self.env["voip.seal"], self.env.company
        month = Seal._sealed_until(company) or date(2020, 1, 1)
        with patch.object(wallet_seal, "QUIET", quiet):
            Seal._write(company.id, month)
        return Seal._seals(company)[-1][3]

    def _violated(self, full=False):
        found = self.env["voip.check"].sudo().run(full=full)
        return {row["name"] for row in found if row["violations"]}

    def _entries(self, account):
        return self.env["voip.wallet.entry"].search(
            [("account_id", "=", account.id)], order="id"
        )

    def _tamper(self, statement, *arguments):
        cr = self.env.cr
        cr.execute("ALTER TABLE voip_wallet_entry DISABLE TRIGGER USER")
        cr.execute(statement, arguments)
        self.assertTrue(cr.rowcount, statement)
        cr.execute("ALTER TABLE voip_wallet_entry ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def _shift(self, entry):
        """Another balance before and after, which the row's own CHECK lets pass."""
        self._tamper(
            "UPDATE voip_wallet_entry SET balance_before = balance_before + 1,"
            " balance_after = balance_after + 1 WHERE id = %s",
            entry.id,
        )

    def test_a_seal_covers_the_entries_that_none_before_it_covers(self):
        first = self._seal()
        last = self._entries(self.other)[-1].id
        self.assertEqual(first["entries"]["from"], 0)
        self.assertEqual(first["entries"]["to"], last)
        self.assertEqual(float(first["wallets"]["ledger"]), 22)
        self._topup(self.account, 3)
        second = self._seal()
        self.assertEqual(second["entries"]["from"], last)
        self.assertEqual(second["entries"]["rows"], 1)
        self.assertEqual(float(second["wallets"]["ledger"]), 25)
        again = self._seal()
        self.assertEqual(again["entries"]["rows"], 0)
        self.assertEqual(again["wallets"], second["wallets"])
        self._topup(self.other, 1)
        for full in (False, True):
            self.assertEqual(self._violated(full), set())

    def test_entries_of_today_are_left_to_a_later_seal(self):
        self.assertEqual(self._seal(quiet="1 day")["entries"]["rows"], 0)

    def test_a_changed_sealed_entry_shows_when_every_month_is_recomputed(self):
        self._seal()
        self._tamper(
            "UPDATE voip_wallet_entry SET origin = 'x' WHERE id = %s",
            self._entries(self.account)[0].id,
        )
        self.assertEqual(self._violated(), set())
        self.assertEqual(self._violated(full=True), {"seals"})

    def test_changed_sums_of_sealed_entries_show_every_day(self):
        self._seal()
        for statement, shown in (
            ("UPDATE voip_wallet_sealed SET ledger = ledger + 1", "wallet_entries"),
            ("UPDATE voip_wallet_sealed SET entry_id = entry_id + 1", "wallet_seals"),
            ("DELETE FROM voip_wallet_sealed", "wallet_seals"),
        ):
            with self.subTest(statement):
                savepoint = self.env.cr.savepoint(flush=False)
                self._tamper(statement)
                self.assertLessEqual({"wallet_seals", shown}, self._violated())
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_the_first_entry_after_a_seal_starts_where_the_sealed_ones_ended(self):
        self._seal()
        self._topup(self.account, 3)
        self.assertEqual(self._violated(), set())
        self._shift(self._entries(self.account)[-1])
        for full in (False, True):
            self.assertEqual(self._violated(full), {"entry_chain"})

    def test_a_broken_chain_is_not_sealed_and_goes_on_to_show(self):
        self._shift(self._entries(self.account)[-1])
        seal = self._seal()
        self.assertEqual(seal["entries"]["rows"], 0)
        self.assertEqual(self._violated(), {"entry_chain"})
