"""SMS that Odoo sends to customers are counted once, whatever happens around them."""

from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.sms.tools.sms_api import SmsApi
from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon


@tagged("post_install", "-at_install")
class TestSms(VoipBillingCommon):
    def _send(self, partner, state="success"):
        sms = self.env["sms.sms"].create(
            {"partner_id": partner.id, "number": "+4930123456", "body": "Hello"}
        )

        def answer(api, messages, **_options):
            return [
                {"uuid": one["uuid"], "state": state}
                for message in messages
                for one in message["numbers"]
            ]

        with patch.object(SmsApi, "_send_sms_batch", answer):
            sms.send()
        return self.env["voip.usage.event"].search([("source", "=", "odoo-sms")])

    def test_an_sms_to_a_customer_is_an_event_of_his_account(self):
        account = self._create_account(code="sms-1")
        event = self._send(account.partner_id)
        self.assertRecordValues(
            event,
            [
                {
                    "account_code": "sms-1",
                    "type_code": "sms_outbound",
                    "units": 1,
                    "metadata": {"to": "49301"},
                    "company_id": self.env.company.id,
                }
            ],
        )

    def test_who_is_no_customer_and_what_was_not_sent_leave_none(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.assertFalse(self._send(stranger))
        customer = self._create_account(code="sms-1").partner_id
        self.assertFalse(self._send(customer, state="insufficient_credit"))
