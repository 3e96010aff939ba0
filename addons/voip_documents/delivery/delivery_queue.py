"""How documents come into the outbox."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..const import MOVE_KINDS

TEXTS = {
    "invoice": "voip_documents.mail_template_delivery_invoice",
    "credit_note": "voip_documents.mail_template_delivery_credit_note",
    "statement": "voip_documents.mail_template_delivery_statement",
    "usage": "voip_documents.mail_template_delivery_usage",
    "netting": "voip_documents.mail_template_delivery_netting",
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
    def _queue_customer_statement(self, partner, company, first, last, send_at=None):
        """Mails of the statement of all that a customer has with a company."""
        kind = self.env["voip.document.kind"]._of("statement")
        customer = partner.commercial_partner_id
        subject = kind._of_customer(customer, company, first, last)
        about = {"date_from": first, "date_to": last, "partner_id": customer.id}
        none = self.env["voip.account"]
        return self._queue_documents("statement", subject, none, about, send_at)

    @api.model
    def _queue_usage(self, account, first, last, send_at=None):
        """Mails of what an account and those below it used in a range of days."""
        subject = self.env["voip.document.kind"]._of("usage")._of_account(
            account, first, last
        )
        days = {"date_from": first, "date_to": last}
        return self._queue_documents("usage", subject, account, days, send_at)

    @api.model
    def _queue_documents(self, kind, subject, account, about, send_at=None):
        """Make the files of ``subject`` and queue them for who receives them.

        :param account: whose contacts receive it; without one, those of all accounts
            of the customer
        :param about: values that say what the mail is about, once for each language
        """
        company = subject.company
        self._refuse_queued(kind, company, account, about)
        files = self.env["voip.document"]._made_all(kind, subject)
        values = {
            "company_id": company.id,
            "account_id": account.id,
            "document_ids": [(6, 0, files.ids)],
            **about,
        }
        if account:
            people = self._recipients(account, kind)
        else:
            people = self._customer_recipients(company, subject.partner, kind)
        return self._queue_mails(kind, people, values, send_at)

    @api.model
    def _queue_mails(self, kind, people, values, send_at=None):
        """A mail for each language of ``people``.

        :param values: what is the same in each of them
        """
        made = self.sudo().browse()
        groups = people.grouped(lambda one: one.lang or "en_US")
        for lang, group in sorted(groups.items(), key=lambda item: item[0]):
            own = {
                "kind": kind,
                "lang": lang,
                "recipient_ids": self._addresses(group),
                **values,
                **({"send_at": send_at} if send_at else {}),
            }
            made |= self.sudo().create(own)
        for delivery in made:
            delivery._write_text()
        made._wake_worker()
        return made.with_env(self.env)

    @api.model
    def _refuse_queued(self, kind, company, account, about):
        there = self.sudo().search(
            [
                *((name, "=", value) for name, value in about.items()),
                ("kind", "=", kind),
                ("company_id", "=", company.id),
                ("account_id", "=", account.id),
                ("resend_of_id", "=", False),
                ("state", "!=", "cancelled"),
                ("is_withdrawn", "=", False),
            ],
            limit=1,
        )
        if there:
            raise UserError(self.env._("%s is in the outbox already.", there.subject))

    @api.model
    def _recipients(self, account, kind):
        """Contacts with an address that receive such documents, else the customer."""
        contacts = account.contact_ids.filtered(lambda contact: contact.kind == kind)
        people = contacts.partner_id or account.partner_id
        return self._reachable(account.company_id, people, account)

    @api.model
    def _customer_recipients(self, company, partner, kind):
        """Contacts of all accounts that receive such documents, else the customer."""
        accounts = self.env["voip.account"].search(
            [
                ("partner_id", "child_of", partner.id),
                ("company_id", "=", company.id),
            ]
        )
        contacts = accounts.contact_ids.filtered(lambda contact: contact.kind == kind)
        people = contacts.partner_id or partner
        return self._reachable(company, people, partner)

    @api.model
    def _reachable(self, company, people, whose):
        """Those of ``people`` who have an address that is not paused.

        :param whose: record that they stand for
        :raises UserError: there is nobody
        """
        people = people.filtered(lambda one: email_normalize(one.email or ""))
        people = self._unpaused(company, people)
        if not people:
            raise UserError(
                self.env._(
                    "Nobody receives mails of %s: give its customer, or a contact for "
                    "these documents, an address that is not paused.",
                    whose.display_name,
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

    def _text(self):
        """(external id of the mail's text, the record that it is about)."""
        return TEXTS[self.kind], self

    def _write_text(self):
        name, record = self._text()
        template = self.env.ref(name).sudo().with_context(lang=self.lang)
        subject = template._render_field("subject", record.ids)[record.id]
        body = template._render_field("body_html", record.ids)[record.id]
        self.write({"subject": " ".join(subject.split()), "body": body})
