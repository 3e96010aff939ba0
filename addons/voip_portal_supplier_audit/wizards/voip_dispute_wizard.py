from odoo import models
from odoo.exceptions import UserError


class VoipDisputeWizard(models.TransientModel):
    _inherit = "voip.dispute.wizard"

    def _disputed_already(self, other):
        """A customer is not told who of the staff opened it, nor to decide it."""
        if not self.env.user.share:
            return super()._disputed_already(other)
        return UserError(
            self.env._(
                "“%s” is about the same already: write there what you have to add.",
                other.reason,
            )
        )
