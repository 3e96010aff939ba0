from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import VoipBillingCommon


@tagged("post_install", "-at_install")
class TestTopup(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._create_account()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.staff = {
            name: new_test_user(
                cls.env,
                login=f"topup_{name}",
                groups=f"voip_billing_base.group_voip_{name}",
                company_id=cls.env.company.id,
            )
            for name in ("viewer", "user")
        }

    def _wizard(self, **values):
        return self.env["voip.topup.wizard"].create(
            {
                "account_id": self.account.id,
                "amount": 25.5,
                "journal_id": self.bank.id,
                **values,
            }
        )

    def _entries(self, account):
        return self.env["voip.wallet.entry"].search([("account_id", "=", account.id)])

    def test_a_topup_is_a_posted_payment_that_raises_the_balance_once(self):
        wizard = self._wizard(memo="Wire 77", date=date(2026, 1, 15))
        wizard.action_topup()
        payment = wizard.payment_id
        self.assertRecordValues(
            payment,
            [
                {
                    "amount": 25.5,
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.account.partner_id.id,
                    "date": date(2026, 1, 15),
                    "memo": "Wire 77",
                }
            ],
        )
        self.assertEqual(payment.move_id.state, "posted")
        self.assertRecordValues(
            self._entries(self.account),
            [
                {
                    "kind": "topup",
                    "amount": 25.5,
                    "balance_before": 0.0,
                    "balance_after": 25.5,
                    "move_id": payment.move_id.id,
                }
            ],
        )
        self.assertEqual(self.account.available, 25.5)
        self.assertWhole()

    def test_a_second_click_finds_the_same_payment(self):
        wizard = self._wizard()
        for _click in range(3):
            wizard.action_topup()
        payments = self.env["account.payment"].search(
            [("voip_account_id", "=", self.account.id)]
        )
        self.assertEqual(payments, wizard.payment_id)
        self.assertEqual(self.account.available, 25.5)
        self.assertWhole()

    def test_the_account_that_pays_gets_the_money(self):
        child = self._create_account(parent_id=self.account.id, pay_by_parent=True)
        self._topup(child, 10)
        self.assertEqual(self.account.wallet_id.ledger_balance, 10.0)
        self.assertEqual(child.wallet_id.ledger_balance, 0.0)
        self.assertEqual(child.available, 10.0, "what it may spend is the payer's")
        self.assertWhole()

    def test_amounts_that_are_no_topup_are_refused(self):
        for amount in (0, -1, 0.001, float("nan"), float("inf"), "NaN", 1e15):
            with self.subTest(amount=amount), self.assertRaises(UserError):
                self._wizard(amount=amount).action_topup()
        self.assertFalse(self._entries(self.account))

    def test_the_journal_is_a_bank_or_cash_journal_of_the_company(self):
        other = self.setup_other_company()
        for journal in (
            self.company_data["default_journal_sale"],
            self.company_data["default_journal_misc"],
            other["default_journal_bank"],
        ):
            with self.subTest(journal.display_name), self.assertRaises(UserError):
                self._wizard(journal_id=journal.id).action_topup()
        self.assertFalse(self._entries(self.account))

    def test_the_default_journal_takes_money(self):
        wizard = self.env["voip.topup.wizard"].create(
            {"account_id": self.account.id, "amount": 1}
        )
        self.assertIn(wizard.journal_id.type, ("bank", "cash"))
        self.assertEqual(wizard.journal_id.company_id, self.account.company_id)

    def test_a_topup_takes_no_later_exchange_rate(self):
        yen = self.setup_other_currency("JPY", rates=[("2026-10-28", 150)])
        account = self._create_account(currency_id=yen.id)
        values = {"account_id": account.id, "amount": 5000}
        with self.assertRaisesRegex(UserError, "JPY has no exchange rate of"):
            self._wizard(**values, date=date(2026, 10, 1)).action_topup()
        self.assertFalse(self._entries(account))
        self._wizard(**values, date=date(2026, 10, 28)).action_topup()
        self.assertEqual(account.available, 5000)
        self.assertWhole()

    def test_a_closed_account_takes_no_money(self):
        self.account._set_state("closed", "Contract ended")
        with self.assertRaises(UserError):
            self._wizard().action_topup()

    def test_a_blocked_account_takes_money(self):
        self.account._set_state("blocked", "No credit")
        self._wizard().action_topup()
        self.assertEqual(self.account.available, 25.5)

    def test_a_billing_user_tops_up_and_a_viewer_does_not(self):
        wizard = (
            self.env["voip.topup.wizard"]
            .with_user(self.staff["user"])
            .create(
                {"account_id": self.account.id, "amount": 5, "journal_id": self.bank.id}
            )
        )
        wizard.action_topup()
        self.assertEqual(self.account.available, 5.0)
        with self.assertRaises(AccessError):
            self.env["voip.topup.wizard"].with_user(self.staff["viewer"]).create(
                {"account_id": self.account.id, "amount": 5}
            )

    def test_a_cancelled_topup_is_taken_back_and_its_entry_kept(self):
        payment = self._topup(self.account, 40)
        move = payment.move_id
        payment.action_draft()
        payment.action_cancel()
        self.assertEqual(payment.state, "canceled")
        self.assertEqual(move.exists().state, "cancel")
        with self.assertRaises(UserError):
            move.with_context(force_delete=True).unlink()
        self.assertEqual(self.account.wallet_id.ledger_balance, 0.0)
        self.assertEqual(self._entries(self.account).mapped("amount"), [-40.0, 40.0])
        self.assertWhole()

    def test_several_accounts_are_not_topped_up_at_once(self):
        several = self.account | self._create_account(code="second")
        with self.assertRaisesRegex(UserError, "choose one"):
            several.with_user(self.staff["user"]).action_topup()
