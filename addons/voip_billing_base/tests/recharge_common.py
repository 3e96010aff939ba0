"""An account with a stored payment method of a provider that answers as told."""

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command

from odoo.addons.payment.models.payment_transaction import PaymentTransaction

from .common import VoipBillingCommon

EXPIRED = "The card has expired"


class RechargeCommon(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create(
            {"name": "Acme", "email": "acme@example.com"}
        )
        cls.account = cls._create_account(partner_id=cls.partner.id, code="auto-1")
        cls.provider = cls._provider(cls.env.company)
        cls.token = cls._token(cls.partner)

    @classmethod
    def _provider(cls, company):
        """A provider of Odoo's abstract kind, enabled, with the bank's journal."""
        method = cls.env.ref("payment.payment_method_unknown").sudo()
        provider = (
            cls.env["payment.provider"]
            .sudo()
            .create(
                {
                    "name": "Cards",
                    "code": "none",
                    "state": "enabled",
                    "company_id": company.id,
                    "payment_method_ids": [Command.set(method.ids)],
                    "allow_tokenization": True,
                }
            )
        )
        method.write({"active": True, "support_tokenization": True})
        cls.env["account.payment.method"].sudo().create(
            {"name": "Cards", "code": "none", "payment_type": "inbound"}
        )
        provider.journal_id = cls.company_data["default_journal_bank"]
        return provider

    @classmethod
    def _token(cls, partner):
        return (
            cls.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": cls.provider.id,
                    "payment_method_id": cls.provider.payment_method_ids[:1].id,
                    "partner_id": partner.id,
                    "provider_ref": "tok_1",
                    "payment_details": "4242",
                }
            )
        )

    def setUp(self):
        super().setUp()
        self.asked = []
        self.answer = "done"
        self.startPatcher(
            patch.object(PaymentTransaction, "_send_payment_request", self._provide())
        )

    def _provide(self):
        """What the provider does with a charge: as ``self.answer`` says."""

        def send(transaction):
            self.asked.append(transaction.amount)
            if self.answer == "done":
                transaction._set_done()
            elif self.answer == "pending":
                transaction._set_pending()
            elif self.answer == "refused":
                transaction._set_error("Insufficient funds")
            elif self.answer == "invalid":
                raise ValidationError(EXPIRED)
            elif self.answer == "lost":
                raise ConnectionError("The connection was cut")

        return send

    def _on(self, **values):
        """Switch recharges of 20 below 10 on, 100 a day at most."""
        self.account.write(
            {
                "auto_recharge": True,
                "auto_recharge_token_id": self.token.id,
                "auto_recharge_threshold": 10,
                "auto_recharge_amount": 20,
                "auto_recharge_daily_cap": 100,
                **values,
            }
        )

    def _run(self):
        self.env["voip.account"]._cron_recharge()
        return self.account.recharge_ids.sorted("id")
