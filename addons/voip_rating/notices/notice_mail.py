"""Delivery by Odoo's queue of mails, and what comes back from it."""

import base64
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError


class VoipRateNotice(models.Model):
    _inherit = "voip.rate.notice"

    sends_to = fields.Char(
        string="Goes To",
        compute="_compute_sends_to",
        help="Who gets the notice when it is approved.",
    )

    @api.depends("state", "agreement_id")
    def _compute_sends_to(self):
        for notice in self:
            waits = notice.state in ("draft", "failed")
            notice.sends_to = waits and ", ".join(
                partner.email_formatted
                if partner.email
                else self.env._("%s (no e-mail address)", partner.display_name)
                for partner in notice.agreement_id._contacts()
            )

    def _deliver(self):
        """Hand the notice over to what delivers it, here Odoo's queue of mails.

        Whatever delivers it calls ``_delivered`` or ``_undelivered`` in the end.
        """
        self.ensure_one()
        to = self.agreement_id._recipients()
        if not to:
            raise UserError(
                self.env._(
                    "%(partner)s has no e-mail address: give one, or choose "
                    "recipients in the agreement.",
                    partner=self.partner_id.display_name,
                )
            )
        template = self.env.ref("voip_rating.mail_template_rate_notice").sudo()
        mail = self.env["mail.mail"].sudo().browse(
            template.send_mail(
                self.id,
                force_send=False,
                email_values={
                    # One mail for all: it is delivered, or it is not.
                    "email_to": ", ".join(to),
                    "recipient_ids": [],
                    "attachment_ids": self._attachments().ids,
                    "auto_delete": False,
                },
            )
        )
        self._keep(
            {
                "mail_id": mail.id,
                "recipients": mail.email_to,
                "message_ref": mail.message_id,
            }
        )

    def _refuse_broken(self):
        """:raises UserError: a file is not the one that was made"""
        if broken := self._broken_files():
            raise UserError(
                self.env._(
                    "%(file)s is not as it was made, its SHA-256 differs: cancel this"
                    " notice and make another one.",
                    file=broken[0],
                )
            )

    def _attachments(self):
        """The files as attachments of the mail.

        :raises UserError: a file is not the one that was made
        """
        self._refuse_broken()
        files = self.sudo().with_context(bin_size=False)
        return self.env["ir.attachment"].sudo().create(
            [
                {
                    "name": files[f"{kind}_name"],
                    "raw": base64.b64decode(files[kind]),
                    "res_model": self._name,
                    "res_id": self.id,
                }
                for kind in ("xlsx", "csv")
                if files[kind]
            ]
        )

    def _broken_files(self):
        """Names of the files that are not as they were made."""
        files = self.sudo().with_context(bin_size=False)
        return [
            files[f"{kind}_name"]
            for kind in ("xlsx", "csv")
            if (files[f"{kind}_sha256"] or "") != _hash(files[kind])
        ]


def _hash(data):
    return sha256(base64.b64decode(data)).hexdigest() if data else ""


class MailMail(models.Model):
    _inherit = "mail.mail"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals or "failure_reason" in vals:
            self._tell_notices()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_tell_notices(self):
        gone = self.env._("The mail was deleted before it was sent.")
        self._notices("queued")._undelivered(gone)

    def _notices(self, *states):
        """Notices that these mails carry."""
        domain = [("mail_id", "in", self.ids)]
        if states:
            domain.append(("state", "in", states))
        return self.env["voip.rate.notice"].sudo().search(domain)

    def _tell_notices(self):
        """Notices are where their mails are."""
        for notice in self._notices():
            mail = notice.mail_id
            if mail.state == "sent":
                notice._keep({"message_ref": mail.message_id})
                notice._delivered()
            elif mail.state == "cancel":
                notice._undelivered(self.env._("The mail was cancelled."))
            elif mail.state == "exception":
                notice._undelivered(
                    mail.failure_reason or self.env._("The mail was refused.")
                )
            elif mail.state == "outgoing" and notice.state == "failed":
                notice._keep({"state": "queued", "failure": False})
