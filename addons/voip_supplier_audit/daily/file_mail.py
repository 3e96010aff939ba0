"""Suppliers' invoices by mail: each file of a mail waits until somebody takes it."""

from hashlib import sha256

from odoo import fields, models

from .names import PDF, named
from .voip_supplier_file import _file_values


class VoipSupplierFile(models.Model):
    """Anybody can write a sender's address: nothing that came by mail is taken by
    itself, as what lies in the supplier's folder is."""

    _inherit = "voip.supplier.file"

    _mailed_endings = (".csv", ".txt", ".xlsx", ".json", ".gz", ".pdf")
    _mailed_digest = "digest"
    _mailed_activity = "voip_supplier_audit.mail_activity_file"

    # === MAIL === #

    def _mailbox_named(self, values):
        agreements = self.env["voip.supplier.agreement"]
        return agreements.browse(values.get("agreement_id"))._mailbox_current()

    def _mailed_values(self, mailbox, msg_dict):
        return {
            "agreement_id": mailbox.id,
            "state": "draft",
            "digest": sha256(str(msg_dict.get("message_id")).encode()).hexdigest(),
        }

    def _mailed_known(self, mailbox, values):
        return self._known(mailbox, values["digest"])

    def _take_mail(self, msg_dict, empty):
        """Keep the files of a mail that were not brought before."""
        files = list(self._mailed_files(msg_dict))
        room = self._mailed_room(self.agreement_id) + len(empty)
        number = _number_of(files)
        count, known = 0, self.browse()
        for name, data in files:
            values = _file_values(name, data)
            before = self._known(self.agreement_id, values["digest"])
            known |= before
            if before or count == room:
                continue
            if values["kind"] == PDF or not values["number"]:
                values["number"] = number or values["number"]
            others = self._of_another(self.agreement_id, name, values["digest"])
            values["message"] = others
            (empty or self._like())._keep_mailed(values)
            empty, count = self.browse(), count + 1
        if empty or not files:
            self._keep_mailed({"message": self._none_text(known)})
        elif len(files) - len(known) > count:
            self._mailed_waiting(self.agreement_id)[:1]._refuse_more(msg_dict)
        self._tell_of_mail(msg_dict.get("email_from"), count)

    def _like(self):
        """One more file of the same mail."""
        return self.create(
            {
                "agreement_id": self.agreement_id._mailbox_current().id,
                "sender": self.sender,
                "state": "draft",
                "name": self.name,
                "digest": sha256(
                    f"{self.digest} {fields.Datetime.now()}".encode()
                ).hexdigest(),
            }
        )

    def _none_text(self, known):
        if known:
            return self.env._(
                "All files of the mail were brought before, first %(file)s.",
                file=known[:1].name,
            )
        return self.env._(
            "The mail has no file that is taken (%(kinds)s): ask for one.",
            kinds=", ".join(self._mailed_endings),
        )

    # === HOOKS === #

    def _mailbox(self):
        return self.agreement_id

    def _mailbox_domain(self, mailbox):
        return [
            ("company_id", "=", mailbox.company_id.id),
            ("partner_id", "=", mailbox.partner_id.id),
        ]

    def _mailed_note(self, sender, count):
        return self.env._(
            "%(sender)s sent %(count)s files for %(supplier)s: look at them and take"
            " them.",
            sender=sender,
            count=count,
            supplier=self.partner_id.display_name,
        )

    def _mailed_full(self):
        text = self.env._(
            "%(count)s files of %(supplier)s wait already, so further ones by mail are"
            " not taken. Take or delete those that wait, and have them sent again.",
            count=self._mailed_limit,
            supplier=self.partner_id.display_name,
        )
        answer = self.env._(
            "Your invoice was not taken: %(count)s files of yours wait to be looked at."
            " Please send it again later.",
            count=self._mailed_limit,
        )
        return text, answer


def _number_of(files):
    """The invoice that a mail is about, where its sheets name one; a PDF is called
    anything."""
    said = [named(name) for name, _data in files]
    numbers = {what.number for what in said if what and what.kind != PDF}
    return numbers.pop() if len(numbers) == 1 else False
