"""Odoo's own e-mails to customers are usage events."""

from odoo import models

from .recorder import Capture

MAILS = Capture("odoo-mail", "email_sent")


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Count what was sent to customers; it is, whatever becomes of the caller."""
        sent = [
            (mail.id, [partner.id for partner in success_pids], _about(mail))
            for mail in self.sudo()
            if success_pids
        ]
        company = self.sudo().record_company_id[:1].id if sent else None
        result = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
        if sent:
            MAILS.record(self.env, company, sent)
        return result


def _about(mail):
    """What it is about; no address, because that is a person's."""
    return {"document": mail.model} if mail.model else {}
