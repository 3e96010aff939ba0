"""Rate sheets by mail: a notice to a deck's address becomes a waiting import."""

import base64
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError

SHEETS = (".xlsx", ".csv", ".txt", ".xlsm", ".tsv")
NAME_LIMIT = 200


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
        sheets = list(_sheets(msg_dict))
        for name, data in sheets:
            target = empty or self.create(
                {
                    "deck_id": self.deck_id.id,
                    "sender": (msg_dict.get("email_from") or "")[:NAME_LIMIT],
                }
            )
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
        self._tell_managers(
            self.env._(
                "%(sender)s sent %(count)s sheets for %(deck)s: look at the preview.",
                sender=self.sender or "?",
                count=len(sheets),
                deck=self.deck_id.display_name,
            )
        )

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
