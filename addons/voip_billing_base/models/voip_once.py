"""Dialogs that do their work once, whatever is sent again."""

from odoo import models
from odoo.exceptions import UserError


class VoipOnce(models.AbstractModel):
    """A dialog whose work is done keeps what was asked for.

    The same click again, as after an answer that was lost, shows what the first one
    made. Other terms than those of the first one are refused: an answer that looks like
    success would hide that they were not carried out.
    """

    _name = "voip.once"
    _description = "Done Once"

    def write(self, vals):
        if vals and not self.env.su:
            for dialog in self.sudo():
                dialog._refuse_done()
        return super().write(vals)

    def _refuse_done(self):
        """:raises UserError: the dialog has done its work; says what was made"""
        if made := self._made():
            raise UserError(
                self.env._(
                    "This dialog has done its work already: %s. Nothing more was done"
                    " now. Close it, look at what was made, and open it again for"
                    " anything else.",
                    made,
                )
            )

    def _made(self):
        """What the dialog made, in words; False while it has done nothing."""
        return False

    def _made_payments(self, payments):
        """Words for ``payments``, or False for none."""
        return ", ".join(
            f"{payment.display_name} ({payment.currency_id.format(payment.amount)})"
            for payment in payments
        ) or False
