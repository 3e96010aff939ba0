"""How documents come into the outbox."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..const import MOVE_KINDS
from .states import CONTACT_KINDS

TEXTS = {
    "invoice": "voip_documents.mail_template_delivery_invoice",
    "credit_note": "voip_documents.mail_template_delivery_credit_note",
    "statement": "voip_documents.mail_template_delivery_statement",
}


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    @api.model
    def _queue(self, move, send_at=None):
        """Mails of a posted document, one for each language of its recipients.

        Whoever calls may make documents of ``move``.

        :param send_at: naive UTC; without it now
        :raises UserError: a template fails, nobody receives it, or it is queued already
        """
        kind, account = MOVE_KINDS.get(move.move_type), move.sudo().voip_account_id
        if not kind or not account:
            raise UserError(
                self.env._("%s is of no VoIP account.", move.display_name)
            )
        subject = self.env["voip.document.kind"]._of(kind)._of_move(move)
        return self._queue_documents(
            kind, subject, account, {"move_id": move.id}, send_at
        )

    @api.model
    def _queue_statement(self, account, first, last, send_at=None, view=None):
        """Mails of an account's statement of ``first`` to ``last``.

        :param view: what it shows; without it what is usual for the account
        """
        view = view or ("wallet" if account.mode == "prepaid" else "ledger")
        kind = self.env["voip.document.kind"]._of("statement")
        subject = kind._of_account(account, first, last, view)
        days = {"date_from": first, "date_to": last}
        return self._queue_documents("statement", subject, account, days, send_at)

    @api.model
    def _queue_documents(self, kind, subject, account, about, send_at=None):
        """Make the files of ``subject`` and queue them for who receives them.

        :param about: values that say what the mail is about, once for each language
        """
        self._refuse_queued(kind, account, about)
        files = self.env["voip.document"]._made_all(kind, subject)
        made = self.browse()
        people = self._recipients(account, kind)
        groups = people.grouped(lambda one: one.lang or "en_US")
        for lang, group in sorted(groups.items(), key=lambda item: item[0]):
            values = {
                "company_id": subject.company.id,
                "account_id": account.id,
                "kind": kind,
                "lang": lang,
                "document_ids": [(6, 0, files.ids)],
                "recipient_ids": self._addresses(group),
                **about,
                **({"send_at": send_at} if send_at else {}),
            }
            made |= self.sudo().create(values)
        for delivery in made.sudo():
            delivery._write_text()
        made._wake_worker()
        return made

    @api.model
    def _refuse_queued(self, kind, account, about):
        there = self.sudo().search(
            [
                *((name, "=", value) for name, value in about.items()),
                ("kind", "=", kind),
                ("account_id", "=", account.id),
                ("resend_of_id", "=", False),
                ("state", "!=", "cancelled"),
            ],
            limit=1,
        )
        if there:
            raise UserError(self.env._("%s is in the outbox already.", there.subject))

    @api.model
    def _recipients(self, account, kind):
        """Contacts with an address that receive such documents, else the customer."""
        contacts = account.contact_ids.filtered(
            lambda contact: contact.kind == CONTACT_KINDS[kind]
        )
        people = contacts.partner_id or account.partner_id
        people = people.filtered(lambda one: email_normalize(one.email or ""))
        people = self._unpaused(account.company_id, people)
        if not people:
            raise UserError(
                self.env._(
                    "Nobody receives mails of %s: give its customer, or a contact for "
                    "these documents, an address that is not paused.",
                    account.display_name,
                )
            )
        return people

    @api.model
    def _addresses(self, people):
        by_address = {email_normalize(one.email): one for one in people}
        return [
            (0, 0, {"email": address, "partner_id": one.id})
            for address, one in by_address.items()
        ]

    def _write_text(self):
        template = self.env.ref(TEXTS[self.kind]).sudo().with_context(lang=self.lang)
        subject = template._render_field("subject", self.ids)[self.id]
        body = template._render_field("body_html", self.ids)[self.id]
        self.write({"subject": " ".join(subject.split()), "body": body})
