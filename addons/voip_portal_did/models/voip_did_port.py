"""Orders of porting in that a customer follows and corrects."""

from markupsafe import escape

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_did.porting.voip_did_port import OPEN

# What a customer corrects: how many characters at most.
CORRECTED = {"carrier": 120, "holder": 200, "customer_number": 60}
LONGEST = 2000


class VoipDidPort(models.Model):
    _inherit = "voip.did.port"

    account_id = fields.Many2one(
        "voip.account",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Whose numbers come in: his contacts follow the order in their portal.",
    )
    holder = fields.Char(
        tracking=True, help="How the other carrier calls the holder of the numbers."
    )
    customer_number = fields.Char(
        string="Customer Number", tracking=True, help="At the other carrier."
    )
    to_correct = fields.Text(
        copy=False,
        tracking=True,
        help="What is wrong: the customer reads it. His correction empties it.",
    )
    reason = fields.Text(
        help="Why it was refused or cancelled. The account's contacts read it."
    )

    # === BUSINESS METHODS === #

    def _portal_correct(self, given, note):
        """Keep what a customer corrected; his right was checked.

        :param given: {name of :data:`CORRECTED`: text}
        :param note: what he says besides
        :raises UserError: nothing is asked of him, or a text is too long
        """
        self.ensure_one()
        # Written, not only locked: it is corrected once.
        self.env.cr.execute(
            "UPDATE voip_did_port SET write_uid = write_uid WHERE id = %s", [self.id]
        )
        self.invalidate_recordset(["to_correct", "state"], flush=False)
        if self.state not in OPEN or not self.to_correct:
            raise UserError(self.env._("Nothing is left to correct."))
        if len(note) > LONGEST or any(
            len(given[name]) > most for name, most in CORRECTED.items()
        ):
            raise UserError(self.env._("One of the texts is too long."))
        asked = self.to_correct
        self.write({**given, "to_correct": False})
        author = self.env.user.partner_id
        said = self.env._("Corrected by %s.", author.display_name)
        body = "\n".join(filter(None, [said, note]))
        self.message_post(body=body, author_id=author.id)
        self._portal_tell_staff(asked)

    def _portal_tell_staff(self, asked):
        """A task for who wrote the order, or for the managers of billing."""
        user = self.create_uid
        if not (user.active and user._is_internal()):
            user = self.company_id._billing_managers()
        for one in user:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The customer corrected the porting"),
                note=escape(asked),
                user_id=one.id,
            )
