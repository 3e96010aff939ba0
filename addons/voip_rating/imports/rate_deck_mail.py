"""A supplier's deck has an address of its own, to which he sends his notices."""

from odoo import fields, models
from odoo.exceptions import UserError


class VoipRateDeck(models.Model):
    _name = "voip.rate.deck"
    _inherit = ["voip.rate.deck", "voip.mailbox"]

    _mailbox_receiver = "voip.rate.import"

    mail_name = fields.Char(
        string="Sheets by Mail",
        help="The part before the @. A sheet sent there becomes an import, which"
        " waits for its preview.",
    )

    # === BUSINESS METHODS === #

    def _mailbox_defaults(self):
        return {"deck_id": self.id}

    def _refuse_mailbox(self):
        if self.side != "supplier":
            raise UserError(
                self.env._("Sheets by Mail: only a supplier's deck has an address.")
            )
