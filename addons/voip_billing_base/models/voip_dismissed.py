"""What needs no price is closed by staff, who say why."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..notice import notice


class VoipDismissed(models.AbstractModel):
    """Records in error that may be closed without a charge; the audit trail keeps it.

    The model has a ``state`` with the value ``dismissed``, and a company.
    """

    _name = "voip.dismissed"
    _inherit = ["voip.guard"]
    _description = "Dismissed With a Reason"

    # The state from which they are dismissed, and the event of the audit trail.
    _dismissed_from = "error"
    _dismissed_audit = None

    note = fields.Char(help="Why it was dismissed.")

    # === ACTION METHODS === #

    def action_dismiss(self):
        """Close errors that need no price; the note says why. Nothing is charged.

        :raises UserError: one has no note
        """
        self.check_access("write")
        if any(not (one.note or "").strip() for one in self):
            raise UserError(self.env._("Write in the note why it is dismissed."))
        dismissed = self.filtered(lambda one: one.state == self._dismissed_from)
        dismissed.sudo().write({"state": "dismissed"})
        for one in dismissed:
            self.env["voip.audit"]._log(
                self._dismissed_audit,
                one,
                {**one._dismissed_about(), "note": one.note},
                company=one.company_id,
            )
        return notice(self.env._("%s dismissed.", len(dismissed)))

    # === BUSINESS METHODS === #

    def _dismissed_about(self):
        """What the audit trail calls the record: {word: text}."""
        raise NotImplementedError
