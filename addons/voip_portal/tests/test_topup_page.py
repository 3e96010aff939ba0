"""The customer tops up by a payment form that is tied to his account and amount."""

import json

from lxml import html

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

    def _form(self, amount="25.00", code="auto-1"):
        """Values of the payment form as the page has them."""
        page = self._get(f"/topup?account={code}&amount={amount}")
        self.assertEqual(page.status_code, 200)
        form = html.fromstring(page.text).xpath("//form[@id='o_payment_form']")
        self.assertTrue(form, "a form to pay with")
        return dict(form[0].attrib)

    def _pay(self, form, code="auto-1", **changes):
        """Ask for a transaction as the form does."""
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": self.provider.payment_method_ids[:1].id,
            "token_id": None,
            "amount": float(form["data-amount"]),
            "currency_id": int(form["data-currency-id"]),
            "partner_id": int(form["data-partner-id"]),
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": form["data-landing-route"],
            "access_token": form["data-access-token"],
            "reference_prefix": form["data-reference-prefix"],
            **changes,
        }
        self.env.flush_all()
        answer = self.url_open(
            f"/my/voip/topup/pay/{code}",
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return answer.json()

    def _transactions(self):
        return self.env["payment.transaction"].sudo().search(
            [("voip_account_id", "!=", False)]
        )

    def test_what_he_pays_raises_his_balance_once(self):
        answer = self._pay(self._form())
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
        self._pay(self._form(), flow="token", token_id=self.token.id)
        transaction = self._transactions()
        self.assertEqual(transaction.state, "done")
        transaction._post_process()
        self.assertEqual(self.account.available, 25)

    def test_a_payment_that_failed_raises_nothing(self):
        self.answer = "refused"
        self._pay(self._form(), flow="token", token_id=self.token.id)
        transaction = self._transactions()
        result = f"/topup/result?account=auto-1&reference={transaction.reference}"
        page = self._get(result).text
        self.assertIn("did not succeed", page)
        self.assertIn("Insufficient funds", page)
        self.assertEqual(self.account.available, 0)

    @mute_logger("odoo.http")
    def test_a_form_that_was_changed_pays_nothing(self):
        form = self._form()
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
            self.assertIn("error", self._pay(form, code=code))
        self.assertFalse(self._transactions())

    def test_a_provider_in_test_mode_is_offered_in_trials_only(self):
        self.provider.state = "test"
        page = self._get("/topup?account=auto-1&amount=25")
        self.assertIn("Online payments are not available", page.text)
        self.company.voip_test_payments = True
        self._form()

    def test_results_of_others_are_not_there(self):
        self._pay(self._form())
        reference = self._transactions().reference
        self._login("stranger")
        for account in ("CANARY", "auto-1"):
            answer = self._get(
                f"/topup/result?account={account}&reference={reference}"
            )
            self.assertEqual(answer.status_code, 404)
