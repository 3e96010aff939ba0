"""Rate notices go out by the outbox, and are where their mails are."""

import base64

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_documents.const import MIMETYPES
from odoo.addons.voip_documents.delivery.states import LEFT

TEXT = "voip_rating.mail_template_rate_notice"
NOT_SENT = ("failed", "cancelled")


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    kind = fields.Selection(
        selection_add=[("rate_notice", "Rate Notice")],
        ondelete={"rate_notice": lambda mails: mails._leave_kind()},
    )
    notice_id = fields.Many2one(
        "voip.rate.notice",
        string="Rate Notice",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )

    _once_notice = models.UniqueIndex(
        "(notice_id, lang) WHERE notice_id IS NOT NULL AND resend_of_id IS NULL"
        " AND state <> 'cancelled'",
        "This notice has a mail already.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            for notice in self.sudo().notice_id:
                notice._tell_of_mails()
        return result

    # === BUSINESS METHODS === #

    def _queue_notice(self, notice):
        """Mails of a notice that was approved, with the files that were agreed on.

        :raises UserError: nobody receives it, or a file is not as it was made
        """
        notice._refuse_broken()
        people = self._reachable(
            notice.company_id, notice.agreement_id._contacts(), notice.agreement_id
        )
        account = notice.agreement_id.account_id
        values = {
            "company_id": notice.company_id.id,
            "account_id": account.id,
            "partner_id": notice.partner_id.id,
            "notice_id": notice.id,
        }
        return self._queue_mails("rate_notice", people, values)

    def _text(self):
        return (TEXT, self.notice_id) if self.notice_id else super()._text()

    def _files(self):
        if not self.notice_id:
            return super()._files()
        notice = self.notice_id.with_context(bin_size=False)
        return [
            (notice[f"{kind}_name"], MIMETYPES[kind], base64.b64decode(notice[kind]))
            for kind in ("xlsx", "csv")
            if notice[kind]
        ]

    def _again(self):
        return {**super()._again(), "notice_id": self.notice_id.id}

    def _document_name(self):
        return self.notice_id.name or super()._document_name()

    def _overtaken(self):
        notice = self.notice_id
        if not notice:
            return super()._overtaken()
        if notice.state == "cancelled":
            return self.env._("%s was cancelled: this mail does not go.", notice.name)
        try:
            notice._refuse_broken()
        except UserError as error:
            return str(error)
        return ""

    def _is_out(self):
        """Whether the mail, or one that sent it again, left."""
        return self.state in LEFT
