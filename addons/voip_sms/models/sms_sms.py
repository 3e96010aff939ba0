"""Odoo's own SMS to customers are usage events."""

from odoo import models

from odoo.addons.voip_billing_base.events import Capture

SMS = Capture("odoo-sms", "sms_outbound")


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _handle_call_result_hook(self, results):
        """Count what the gateway took; it is sent, whatever becomes of the caller."""
        result = super()._handle_call_result_hook(results)
        took = {
            one.get("uuid")
            for one in results
            if one.get("state") in self.IAP_TO_SMS_STATE_SUCCESS
        }
        sent = self.sudo().filtered(lambda sms: sms.uuid in took and sms.partner_id)
        by_company = sent.grouped(lambda sms: sms.mail_message_id.record_company_id)
        for company, some in by_company.items():
            messages = [(sms.uuid, sms.partner_id.ids, _about(sms)) for sms in some]
            SMS.record(self.env, company.id or None, messages)
        return result


def _about(sms):
    """Where it went, as the number's first digits; the number is a person's."""
    digits = (sms.number or "").removeprefix("+")[:5]
    return {"to": digits} if digits.isdecimal() else {}
