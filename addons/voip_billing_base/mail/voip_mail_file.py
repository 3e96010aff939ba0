"""What came by mail to a mailbox, and waits for somebody."""

from hashlib import sha256

from markupsafe import escape

from odoo import api, fields, models

NAME_LIMIT = 200


class VoipMailFile(models.AbstractModel):
    """A record that a file sent by mail became; see ``voip.mailbox``.

    Of one mailbox a hundred may wait: who floods it is told once, and staff is. The
    billing managers have one activity a day for all mails of a supplier. The model is a
    ``voip.job`` with activities.
    """

    _name = "voip.mail.file"
    _inherit = ["mail.thread"]
    _description = "File by Mail"

    # States in which it waits, and how many of one mailbox may.
    _mailed_states = ("draft",)
    # How names of files end that are taken.
    _mailed_endings = ()
    _mailed_limit = 100
    # The field that keeps the SHA-256 of a file.
    _mailed_digest = None
    _mailed_activity = None

    sender = fields.Char(
        string="Mail From", readonly=True, copy=False, help="Who sent the file."
    )

    # === MAIL === #

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A record for each file of the mail; one that says so where it has none."""
        self._voip_refuse_senders([self._name])
        mailbox = self._mailbox_named(custom_values or {})
        if mailbox and not self._mailed_room(mailbox):
            newest = self._mailed_waiting(mailbox)[:1]
            newest._refuse_more(msg_dict)
            return newest
        values = {
            **(custom_values or {}),
            **self._mailed_values(mailbox, msg_dict),
            "sender": self._mailed_sender(msg_dict),
        }
        if known := self._mailed_known(mailbox, values):
            return known
        subject = msg_dict.get("subject") or self.env._("Mail without subject")
        first = super().message_new({**msg_dict, "subject": subject}, values)
        first._take_mail(msg_dict, first)
        return first

    def message_update(self, msg_dict, update_vals=None):
        """An answer may bring a file, too; what a program answered is a note alone."""
        result = super().message_update(msg_dict, update_vals)
        idle = self.env.context.get("voip_mail_automatic")
        if idle and not any(self._mailed_files(msg_dict)):
            return result
        for record in self:
            # An answer comes past the alias, which sends others' mail back.
            anybody = record._mailbox().mail_senders != "partners"
            if anybody or msg_dict.get("author_id"):
                record._take_mail(msg_dict, self.browse())
        return result

    def _process_attachments_for_post(self, attachments, attachment_ids, values):
        """A mail keeps no file that was not taken, and no more than may wait."""
        if attachments and values.get("message_type") == "email":
            attachments = self._mailed_posted(attachments)
        return super()._process_attachments_for_post(
            attachments, attachment_ids, values
        )

    def _mailed_posted(self, attachments):
        files = (list(self._mailed_files({"attachments": [a]})) for a in attachments)
        digests = [bool(file) and sha256(file[0][1]).hexdigest() for file in files]
        taken = [
            *self._mailbox_domain(self._mailbox()),
            (self._mailed_digest, "in", [digest for digest in digests if digest]),
        ]
        kept = {False, *self.search(taken).mapped(self._mailed_digest)}
        both = zip(attachments, digests, strict=True)
        return [one for one, digest in both if digest in kept][: self._mailed_limit]

    # === HOOKS === #

    def _mailbox_named(self, values):
        """The mailbox that the values of its address name, or an empty recordset."""
        raise NotImplementedError

    def _mailed_values(self, mailbox, msg_dict):
        """Further values of what comes to a mailbox."""
        return {}

    def _mailed_known(self, mailbox, values):
        """The record that the same mail became before, or an empty recordset."""
        return self.browse()

    def _take_mail(self, msg_dict, empty):
        """Make records of the files of a mail.

        :param empty: the record without file that takes the first, or none
        """
        raise NotImplementedError

    def _mailbox(self):
        """The mailbox that it came to."""
        raise NotImplementedError

    def _mailbox_domain(self, mailbox):
        """Records of a mailbox."""
        raise NotImplementedError

    def _mailed_together(self):
        """Domain of what is told in one activity a day."""
        return self._mailbox_domain(self._mailbox())

    def _mailed_note(self, sender, count):
        """What the activity says of one mail with ``count`` files."""
        raise NotImplementedError

    def _mailed_full(self):
        """(sentence for staff, sentence for the sender): no more is taken."""
        raise NotImplementedError

    # === ROOM === #

    def _mailed_waiting(self, mailbox):
        """What of a mailbox nobody has dealt with, the newest first."""
        return self.search(
            [
                *self._mailbox_domain(mailbox),
                ("sender", "!=", False),
                ("state", "in", self._mailed_states),
            ],
            order="id DESC",
            limit=self._mailed_limit,
        )

    def _mailed_room(self, mailbox):
        """How many more files of a mailbox may wait."""
        return self._mailed_limit - len(self._mailed_waiting(mailbox))

    def _refuse_more(self, msg_dict):
        """Say to staff, and once to the sender, that the files are not taken."""
        self.ensure_one()
        text, answer = self._mailed_full()
        if self.message == text:
            return
        self._keep_mailed({"message": text})
        self._tell_mailed(text)
        if to := msg_dict.get("email_from"):
            subject = self.env._("Not taken: %s", msg_dict.get("subject") or "")
            values = {"email_to": to, "subject": subject, "body_html": answer}
            quiet = repr({"Auto-Submitted": "auto-replied"})
            self.env["mail.mail"].sudo().create({**values, "headers": quiet})

    def _keep_mailed(self, values):
        """Write what the program found."""
        self.write(values)

    # === TELLING === #

    def _tell_mailed(self, note):
        """An activity of this kind for each billing manager of the company."""
        self._schedule_managers(note, self._mailed_activity)

    def _tell_of_mail(self, sender, count):
        """One open activity a day for the files of a supplier; it counts his mails."""
        note = self._mailed_note(sender or "?", count)
        activities = self._activities_of_today()
        if not activities:
            self._tell_mailed(note)
            return
        mails = self._mails_since(min(activities.mapped("create_date"))) + 1
        note = self.env._(
            "%(count)s mails of today, their files wait. The last: %(note)s",
            count=mails,
            note=note,
        )
        activities.with_context(mail_activity_quick_update=True).write(
            {"note": escape(note)}
        )

    def _untell_mailed(self):
        """Close the activities of a mailbox of which nothing waits any more."""
        mailbox = self._mailbox()
        if not self._mailed_waiting(mailbox):
            domain = [*self._mailed_together(), ("activity_ids", "!=", [])]
            self.search(domain).activity_unlink([self._mailed_activity])

    def _activities_of_today(self):
        together = [*self._mailed_together(), ("sender", "!=", False)]
        records = self.search([*together, ("activity_ids", "!=", [])])
        kind, today = self.env.ref(self._mailed_activity), fields.Date.today()
        return records.activity_ids.filtered(
            lambda told: told.activity_type_id == kind and told.date_deadline == today
        )

    def _mails_since(self, moment):
        """How many mails of the supplier came since then."""
        together = [*self._mailed_together(), ("sender", "!=", False)]
        return self.env["mail.message"].search_count(
            [
                ("model", "=", self._name),
                ("res_id", "in", self._search(together)),
                ("message_type", "=", "email"),
                ("create_date", ">=", moment),
            ]
        )

    # === THE MAIL === #

    @staticmethod
    def _mailed_sender(msg_dict):
        return (msg_dict.get("email_from") or "")[:NAME_LIMIT]

    @classmethod
    def _mailed_files(cls, msg_dict):
        """(name, bytes) of the attachments that are taken, by how their names end."""
        for attachment in msg_dict.get("attachments") or ():
            name, data = attachment[0] or "", attachment[1]
            if name.lower().endswith(cls._mailed_endings) and data:
                data = data.encode() if isinstance(data, str) else data
                yield name[:NAME_LIMIT], data
