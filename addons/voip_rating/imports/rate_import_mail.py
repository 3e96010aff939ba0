"""Rate sheets by mail: a notice to a deck's address becomes a waiting import."""

import base64
from hashlib import sha256

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError

SHEETS = (".xlsx", ".csv", ".txt", ".xlsm", ".tsv")
NAME_LIMIT = 200
# Sheets by mail of one deck that may wait for somebody.
MOST_WAITING = 100


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    _job_activity = "voip_rating.mail_activity_sheet"

    sender = fields.Char(
        string="Mail From", readonly=True, copy=False, help="Who sent the sheet."
    )
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

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """An import for each sheet of the mail; one without file where it has none."""
        self._voip_refuse_senders([self._name])
        deck = self.env["voip.rate.deck"].browse((custom_values or {}).get("deck_id"))
        if deck and not deck._room_for_sheets():
            newest = deck._waiting_sheets()[:1]
            newest._refuse_more(msg_dict)
            return newest
        values = {
            **(custom_values or {}),
            "sender": (msg_dict.get("email_from") or "")[:NAME_LIMIT],
        }
        first = super().message_new(msg_dict, values)
        first._take_sheets(msg_dict, first)
        return first

    def message_update(self, msg_dict, update_vals=None):
        """An answer may bring a sheet, too: it is an import of its own."""
        result = super().message_update(msg_dict, update_vals)
        for sheet in self:
            # An answer comes past the alias, which sends others' mail back.
            known = sheet.deck_id.mail_senders != "partners"
            if known or msg_dict.get("author_id"):
                sheet._take_sheets(msg_dict, self.browse())
        return result

    def _take_sheets(self, msg_dict, empty):
        """Make imports of the sheets of a mail.

        :param empty: the import without file that takes the first sheet, or none
        """
        sheets, room = list(_sheets(msg_dict)), self.deck_id._room_for_sheets()
        for name, data in sheets[: room + len(empty)]:
            target = empty or self.create(
                {
                    "deck_id": self.deck_id.id,
                    "sender": (msg_dict.get("email_from") or "")[:NAME_LIMIT],
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
                        kinds=", ".join(SHEETS),
                    )
                }
            )
        if len(sheets) > room + len(empty):
            self.deck_id._waiting_sheets()[:1]._refuse_more(msg_dict)
        self._tell_of_mail(msg_dict.get("email_from"), len(sheets))

    def _keep_mail(self, msg_dict):
        """Log the mail, which Odoo keeps with the first of its sheets alone."""
        self._message_log(
            subject=msg_dict.get("subject"),
            body=Markup(msg_dict.get("body") or ""),
            author_id=msg_dict.get("author_id"),
            email_from=msg_dict.get("email_from"),
        )

    def _tell_of_mail(self, sender, count):
        """One open activity a day for the sheets of a supplier; it counts his mails."""
        note = self.env._(
            "%(sender)s sent %(count)s sheets for %(deck)s: look at the preview.",
            sender=sender or "?",
            count=count,
            deck=self.deck_id.display_name,
        )
        activities = self._activities_of_today()
        if not activities:
            self._tell_managers(note)
            return
        mails = self._mails_since(min(activities.mapped("create_date"))) + 1
        note = self.env._(
            "%(count)s mails of today, their sheets wait among the imports. The last:"
            " %(note)s",
            count=mails,
            note=note,
        )
        activities.with_context(mail_activity_quick_update=True).write(
            {"note": escape(note)}
        )

    def _sheets_of_supplier(self):
        """Sheets by mail of the supplier of this one's deck."""
        partner = self.deck_id.partner_id
        own = [("deck_id", "=", self.deck_id.id)]
        return [
            *([("deck_id.partner_id", "=", partner.id)] if partner else own),
            ("sender", "!=", False),
            ("company_id", "=", self.company_id.id),
        ]

    def _activities_of_today(self):
        sheets = self.search([*self._sheets_of_supplier(), ("activity_ids", "!=", [])])
        kind, today = self.env.ref(self._job_activity), fields.Date.today()
        return sheets.activity_ids.filtered(
            lambda told: told.activity_type_id == kind and told.date_deadline == today
        )

    def _mails_since(self, moment):
        """How many mails of the supplier came since then."""
        sheets = self._search(self._sheets_of_supplier())
        return self.env["mail.message"].search_count(
            [
                ("model", "=", self._name),
                ("res_id", "in", sheets),
                ("message_type", "=", "email"),
                ("create_date", ">=", moment),
            ]
        )

    def _refuse_more(self, msg_dict):
        """Say to staff, and once to the sender, that the sheets are not taken."""
        self.ensure_one()
        deck = self.deck_id
        text = self.env._(
            "%(count)s sheets of %(deck)s wait already, so further ones by mail are not"
            " taken. Apply or delete those that wait, and have them sent again.",
            count=MOST_WAITING,
            deck=deck.display_name,
        )
        if self.message == text:
            return
        self._keep({"message": text})
        self._tell_managers(text)
        if to := msg_dict.get("email_from"):
            answer = self.env._(
                "Your rate sheet was not taken: %(count)s sheets of yours wait to be"
                " looked at. Please send it again later.",
                count=MOST_WAITING,
            )
            subject = self.env._("Not taken: %s", msg_dict.get("subject") or "")
            values = {"email_to": to, "subject": subject, "body_html": answer}
            quiet = repr({"Auto-Submitted": "auto-replied"})
            self.env["mail.mail"].sudo().create({**values, "headers": quiet})

    def _take_sheet(self, name, data):
        """Keep the file; one that cannot be read says why, and waits all the same."""
        values = {"file": base64.b64encode(data), "file_name": name}
        try:
            with self.env.cr.savepoint():
                self.write(values)
        except UserError as error:
            self.invalidate_recordset()
            self._keep({**values, "sha256": _hash(data), "message": str(error)})


def _sheets(msg_dict):
    """(name, bytes) of the attachments that are sheets."""
    for attachment in msg_dict.get("attachments") or ():
        name, data = attachment[0] or "", attachment[1]
        if name.lower().endswith(SHEETS) and data:
            data = data.encode() if isinstance(data, str) else data
            yield name[:NAME_LIMIT], data


def _hash(data):
    return sha256(data).hexdigest()
