"""The customer tops up by a payment form that is tied to his account and amount."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestTopupPage(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.is_published = True

    def setUp(self):
        super().setUp()
        self._login()

    def _topup_form(self, amount="25.00", code="auto-1"):
        return self._form(f"/topup?account={code}&amount={amount}")

    def _transactions(self):
        return self.env["payment.transaction"].sudo().search(
            [("voip_account_id", "!=", False)]
        )

    def test_what_he_pays_raises_his_balance_once(self):
        answer = self._pay(self._topup_form())
        self.assertNotIn("error", answer)
        transaction = self._transactions()
        self.assertEqual(transaction.voip_account_id, self.account)
        self.assertEqual(transaction.amount, 25)
        result = f"/topup/result?account=auto-1&reference={transaction.reference}"
        self.assertIn("is on its way", self._get(result).text)
        transaction._set_done()
        transaction._post_process()
        transaction._post_process()
        self.assertEqual(self.account.available, 25)
        self.assertIn("Thank you", self._get(result).text)
        self.assertWhole()

    def test_a_stored_method_pays_at_once(self):
        self._pay(self._topup_form(), flow="token", token_id=self.token.id)
        transaction = self._transactions()
        self.assertEqual(transaction.state, "done")
        transaction._post_process()
        self.assertEqual(self.account.available, 25)

    def test_a_payment_that_failed_raises_nothing(self):
        self.answer = "refused"
        self._pay(self._topup_form(), flow="token", token_id=self.token.id)
        transaction = self._transactions()
        result = f"/topup/result?account=auto-1&reference={transaction.reference}"
        page = self._get(result).text
        self.assertIn("did not succeed", page)
        self.assertIn("Insufficient funds", page)
        self.assertEqual(self.account.available, 0)

    @mute_logger("odoo.http")
    def test_a_form_that_was_changed_pays_nothing(self):
        form = self._topup_form()
        stranger = self._token(self.stranger.partner_id)
        for changes in (
            {"amount": 2500.0},
            {"amount": 0.01},
            {"currency_id": self.env.ref("base.JPY").id},
            {"partner_id": self.stranger.partner_id.id},
            {"access_token": "x"},
            {"provider_id": self.provider.copy().id},
            {"flow": "token", "token_id": stranger.id},
            {"is_validation": True},
            {"custom_create_values": {"voip_account_id": self.foreign.id}},
            {"state": "done"},
        ):
            with self.subTest(changes):
                self.assertIn("error", self._pay(form, **changes))
        for code in ("CANARY", "nobody"):
            self.assertIn("error", self._pay(form, route=f"/my/voip/topup/pay/{code}"))
        self.assertFalse(self._transactions())

    def test_a_provider_in_test_mode_is_offered_in_trials_only(self):
        self.provider.state = "test"
        page = self._get("/topup?account=auto-1&amount=25")
        self.assertIn("Online payments are not available", page.text)
        self.company.voip_test_payments = True
        self._topup_form()

    def test_results_of_others_are_not_there(self):
        self._pay(self._topup_form())
        reference = self._transactions().reference
        self._login("stranger")
        for account in ("CANARY", "auto-1"):
            answer = self._get(
                f"/topup/result?account={account}&reference={reference}"
            )
            self.assertEqual(answer.status_code, 404)
