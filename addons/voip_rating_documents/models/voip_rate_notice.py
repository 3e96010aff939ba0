"""Files of a notice by its templates; its way to the partner by the outbox."""

from odoo import models

from odoo.addons.voip_documents.models.way_on import leads_to_template

from .voip_delivery import NOT_SENT


class VoipRateNotice(models.Model):
    _name = "voip.rate.notice"
    _inherit = ["voip.rate.notice", "voip.mailed"]

    _delivery_field = "notice_id"

    # === ACTION METHODS === #

    @leads_to_template
    def action_make_documents(self):
        """Make PDF, XLSX and CSV of the notice, keep them, and show them."""
        documents = self.env["voip.document"]
        documents.check_access("create")
        self.check_access("read")
        self.ensure_one()
        subject = self.env["voip.document.kind"]._of("rate_notice")._of_notice(self)
        documents = documents._made_all("rate_notice", subject)
        return documents._shown([("id", "in", documents.ids)])

    def action_view_deliveries(self):
        return self._shown_deliveries()

    # === BUSINESS METHODS === #

    def _deliver(self):
        """Hand the notice over to the outbox instead of Odoo's queue of mails."""
        self.ensure_one()
        self._first_mails().filtered(lambda mail: mail.state == "failed").write(
            {"state": "cancelled"}
        )
        made = self.env["voip.delivery"]._queue_notice(self)
        addresses = made.sudo().recipient_ids.mapped("email")
        self._keep({"recipients": ", ".join(addresses), "message_ref": False})

    def _cancel(self):
        result = super()._cancel()
        mails = self._first_mails().filtered(
            lambda mail: mail.state in ("waiting", "held", "failed")
        )
        mails.write({"state": "cancelled"})
        return result

    def _first_mails(self):
        """The mails that were made as it was approved, not those sent again."""
        domain = [("notice_id", "=", self.id), ("resend_of_id", "=", False)]
        return self.env["voip.delivery"].sudo().search(domain, order="id")

    def _tell_of_mails(self):
        """The notice is where its mails are: delivered once all of them left."""
        if self.state not in ("queued", "failed"):
            return
        mails = self._last_mails()
        lost = mails.filtered(lambda mail: mail.state in NOT_SENT)
        if lost:
            gone = self.env._("The mail was cancelled.")
            self._undelivered(lost[0].message or gone)
        elif mails and all(mail._is_out() for mail in mails):
            messages = filter(None, mails.mapped("provider_message"))
            self._keep({"message_ref": " ".join(messages)})
            self._delivered()
        elif self.state == "failed":
            self._keep({"state": "queued", "failure": False})

    def _last_mails(self):
        """The last mail of each language."""
        mails = self._first_mails()
        return mails.browse({mail.lang: mail.id for mail in mails}.values())
