"""Requests for netting go out by mail, each with a link of its own.

A link is made as its mail leaves, and only the hash of its key is kept: neither the
outbox nor its text ever holds it. A mail that is tried again gets another link, and all
of them work until the netting is answered or asked for anew, so that it does not
matter which of two tries arrived.
"""

import re
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.way_on import leads_to_template
from ..secret import digest
from .voip_netting_link import ADDRESS

# Stands in the text that the outbox keeps.
PLACE = "link-of-the-mail"
_LINK = re.compile(r"[^\s\"'<>]*" + re.escape(ADDRESS + PLACE))


class VoipNettingKey(models.Model):
    """The hash of a link that was mailed."""

    _name = "voip.netting.key"
    _inherit = ["voip.guard"]
    _description = "Mailed Link of a Netting"
    _rec_name = "netting_id"
    _check_company_auto = True

    netting_id = fields.Many2one(
        "voip.netting",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="netting_id.company_id", store=True, index=True
    )
    token_hash = fields.Char(required=True, readonly=True, groups="base.group_system")

    _token_uniq = models.Constraint(
        "UNIQUE(token_hash)", "A link is of one netting."
    )


class VoipNetting(models.Model):
    _name = "voip.netting"
    _inherit = ["voip.netting", "voip.mailed"]

    _delivery_field = "netting_id"

    @leads_to_template
    def action_request_by_mail(self):
        """Fix the items and mail the request with its files and a link.

        Again: the links before it do not work any more.
        """
        deliveries = self.env["voip.delivery"]
        deliveries.check_access("write")
        self.env["voip.document"].check_access("create")
        self._request()
        deliveries._queue_netting(self)
        return self._shown_deliveries()

    def action_view_deliveries(self):
        return self._shown_deliveries()

    def _forget_links(self):
        keys = self.env["voip.netting.key"].sudo()
        keys.search([("netting_id", "in", self.ids)]).unlink()
        return super()._forget_links()

    @api.model
    def _by_token(self, token):
        if found := super()._by_token(token):
            return found
        if not isinstance(token, str) or not 20 <= len(token) <= 100:
            return found
        keys = self.env["voip.netting.key"].sudo()
        return keys.search([("token_hash", "=", digest(token))]).netting_id

    def _people(self):
        """Contacts for netting of the partner's accounts, else the partner, who have
        an address that is not paused."""
        deliveries = self.env["voip.delivery"]
        return deliveries._customer_recipients(
            self.company_id, self.partner_id, "netting"
        )


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    netting_id = fields.Many2one(
        "voip.netting",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    asked_at = fields.Datetime(readonly=True, help="When the netting was asked for.")
    netting_link = fields.Char(
        compute="_compute_netting_link",
        help="Stands for the link of the mail, which is made as it leaves.",
    )

    def _compute_netting_link(self):
        for delivery in self:
            base = delivery.netting_id.get_base_url()
            delivery.netting_link = f"{base}{ADDRESS}{PLACE}"

    @api.model
    def _queue_netting(self, netting):
        """Mails of a netting that was just asked for."""
        open_ = [("netting_id", "=", netting.id), ("state", "in", ("waiting", "held"))]
        self.sudo().search(open_).write({"state": "cancelled"})
        subject = self.env["voip.document.kind"]._of("netting")._of_netting(netting)
        files = self.env["voip.document"]._made_all("netting", subject)
        people = netting._people()
        values = {
            "company_id": netting.company_id.id,
            "partner_id": netting.partner_id.id,
            "netting_id": netting.id,
            "asked_at": netting.requested_at,
            "document_ids": [(6, 0, files.ids)],
        }
        made = self._queue_mails("netting", people, values)
        if any(not _LINK.search(str(delivery.body)) for delivery in made):
            raise UserError(
                self.env._(
                    "The text of the mail has no link. Put object.netting_link into "
                    "the email template VoIP: mail of a netting request."
                )
            )
        return made

    def _again(self):
        about = {"netting_id": self.netting_id.id, "asked_at": self.asked_at}
        return {**super()._again(), **about}

    def _document_name(self):
        return self.netting_id.name or super()._document_name()

    def _overtaken(self):
        netting = self.netting_id
        if not netting:
            return super()._overtaken()
        if netting.requested_at == self.asked_at and netting._link_state() == "open":
            return ""
        return self.env._(
            "%s was answered, changed, or asked for anew: this mail does not go.",
            netting.name,
        )

    def _task(self, is_asked):
        task = super()._task(is_asked)
        if is_asked or not self.netting_id:
            return task
        link, hashed = self.netting_id._made_link()
        keys = self.env["voip.netting.key"].sudo()
        keys.create({"netting_id": self.netting_id.id, "token_hash": hashed})
        html = _LINK.sub(lambda _found: link, task.mail.html)
        params = {**task.mail.params, "link": link} if task.mail.params else {}
        return replace(task, mail=replace(task.mail, html=html, params=params))
