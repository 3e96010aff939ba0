"""An account is closed without money in it: moved, paid back, or not closed."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import VoipBillingCommon


@tagged("post_install", "-at_install")
class TestAccountClosing(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env,
            login="closing_clerk",
            groups="voip_billing_base.group_voip_user",
            company_id=cls.env.company.id,
        )
        cls.partner = cls.env["res.partner"].create({"name": "Acme"})
        cls.eur = cls.setup_other_currency("EUR")
        cls.account = cls._create_account(partner_id=cls.partner.id)
        cls.target = cls._create_account(partner_id=cls.partner.id)
        cls.bank = cls.company_data["default_journal_bank"]

    def _close(self, accounts, user=None, **values):
        wizard = self.env["voip.account.state.wizard"].with_user(user or self.clerk)
        wizard = wizard.create(
            {
                "account_ids": [(6, 0, accounts.ids)],
                "state": "closed",
                "reason": "Contract ended",
                **values,
            }
        )
        return wizard.action_apply()

    def _invoice(self, account, amount):
        """An invoice of ``account`` that nobody has paid."""
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": account.partner_id.id,
                "currency_id": account.currency_id.id,
                "invoice_date": "2026-01-05",
                "voip_account_id": account.id,
                "voip_payer_id": account.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "x", "price_unit": amount, "tax_ids": []})
                ],
            }
        )
        move.action_post()
        return move

    def _ledger(self, *accounts):
        self.env.invalidate_all()
        return [account.wallet_id.ledger_balance for account in accounts]

    def assertEven(self):
        """All invariants hold, and the accounts add up to the customer's receivable."""
        self.assertWhole()
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.partner.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        accounts = self.partner.voip_account_ids
        self.assertEqual(
            sum(self._ledger(*accounts)), -sum(lines.mapped("amount_currency"))
        )

    def test_an_account_without_money_is_closed_as_it_is(self):
        self._close(self.account)
        self.assertEqual(self.account.state, "closed")
        self.assertEven()

    def test_an_account_with_credit_or_debt_is_not_closed_unasked(self):
        self._topup(self.account, 25)
        self._invoice(self.target, 10)
        for account, words in ((self.account, "credit of"), (self.target, "owes")):
            for close in (
                lambda a=account: self._close(a),
                lambda a=account: self._close(a, money="keep"),
                lambda a=account: a.with_user(self.clerk)._set_state("closed", "x"),
                lambda a=account: a.sudo()._set_state("closed", "x"),
            ):
                with self.subTest(words), self.assertRefused(UserError, words):
                    close()
            self.assertEqual(account.state, "active")
        self.assertEven()

    def test_other_states_keep_the_money(self):
        self._topup(self.account, 25)
        for state in ("suspended", "blocked", "active"):
            self._close(self.account, state=state)
            self.assertEqual(self.account.state, state)
        self.assertEqual(self._ledger(self.account), [25.0])

    def test_a_balance_is_moved_to_another_account_of_the_customer(self):
        self._topup(self.account, 25)
        self._topup(self.account, 5.5)
        self._close(self.account, money="move", target_id=self.target.id)
        self.assertEqual(self.account.state, "closed")
        self.assertEqual(self._ledger(self.account, self.target), [0.0, 30.5])
        open_lines = self.env["account.move.line"].search(
            [("voip_account_id", "=", self.account.id), ("reconciled", "=", False)]
        )
        self.assertFalse(open_lines, "nothing of a closed account stays open")
        log = self.env["voip.audit"].search([("event", "=", "account_credit_moved")])
        self.assertEqual(log.user_id, self.clerk)
        self.assertIn("30.50", log.data)
        self.assertEven()

    def test_a_debt_is_moved_too(self):
        self._invoice(self.account, 40)
        self._close(self.account, money="move", target_id=self.target.id)
        self.assertEqual(self._ledger(self.account, self.target), [0.0, -40.0])
        self.assertEven()

    def test_a_balance_in_another_currency_is_moved_in_it(self):
        accounts = [
            self._create_account(partner_id=self.partner.id, currency_id=self.eur.id)
            for _one in range(2)
        ]
        self._topup(accounts[0], 12.34)
        self._close(accounts[0], money="move", target_id=accounts[1].id)
        self.assertEqual(self._ledger(*accounts), [0.0, 12.34])
        self.assertWhole()

    @freeze_time("2026-10-20")
    def test_a_balance_takes_no_later_exchange_rate(self):
        yen = self.setup_other_currency("JPY", rates=[("2026-10-01", 150)])
        values = {"partner_id": self.partner.id, "currency_id": yen.id}
        account, target = self._create_account(**values), self._create_account(**values)
        self._topup(account, 500)
        yen.rate_ids.name = "2026-10-28"
        for choice in (
            {"money": "move", "target_id": target.id},
            {"money": "refund", "journal_id": self.bank.id},
        ):
            with self.assertRaisesRegex(UserError, "JPY has no exchange rate of"):
                self._close(account, **choice)
        self.assertEqual(self._ledger(account, target), [500, 0])

    def test_money_goes_to_no_other_customer_currency_or_closed_account(self):
        self._topup(self.account, 25)
        closed = self._create_account(partner_id=self.partner.id)
        closed._set_state("closed", "x")
        paid = self._create_account(
            partner_id=self.partner.id, parent_id=self.target.id, pay_by_parent=True
        )
        targets = (
            self.account,
            self._create_account(),
            self._create_account(partner_id=self.partner.id, currency_id=self.eur.id),
            closed,
            paid,
            self.env["voip.account"],
        )
        for target in targets:
            with self.subTest(target=target.display_name):
                with self.assertRefused(UserError, "another account"):
                    self._close(self.account, money="move", target_id=target.id)
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self._ledger(self.account), [25.0])

    def test_a_credit_is_paid_back_by_a_payment_that_is_shown(self):
        self._topup(self.account, 25)
        action = self._close(self.account, money="refund", journal_id=self.bank.id)
        payment = self.env["account.payment"].browse(action["res_id"])
        self.assertRecordValues(
            payment,
            [
                {
                    "payment_type": "outbound",
                    "amount": 25.0,
                    "voip_account_id": self.account.id,
                    "partner_id": self.partner.id,
                }
            ],
        )
        self.assertIn(payment.state, ("in_process", "paid"))
        self.assertEqual(self.account.state, "closed")
        self.assertEqual(self._ledger(self.account), [0.0])
        self.assertEven()

    def test_a_debt_is_not_paid_back(self):
        self._invoice(self.account, 10)
        with self.assertRefused(UserError, "owes"):
            self._close(self.account, money="refund", journal_id=self.bank.id)
        with self.assertRefused(UserError, "journal"):
            self._close(self.account, money="refund")

    def test_usage_is_invoiced_and_calls_end_before_it_is_closed(self):
        wallets = self.env["voip.wallet"]
        amount = self.env["voip.usage.summary"]._fields["amount"]
        self.assertTrue(amount)
        self._topup(self.account, 25)
        self.assertTrue(wallets._reserve(self.account.id, 1, "call"))
        with self.assertRefused(UserError, "calls in progress"):
            self._close(self.account, money="refund", journal_id=self.bank.id)
        wallets._release("call")
        wallets._move(
            [{"account_id": self.account.id, "kind": "usage", "unbilled": 1}]
        )
        with self.assertRefused(UserError, "not invoiced"):
            self._close(self.account, money="refund", journal_id=self.bank.id)
        self.assertEqual(self.account.state, "active")

    def test_several_accounts_are_closed_at_once(self):
        self._topup(self.account, 25)
        other = self._create_account(partner_id=self.partner.id)
        self._topup(other, 5)
        accounts = self.account | other
        self._close(accounts, money="move", target_id=self.target.id)
        self.assertEqual(set(accounts.mapped("state")), {"closed"})
        self.assertEqual(self._ledger(self.target), [30.0])
        self.assertEven()

    def test_only_who_may_change_an_account_closes_it(self):
        self._topup(self.account, 25)
        for role in ("viewer", "auditor"):
            user = new_test_user(
                self.env,
                login=f"closing_{role}",
                groups=f"voip_billing_base.group_voip_{role}",
                company_id=self.env.company.id,
            )
            with self.subTest(role), self.assertRaises(AccessError):
                self._close(self.account, user, money="refund")

    def test_the_form_shows_what_there_is_and_asks(self):
        self._topup(self.account, 25)
        model = self.env["voip.account.state.wizard"].with_user(self.clerk)
        action = self.account.with_user(self.clerk).action_change_state()
        form = Form(model.with_context(**action["context"]))
        form.reason = "Contract ended"
        form.state = "blocked"
        self.assertFalse(form.money_held)
        form.state = "closed"
        self.assertIn("25.00", form.money_held)
        form.money = "move"
        form.target_id = self.target
        form.save().action_apply()
        self.assertEqual(self._ledger(self.account, self.target), [0.0, 25.0])
