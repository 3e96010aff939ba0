"""Rate sheets by mail: a notice to a deck's address becomes a waiting import."""

import base64
from hashlib import sha256

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    _job_activity = _mailed_activity = "voip_rating.mail_activity_sheet"
    _mailed_digest = "sha256"
    _mailed_states = ("draft", "previewed")
    _mailed_endings = (".xlsx", ".csv", ".txt", ".xlsm", ".tsv")

    sender = fields.Char(help="Who sent the sheet.")
    same_text = fields.Char(compute="_compute_same_text")

    # === COMPUTE METHODS === #

    @api.depends("sha256", "deck_id")
    def _compute_same_text(self):
        """The same file was brought before: carriers send a sheet twice."""
        states = dict(self._fields["state"]._description_selection(self.env))
        for sheet in self:
            sheet.same_text = False
            own = sheet._origin.id
            if not (own and sheet.sha256):
                continue
            before = self.search(
                [
                    ("deck_id", "=", sheet.deck_id.id),
                    ("sha256", "=", sheet.sha256),
                    ("id", "<", own),
                ],
                limit=1,
            )
            if before:
                sheet.same_text = self.env._(
                    "The same file was brought before: %(name)s, %(state)s.",
                    name=before.display_name,
                    state=states[before.state],
                )

    # === MAIL === #

    def _mailbox_named(self, values):
        return self.env["voip.rate.deck"].browse(values.get("deck_id"))

    def _take_mail(self, msg_dict, empty):
        sheets = list(self._mailed_files(msg_dict))
        # What takes the first sheet waits already.
        room = self._mailed_room(self.deck_id) + len(empty)
        for name, data in sheets[:room]:
            target = empty or self.create(
                {
                    "deck_id": self.deck_id.id,
                    "sender": self._mailed_sender(msg_dict),
                }
            )
            if not empty:
                target._keep_mail(msg_dict)
            empty = self.browse()
            target._take_sheet(name, data)
        if not sheets:
            self._keep(
                {
                    "message": self.env._(
                        "The mail has no sheet (%(kinds)s): ask for one, or choose the"
                        " file yourself.",
                        kinds=", ".join(self._mailed_endings),
                    )
                }
            )
        if len(sheets) > room:
            self._mailed_waiting(self.deck_id)[:1]._refuse_more(msg_dict)
        self._tell_of_mail(msg_dict.get("email_from"), len(sheets[:room]))

    def _keep_mail(self, msg_dict):
        """Log the mail, which Odoo keeps with the first of its sheets alone."""
        self._message_log(
            subject=msg_dict.get("subject"),
            body=Markup(msg_dict.get("body") or ""),
            author_id=msg_dict.get("author_id"),
            email_from=msg_dict.get("email_from"),
        )

    def _mailbox(self):
        return self.deck_id

    def _mailbox_domain(self, mailbox):
        return [("deck_id", "=", mailbox.id)]

    def _mailed_together(self):
        """Sheets of the supplier of this one's deck."""
        partner = self.deck_id.partner_id
        own = [("deck_id", "=", self.deck_id.id)]
        return [
            *([("deck_id.partner_id", "=", partner.id)] if partner else own),
            ("company_id", "=", self.company_id.id),
        ]

    def _mailed_note(self, sender, count):
        return self.env._(
            "%(sender)s sent %(count)s sheets for %(deck)s: look at the preview.",
            sender=sender,
            count=count,
            deck=self.deck_id.display_name,
        )

    def _mailed_full(self):
        text = self.env._(
            "%(count)s sheets of %(deck)s wait already, so further ones by mail are not"
            " taken. Apply or delete those that wait, and have them sent again.",
            count=self._mailed_limit,
            deck=self.deck_id.display_name,
        )
        answer = self.env._(
            "Your rate sheet was not taken: %(count)s sheets of yours wait to be"
            " looked at. Please send it again later.",
            count=self._mailed_limit,
        )
        return text, answer

    def _keep_mailed(self, values):
        self._keep(values)

    def _take_sheet(self, name, data):
        """Keep the file; one that cannot be read says why, and waits all the same."""
        values = {"file": base64.b64encode(data), "file_name": name}
        try:
            with self.env.cr.savepoint():
                self.write(values)
        except UserError as error:
            self.invalidate_recordset()
            self._keep({**values, "sha256": _hash(data), "message": str(error)})


def _hash(data):
    return sha256(data).hexdigest()
